# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From seeds to all members of their clusters: which agents are asked, and with which password."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._module import surveys
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._discovery import discover, names_members

from ..module_utils._operation.surveyed_agent import SurveyedAgent

Params = dict[str, t.Any]


class Network:
    """Agents by their host, and with which options each was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **agents: SurveyedAgent) -> None:
        self.agents = agents
        self.asked: dict[str, Params] = {}
        monkeypatch.setattr(surveys, "connect", self._connect)

    def _connect(self, params: Params, _trusts: t.Any) -> SurveyedAgent:
        self.asked[params["host"]] = params
        return self.agents.get(params["host"]) or SurveyedAgent(errors={"info": Unreachable("refused", sent=False)})


def seed(host: str, password: str = "own") -> dict[Address, Params]:
    return {Address(host, 2886): {"host": host, "port": 2886, "password": password, "timeout": 5.0}}


def named(*hosts: str, **agent: t.Any) -> SurveyedAgent:
    """An agent that names these members of its cluster."""
    found = SurveyedAgent(peers=(), **agent)
    found.peers = [{**found.own, "ip": host, "port": 2900} for host in hosts]
    return found


def test_members_are_asked_with_the_options_of_the_seed_that_named_them(monkeypatch: pytest.MonkeyPatch) -> None:
    agents = {"192.0.2.1": named("192.0.2.8"), "192.0.2.2": named("192.0.2.8", "2001:db8::9", number=2)}
    network = Network(monkeypatch, **agents)
    found = discover({**seed("192.0.2.1", "first"), **seed("192.0.2.2", "second")})
    assert list(found) == [
        *(Address("192.0.2.1", 2886), Address("192.0.2.2", 2886)),
        *(Address("192.0.2.8", 2900), Address("2001:db8::9", 2900)),
    ]
    assert [names_members(one) for one in found.values()] == [True, True, False, False]
    assert {host: (params["port"], params["password"]) for host, params in network.asked.items()} == {
        "192.0.2.1": (2886, "first"),
        "192.0.2.2": (2886, "second"),
        "192.0.2.8": (2900, "first"),
        "2001:db8::9": (2900, "second"),
    }


def test_all_requests_to_an_agent_take_no_longer_than_one_may(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, **{"192.0.2.1": named("192.0.2.8")})
    discover(seed("192.0.2.1"))
    assert [(params["timeout"], params["wait_timeout"]) for params in network.asked.values()] == [(5.0, 0.0)] * 2


@pytest.mark.parametrize("member", ["127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "localhost", "db1", ""])
@pytest.mark.parametrize("host", ["192.0.2.1", "db2"])
def test_no_password_goes_where_a_seed_cannot_mean(monkeypatch: pytest.MonkeyPatch, host: str, member: str) -> None:
    """A loopback address leads a seed to itself, and from here to another machine."""
    network = Network(monkeypatch, **{host: named(member)})
    discover(seed(host))
    assert list(network.asked) == [host]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_agents_on_this_machine_are_members_of_each_other(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    network = Network(monkeypatch, **{host: named("127.0.0.2")})
    discover(seed(host))
    assert list(network.asked) == [host, "127.0.0.2"]


def test_an_agent_of_seekdb_names_all_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    Network(monkeypatch, **{"192.0.2.1": SurveyedAgent(type="seekdb")})
    (found,) = discover(seed("192.0.2.1")).values()
    assert names_members(found)
