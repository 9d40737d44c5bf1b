# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_cluster with each fault at each request that changes something.

The task succeeds, or it fails and succeeds when it runs again. One initialisation is applied, and `changed` is true.
"""

from __future__ import annotations

import functools
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import reconcile
from ansible_collections.oceanbase.obshell.tests.integration.clusters import cluster, declared, state
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Simulator

from .client_timeouts import REQUEST_TIMEOUT, WAIT_TIMEOUT, end_hanging_requests
from .exchange import Exchange
from .outcomes import FAULTS, fault_of_request
from .proxy import Fault, FaultyProxy

pytestmark = pytest.mark.slow

SPEED = 400
# Without the faults that disturb no request, or need a DAG.
NAMES = sorted(set(FAULTS) - {"refuse_connections", "dag_deleted", "answer_about_another_dag"})
ROUTES = ["agent/join", "observer/config", "obcluster/config", "ob/init"]


@pytest.fixture(autouse=True)
def fixture_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE", 2**20)
    monkeypatch.setattr(_polling, "MIN_PAUSE", 0.02)
    monkeypatch.setattr(reconcile, "AWAIT_PAUSE", 0.02)
    end_hanging_requests(monkeypatch)


class Once:
    """A fault at the first request of a route that changes something. `happened` tells whether there was one."""

    def __init__(self, fault: Fault, route: str) -> None:
        self.happened = False
        self._fault = fault
        self._route = route

    def __call__(self, exchange: Exchange) -> None:
        if self.happened or exchange.method == "GET" or not exchange.uri.endswith(self._route):
            exchange.pass_through()
        else:
            self.happened = True
            self._fault(exchange)


def run_cluster(simulator: Simulator, port: int, **options: t.Any) -> dict[str, t.Any]:
    first, second = declared(simulator)["servers"]
    servers = [{**first, "port": port}, second]
    return cluster(
        simulator, servers=servers, timeout=REQUEST_TIMEOUT, wait_timeout=WAIT_TIMEOUT, wait_interval=0.1, **options
    )


def applied(simulator: Simulator) -> list[str]:
    return [entry.uri for entry in simulator.journal.entries if entry.method != "GET" and entry.applied]


@functools.lru_cache
def expected(version: str) -> list[tuple[t.Any, ...]]:
    """The state after one run without a fault."""
    with Simulator([AgentSpec(version=version) for _agent in range(2)], speed=SPEED) as simulator:
        assert not cluster(simulator, wait_timeout=WAIT_TIMEOUT).get("failed")
        return state(simulator)


@pytest.mark.parametrize("name", ["reset_after", "error_502_after", "error_502_enveloped_after"])
def test_an_applied_removal_is_a_change_whatever_the_answer(name: str) -> None:
    with Simulator([AgentSpec() for _agent in range(2)], speed=SPEED) as simulator:
        assert not cluster(simulator, state="configured").get("failed")
        once = Once(fault_of_request(name), "/agent")
        with FaultyProxy(simulator.agents[0], dict.fromkeys(range(2000), once)) as proxy:
            result = run_cluster(simulator, proxy.port, state="absent")
        assert not result.get("failed"), result["msg"]
        assert [agent.identity for agent in simulator.agents] == ["SINGLE"] * 2
        assert (result["changed"], len(result["steps"])) == (True, 1)


@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
def test_a_cluster_that_is_removed_between_two_reads_is_read_again(version: str) -> None:
    with Simulator([AgentSpec(version=version) for _agent in range(2)], speed=SPEED) as simulator:
        assert not cluster(simulator, state="configured").get("failed")
        master = simulator.agents[0]
        removals: list[str] = []

        def remove_cluster(exchange: Exchange) -> None:
            if exchange.uri.endswith("/ob/info") and not removals:
                removals.append(master.call("DELETE", "/api/v1/agent", master.location.as_dict())[1]["data"]["id"])
                simulator.run_to_end(removals[0])
            exchange.pass_through()

        with FaultyProxy(master, dict.fromkeys(range(2000), remove_cluster)) as proxy:
            result = run_cluster(simulator, proxy.port, state="absent")
        assert removals and not result.get("failed"), result["msg"]
        assert result["changed"] is False
        assert [agent.identity for agent in simulator.agents] == ["SINGLE"] * 2


def test_a_refusal_mentions_a_step_with_an_unknown_outcome() -> None:
    fault = fault_of_request("error_502_after")
    with Simulator([AgentSpec() for _agent in range(2)], speed=SPEED) as simulator:

        def lose_answer_and_change_zone(exchange: Exchange) -> None:
            fault(exchange)
            simulator.agents[1].zone = "zone9"

        once = Once(lose_answer_and_change_zone, "observer/config")
        with FaultyProxy(simulator.agents[0], dict.fromkeys(range(2000), once)) as proxy:
            result = run_cluster(simulator, proxy.port)
    assert result["failed"] and "has joined zone9" in result["msg"]
    assert "it is unknown whether this was done: set the options of all observers" in result["msg"]


@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", NAMES)
def test_a_fault_at_a_change(name: str, route: str, version: str) -> None:
    once = Once(fault_of_request(name), route)
    specs = [AgentSpec(version=version) for _agent in range(2)]
    with Simulator(specs, speed=SPEED) as simulator:
        master = simulator.agents[0]
        with FaultyProxy(master, dict.fromkeys(range(2000), once)) as proxy:
            result = run_cluster(simulator, proxy.port)
        assert once.happened
        while master.down:
            time.sleep(0.01)
        master.clock.offset = 0.0
        uris = applied(simulator)
        assert not result["changed"] or uris, result["msg"]
        if result.get("failed"):
            assert "unexpected" not in result["msg"].split(":")[0], result["msg"]
            with FaultyProxy(master) as proxy:
                again = run_cluster(simulator, proxy.port)
            assert not again.get("failed"), (result["msg"], again["msg"])
            uris += applied(simulator)
        else:
            assert result["changed"]
        assert sum(uri.endswith("ob/init") for uri in uris) == 1
        assert state(simulator) == expected(version)


# Before 4.2.6 a running DAG does not refuse another one.
@pytest.mark.parametrize("version", ["4.2.6.0", "4.5.0.0"])
@pytest.mark.parametrize("route", ["observer/config", "obcluster/config", "ob/init"])
def test_a_request_refused_because_of_a_dag_is_repeated_after_its_end(route: str, version: str) -> None:
    """The DAG of another client ends before the task reads why its request was refused."""
    with Simulator([AgentSpec(version=version) for _agent in range(2)], speed=SPEED) as simulator:
        master = simulator.agents[0]

        def lock(exchange: Exchange) -> None:
            delay = Delay(node="Update observer config", ticks=FOREVER)
            simulator.delays.append(delay)
            config = {"memory_limit": "6G", "enable_syslog_wf": "false"}
            body = {"observerConfig": config, "scope": {"type": "GLOBAL"}}
            dag_id = master.call("PUT", "/api/v1/observer/config", body)[1]["data"]["id"]
            answer = exchange.ask_agent()
            assert answer.startswith(b"HTTP/1.1 500 ")
            delay.ticks = 0
            simulator.run_to_end(dag_id)
            exchange.send(answer)

        once = Once(lock, route)
        with FaultyProxy(master, dict.fromkeys(range(2000), once)) as proxy:
            result = run_cluster(simulator, proxy.port)
        assert once.happened and not result.get("failed"), result["msg"]
        assert state(simulator) == expected(version)
