# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task gives goes before the environment, also across options."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.environment import (
    environment_secrets,
    with_environment,
    with_overrides,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.options import CONNECTION

AGENT_A: dict[str, t.Any] = {"host": "192.0.2.1", "port": 2886}
SOCKET_B = {"OBSHELL_SOCKET": "/run/b.sock"}
TLS = {"OBSHELL_USE_TLS": "true", "OBSHELL_CA_PATH": "/b.pem", "OBSHELL_CLIENT_CERT": "/b.crt"}


@pytest.fixture(autouse=True)
def fixture_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CONNECTION:
        monkeypatch.delenv(f"OBSHELL_{name.upper()}", raising=False)


def complete(monkeypatch: pytest.MonkeyPatch, given: dict[str, t.Any], **variables: str) -> dict[str, t.Any]:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    return with_environment({**dict.fromkeys(CONNECTION), **given})


def test_without_anything_there_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    params = complete(monkeypatch, {"id": "14"})
    known = {name: value for name, value in params.items() if value is not None}
    defaults = {
        "host": "127.0.0.1",
        "port": 2886,
        "use_tls": False,
        "use_proxy": True,
        "validate_certs": True,
        "timeout": 30.0,
    }
    assert known == {"id": "14", **defaults}


def test_the_environment_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"OBSHELL_PORT": "2887", "OBSHELL_VALIDATE_CERTS": "no", "OBSHELL_TIMEOUT": "1.5", "OBSHELL_HOST": ""}
    params = complete(monkeypatch, {}, **variables)
    assert [params[name] for name in ("port", "validate_certs", "timeout", "host")] == [2887, False, 1.5, "127.0.0.1"]


@pytest.mark.parametrize(("name", "text"), [("PORT", "x"), ("USE_TLS", "perhaps"), ("TIMEOUT", "soon")])
def test_an_invalid_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=f"^OBSHELL_{name}: "):
        complete(monkeypatch, {}, **{f"OBSHELL_{name}": text})


@pytest.mark.parametrize(
    ("given", "variables", "expected"),
    [
        (AGENT_A, SOCKET_B, {"socket": None, "host": "192.0.2.1"}),
        ({"port": 2887}, SOCKET_B, {"socket": None, "port": 2887}),
        ({"use_tls": True}, SOCKET_B, {"socket": None, "use_tls": True}),
        ({"password": "a"}, SOCKET_B, {"socket": "/run/b.sock", "password": "a"}),
        ({"socket": "/run/a.sock"}, {"OBSHELL_HOST": "192.0.2.2", **TLS}, {"host": "127.0.0.1", "use_tls": False}),
        ({"use_tls": False}, TLS, {"use_tls": False, "ca_path": None, "client_cert": None}),
        (AGENT_A, TLS, {"use_tls": True, "ca_path": "/b.pem"}),
        ({"ca_path": "/a.pem"}, TLS, {"use_tls": True, "ca_path": "/a.pem"}),
        ({"client_cert": "/a.crt"}, {"OBSHELL_CLIENT_KEY": "/b.key"}, {"client_key": None}),
        ({"client_key": "/a.key"}, TLS, {"client_cert": None}),
        ({"password": "a"}, {"OBSHELL_AGENT_PASSWORD": "b"}, {"agent_password": None}),
        ({"agent_password": "a"}, {"OBSHELL_PASSWORD": "b"}, {"password": None}),
        ({"password": ""}, {"OBSHELL_AGENT_PASSWORD": "b"}, {"password": "", "agent_password": None}),
        ({}, {"OBSHELL_PASSWORD": "a", "OBSHELL_AGENT_PASSWORD": "b"}, {"password": "a", "agent_password": "b"}),
    ],
)
def test_what_the_task_gives_goes_first(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, t.Any], variables: dict[str, str], expected: dict[str, t.Any]
) -> None:
    params = complete(monkeypatch, given, **variables)
    assert {name: params[name] for name in expected} == expected


@pytest.mark.parametrize("other", [{"host": "192.0.2.1"}, {"port": 2886}, {"use_tls": True}])
def test_a_conflict_within_one_level_is_refused(monkeypatch: pytest.MonkeyPatch, other: dict[str, t.Any]) -> None:
    (name,) = other
    with pytest.raises(InvalidInput, match=f"^socket and {name} are two ways"):
        complete(monkeypatch, {"socket": "/run/a.sock", **other})
    with pytest.raises(InvalidInput, match=f"^OBSHELL_SOCKET and OBSHELL_{name.upper()} are"):
        complete(monkeypatch, {}, **SOCKET_B, **{f"OBSHELL_{name.upper()}": str(*other.values())})


def test_passwords_of_the_environment_are_secrets_also_if_they_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    complete(monkeypatch, {"password": "a"}, OBSHELL_PASSWORD="b", OBSHELL_AGENT_PASSWORD="c")
    assert environment_secrets() == ["b", "c"]


@pytest.mark.parametrize(
    ("defaults", "own", "expected"),
    [
        ({"port": 2887}, {"host": "db1", "port": None}, {"host": "db1", "port": 2887}),
        ({"socket": "/run/b.sock"}, {"host": "db1"}, {"host": "db1", "socket": None}),
        ({"password": "a", "agent_password": "b"}, {"password": "c"}, {"password": "c", "agent_password": None}),
        ({"password": "a"}, {"password": "c", "agent_password": "d"}, {"password": "c", "agent_password": "d"}),
        ({"client_cert": "a", "client_key": "b"}, {"client_cert": "c"}, {"client_cert": "c", "client_key": None}),
        (
            {"use_tls": True, "ca_path": "a", "validate_certs": False},
            {"use_tls": False},
            {"use_tls": False, "ca_path": None, "validate_certs": True},
        ),
    ],
)
def test_options_of_one_agent_take_the_place_of_those_of_the_task(
    defaults: dict[str, t.Any], own: dict[str, t.Any], expected: dict[str, t.Any]
) -> None:
    params = {**with_environment(dict.fromkeys(CONNECTION)), **defaults}
    assert with_overrides(params, own) == {**params, **expected}
