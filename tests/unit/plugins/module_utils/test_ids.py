# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generic IDs."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address, GenericId

V6 = 0x20010DB8000000000000000000000001


@pytest.mark.parametrize(
    ("text", "kind", "agent", "number"),
    [
        ("14", "cluster", None, 4),
        ("22130706433028869", "agent", ("127.0.0.1", 2886), 9),
        (f"3{V6:039d}028869", "agent", ("2001:db8::1", 2886), 9),
        ("42130706433029621", "obproxy", ("127.0.0.1", 2962), 1),
        (f"5{V6:039d}0288612", "obproxy", ("2001:db8::1", 2886), 12),
        ("1" + str(2**63 - 1), "cluster", None, 2**63 - 1),
    ],
)
def test_parse(text: str, kind: str, agent: tuple[str, int] | None, number: int) -> None:
    generic_id = GenericId.parse(text)
    assert generic_id == (text, kind, agent, number)
    assert generic_id.is_obproxy == (kind == "obproxy")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1",
        "4",
        "10",
        "01",
        "63",
        "1" + str(2**63),
        "1" + "9" * 5000,
        "2213070643302886",
        "22130706433028860",
        "22130706433000009",
        "22130706433999999",
        "29999999999028869",
        "20000000001028869",
        f"3{1:039d}028869",
        f"3{'9' * 39}028869",
        "22130706433028869 ",
        "22130706433028869\n",
        "-22130706433028869",
        "2213070643302886x",
        "１４",  # noqa: RUF001
        "²4",
        "22130706433028869/../../../agent",
        "22130706433028869?show_details=false",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="invalid DAG ID"):
        GenericId.parse(text)


@pytest.mark.parametrize(
    ("host", "text"),
    [("192.0.2.1", "192.0.2.1:2886"), ("db1.example", "db1.example:2886"), ("2001:db8::1", "[2001:db8::1]:2886")],
)
def test_an_address_is_written_with_its_port(host: str, text: str) -> None:
    assert str(Address(host, 2886)) == text


@pytest.mark.parametrize("text", ["192.0.2.1:2886", "[2001:db8::1]:2886"])
def test_an_address_is_read_as_it_is_written(text: str) -> None:
    assert str(Address.parse(text)) == text


def test_two_spellings_of_an_ipv6_address_are_one() -> None:
    written, normal = Address("2001:DB8:0::1", 1), Address("2001:db8::1", 1)
    assert written == normal and (written != normal) is False and {written} == {normal} and written in {normal}
    assert str(written) == "[2001:DB8:0::1]:1", "what is sent to an agent is spelt as the agent spells it"
    assert Address("db1.example", 1) == Address("db1.example", 1) != Address("db2.example", 1)
    assert normal != Address("2001:db8::1", 2) and normal == ("2001:db8::1", 1)


@pytest.mark.parametrize("text", ["2.2130706433423792e+16", "22130706433423792.0", "2213E10"])
def test_an_id_that_went_through_a_float_is_refused_with_why(text: str) -> None:
    with pytest.raises(InvalidInput, match="has lost digits of the DAG ID; give it as text"):
        GenericId.parse(text)
