# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generic IDs are formatted and parsed as the agent does it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator.core.generic_id import Address, GenericId, MalformedId


@pytest.mark.parametrize(
    ("kind", "ip", "text"),
    [
        ("ob", "127.0.0.1", "22130706433028869"),
        ("obproxy", "127.0.0.1", "42130706433028869"),
        ("ob", "fd00::1", "3" + f"{0xFD << 120 | 1:039d}" + "028869"),
        ("cluster", "127.0.0.1", "19"),
    ],
)
def test_an_id(kind: Any, ip: str, text: str) -> None:
    assert str(GenericId(kind, Address(ip, 2886), 9)) == text
    assert GenericId.parse(text).number == 9
    assert GenericId.parse(text).kind == kind


@pytest.mark.parametrize("text", ["", "x", "4", "2213070643302886", "3" + "0" * 38 + "1028861", "2213070643302886x"])
def test_a_malformed_id(text: str) -> None:
    with pytest.raises(MalformedId):
        GenericId.parse(text)
