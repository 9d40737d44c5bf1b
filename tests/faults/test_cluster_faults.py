# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_cluster through a wire that breaks at each of its requests that change something.

It comes to its end, or fails and the same task run again does; one initialisation is applied, and `changed` is true.
"""

from __future__ import annotations

import functools
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling as _pace
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import steps as _cluster_steps
from ansible_collections.oceanbase.obshell.tests.integration.clusters import cluster, declared, state
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Simulator

from ._faults import FAULTS
from ._patience import REQUEST, WAIT, be_patient
from ._wire import Exchange, Fault, Refused, Wire

pytestmark = pytest.mark.slow

SPEED = 400
# Not those that befall no request, or need another DAG to be about.
NAMES = sorted(set(FAULTS) - {"refuse", "dag_gone", "answer_to_another"})
ROUTES = ["agent/join", "observer/config", "obcluster/config", "ob/init"]


@pytest.fixture(autouse=True)
def fixture_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "LARGEST_ANSWER", 2**20)
    monkeypatch.setattr(_pace, "QUICKEST", 0.02)
    monkeypatch.setattr(_cluster_steps, "SETTLE_PAUSE", 0.02)
    be_patient(monkeypatch)


class Once:
    """A fault that befalls the first request of a route that changes something."""

    def __init__(self, fault: Fault, route: str) -> None:
        self.befell = False
        self._fault = fault
        self._route = route

    def __call__(self, exchange: Exchange) -> None:
        if self.befell or exchange.method == "GET" or not exchange.uri.endswith(self._route):
            exchange.pass_on()
        else:
            self.befell = True
            self._fault(exchange)


def bring(simulator: Simulator, port: int, **options: t.Any) -> dict[str, t.Any]:
    first, second = declared(simulator)["servers"]
    servers = [{**first, "port": port}, second]
    return cluster(simulator, servers=servers, timeout=REQUEST, wait_timeout=WAIT, wait_interval=0.1, **options)


def applied(simulator: Simulator) -> list[str]:
    return [entry.uri for entry in simulator.journal.entries if entry.method != "GET" and entry.applied]


@functools.lru_cache
def expected(version: str) -> list[tuple[t.Any, ...]]:
    """What one run leads to over a whole wire."""
    with Simulator([AgentSpec(version=version) for _agent in range(2)], speed=SPEED) as simulator:
        assert not cluster(simulator, wait_timeout=WAIT).get("failed")
        return state(simulator)


@pytest.mark.parametrize("name", ["reset_after", "error_502_after", "error_502_enveloped_after"])
def test_a_removal_that_was_applied_is_a_change_whatever_was_answered(name: str) -> None:
    fault = FAULTS[name].fault
    assert not isinstance(fault, Refused)
    with Simulator([AgentSpec() for _agent in range(2)], speed=SPEED) as simulator:
        assert not cluster(simulator, state="configured").get("failed")
        with Wire(simulator.agents[0], dict.fromkeys(range(2000), Once(fault, "/agent"))) as wire:
            result = bring(simulator, wire.port, state="absent")
        assert not result.get("failed"), result["msg"]
        assert [agent.identity for agent in simulator.agents] == ["SINGLE"] * 2
        assert (result["changed"], len(result["steps"])) == (True, 1)


@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
def test_what_another_takes_apart_between_two_reads_is_read_again(version: str) -> None:
    with Simulator([AgentSpec(version=version) for _agent in range(2)], speed=SPEED) as simulator:
        assert not cluster(simulator, state="configured").get("failed")
        master = simulator.agents[0]
        begun: list[str] = []

        def take_apart(exchange: Exchange) -> None:
            if exchange.uri.endswith("/ob/info") and not begun:
                begun.append(master.call("DELETE", "/api/v1/agent", master.location.as_dict())[1]["data"]["id"])
                simulator.run_to_end(begun[0])
            exchange.pass_on()

        with Wire(master, dict.fromkeys(range(2000), take_apart)) as wire:
            result = bring(simulator, wire.port, state="absent")
        assert begun and not result.get("failed"), result["msg"]
        assert result["changed"] is False
        assert [agent.identity for agent in simulator.agents] == ["SINGLE"] * 2


def test_a_refusal_tells_of_a_step_that_nobody_knows_about() -> None:
    fault = FAULTS["error_502_after"].fault
    assert not isinstance(fault, Refused)
    with Simulator([AgentSpec() for _agent in range(2)], speed=SPEED) as simulator:

        def befall(exchange: Exchange) -> None:
            fault(exchange)
            simulator.agents[1].zone = "zone9"

        with Wire(simulator.agents[0], dict.fromkeys(range(2000), Once(befall, "observer/config"))) as wire:
            result = bring(simulator, wire.port)
    assert result["failed"] and "has joined zone9" in result["msg"]
    assert "whether this was done is not known: set the options of all observers" in result["msg"]


@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_at_a_change(name: str, route: str, version: str) -> None:
    fault = FAULTS[name].fault
    assert not isinstance(fault, Refused)
    once = Once(fault, route)
    specs = [AgentSpec(version=version) for _agent in range(2)]
    with Simulator(specs, speed=SPEED) as simulator:
        master = simulator.agents[0]
        with Wire(master, dict.fromkeys(range(2000), once)) as wire:
            result = bring(simulator, wire.port)
        assert once.befell
        while master.down:
            time.sleep(0.01)
        master.clock.offset = 0.0
        seen = applied(simulator)
        assert not result["changed"] or seen, result["msg"]
        if result.get("failed"):
            assert "unexpected" not in result["msg"].split(":")[0], result["msg"]
            with Wire(master) as wire:
                again = bring(simulator, wire.port)
            assert not again.get("failed"), (result["msg"], again["msg"])
            seen += applied(simulator)
        else:
            assert result["changed"]
        assert sum(uri.endswith("ob/init") for uri in seen) == 1
        assert state(simulator) == expected(version)


@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
@pytest.mark.parametrize("route", ["observer/config", "obcluster/config", "ob/init"])
def test_who_is_kept_out_by_a_dag_that_then_ends_comes_in_after_it(route: str, version: str) -> None:
    """As where two runs are at work at once, and one of them is slow to look why it was refused."""
    with Simulator([AgentSpec(version=version) for _agent in range(2)], speed=SPEED) as simulator:
        master = simulator.agents[0]

        def lock(exchange: Exchange) -> None:
            held = Delay(node="Update observer config", ticks=FOREVER)
            simulator.delays.append(held)
            config = {"memory_limit": "6G", "enable_syslog_wf": "false"}
            body = {"observerConfig": config, "scope": {"type": "GLOBAL"}}
            dag_id = master.call("PUT", "/api/v1/observer/config", body)[1]["data"]["id"]
            answer = exchange.ask()
            assert b" is under maintenance" in answer
            held.ticks = 0
            simulator.run_to_end(dag_id)
            exchange.send(answer)

        once = Once(lock, route)
        with Wire(master, dict.fromkeys(range(2000), once)) as wire:
            result = bring(simulator, wire.port)
        assert once.befell and not result.get("failed"), result["msg"]
        assert state(simulator) == expected(version)
