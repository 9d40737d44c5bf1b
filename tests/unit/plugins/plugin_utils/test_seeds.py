# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seeds of an inventory, each with its complete connection options."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._seeds import read_seeds


@pytest.mark.parametrize(
    ("seed", "host", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 2900),
        ("192.0.2.1:2887", "192.0.2.1", 2887),
        ("db1.example.com:2887", "db1.example.com", 2887),
        ("2001:db8::1", "2001:db8::1", 2900),
        ("[2001:db8::1]", "2001:db8::1", 2900),
        ("[2001:db8::1]:2887", "2001:db8::1", 2887),
        ({"host": "192.0.2.1"}, "192.0.2.1", 2900),
        ({"host": "192.0.2.1", "port": "2887"}, "192.0.2.1", 2887),
        ({"host": "[2001:db8::1]"}, "2001:db8::1", 2900),
    ],
)
def test_a_seed_is_a_host_with_or_without_a_port(seed: t.Any, host: str, port: int) -> None:
    assert list(read_seeds([seed], {"port": 2900})) == [(host, port)]


@pytest.mark.parametrize(
    ("seed", "why"),
    [
        ("no host", "is neither a host name nor an IP address"),
        ("192.0.2.1:99999", "between 1 and 65535"),
        ("", "is neither a host name nor an IP address"),
        ({"port": 2886}, "missing required arguments: host"),
        ({"host": "192.0.2.1", "passwort": "secret-1"}, "passwort"),
        ({"host": "192.0.2.1", "socket": "/run/obshell.sock"}, "socket"),
        ({"host": "192.0.2.1", "timeout": -1}, "timeout must be greater than 0"),
        ({"host": "192.0.2.1", "ca_path": "/ca.pem"}, "use_tls is not true"),
        ([{"host": "192.0.2.1", "password": "secret-1"}], "seeds contains a list, which is neither a text nor"),
        ("host=192.0.2.1 password=secret-1", "is neither a host name nor an IP address"),
        ("host=192.0.2.1,password=secret-1:99999", "between 1 and 65535"),
        ({"host": {"host": "192.0.2.1", "password": "secret-1"}}, "is neither a host name nor an IP address"),
        (None, "seeds"),
    ],
)
def test_a_wrong_seed_is_refused_without_its_secrets(seed: t.Any, why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_seeds([seed], {})
    assert why in caught.value.message and "secret-1" not in caught.value.message


def test_options_of_a_seed_go_before_those_of_the_inventory_and_these_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OBSHELL_PASSWORD", "of the environment")
    monkeypatch.setenv("OBSHELL_TIMEOUT", "7")
    monkeypatch.setenv("OBSHELL_SOCKET", "/run/obshell.sock")
    monkeypatch.setenv("OBSHELL_HOST", "198.51.100.1")
    (first, second), of_environment = (
        list(read_seeds(seeds, options).values())
        for seeds, options in (
            (["192.0.2.1", {"host": "192.0.2.2", "password": "own"}], {"password": "of the inventory"}),
            (["192.0.2.1"], {"password": None}),
        )
    )
    assert (first["password"], second["password"]) == ("of the inventory", "own")
    assert (first["timeout"], first["socket"], first["host"]) == (7.0, None, "192.0.2.1")
    assert of_environment[0]["password"] == "of the environment"


def test_options_of_the_inventory_get_their_types_also_from_a_template() -> None:
    seeds = read_seeds(["192.0.2.1"], {"password": 12345, "port": "2900", "use_tls": "yes"})
    params = next(iter(seeds.values()))
    assert (params["password"], params["port"], params["use_tls"]) == ("12345", 2900, True)
    with pytest.raises(InvalidInput, match="port"):
        read_seeds(["192.0.2.1"], {"port": "x"})


def test_a_seed_with_one_password_does_not_get_the_other_one_of_the_inventory() -> None:
    seeds = read_seeds([{"host": "192.0.2.1", "password": "own"}], {"agent_password": "of the inventory"})
    params = next(iter(seeds.values()))
    assert (params["password"], params["agent_password"]) == ("own", None)


@pytest.mark.parametrize("again", ["192.0.2.1:2886", {"host": "192.0.2.1", "password": "another"}])
def test_one_agent_cannot_be_two_seeds(again: t.Any) -> None:
    with pytest.raises(InvalidInput, match=r"192\.0\.2\.1:2886 a second time"):
        read_seeds(["192.0.2.1", again], {})
