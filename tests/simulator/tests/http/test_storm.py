# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads after which the agents of a cluster ask each other without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator, StormError
from ansible_collections.oceanbase.obshell.tests.simulator.core.storm import STORM_TICKS
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import Header, send
from ansible_collections.oceanbase.obshell.tests.simulator.tests.client import ROOT, UNFINISHED, get

OLD, VERSIONS = ["4.2.3.0", "4.2.5.0"], ["4.2.6.0", "4.3.0.0", "4.3.2.0", "4.4.2.0", "4.5.0.0"]


def cluster(version: str = "4.5.0.0", *, agents: int = 2) -> Simulator:
    return Simulator([AgentSpec(version=version)] * agents, speed=0, allow_storms=True)


@pytest.fixture(name="simulator")
def fixture_simulator() -> Iterator[Simulator]:
    with cluster() as simulator:
        yield simulator


def fail(simulator: Simulator) -> str:
    return simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password="rpw")


def complete(simulator: Simulator, *, available: tuple[bool, ...]) -> str:
    dag_id = simulator.complete_init(root_password="rpw")
    for agent, is_available in zip(simulator.agents, available):
        agent.observer.running = is_available
    return dag_id


def storms_after(simulator: Simulator, uri: str, *, via: int = 0, method: str = "GET") -> int:
    """The storms that a request starts."""
    agent = simulator.agents[via]
    body = {"operator": "RETRY"} if method == "POST" else None
    send(agent.host, agent.port, method, uri, body=body, header=Header(ROOT, "rpw"))
    return len(simulator.storms)


@pytest.mark.parametrize("version", [*OLD, *VERSIONS])
@pytest.mark.parametrize("agents", [2, 3])
@pytest.mark.parametrize("named", [0, 1])
def test_a_dag_that_does_not_exist(version: str, agents: int, named: int) -> None:
    for via in range(agents):
        with cluster(version, agents=agents) as simulator:
            fail(simulator)
            uri = f"/api/v1/task/dag/{simulator.agents[named].format_id('ob', 99)}"
            assert storms_after(simulator, uri, via=via) == (version in VERSIONS)
            assert simulator.journal.entries[-1].status == 404
            assert simulator.journal.entries[-1].storm == (version in VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_single_agent_and_a_cluster_of_one_are_safe(version: str) -> None:
    with cluster(version, agents=1) as simulator:
        agent = simulator.agents[0]
        assert storms_after(simulator, f"/api/v1/task/dag/{agent.format_id('ob', 99)}") == 0
        fail(simulator)
        for unknown in (agent.format_id("ob", 99), "14"):
            assert storms_after(simulator, f"/api/v1/task/dag/{unknown}") == 0


@pytest.mark.parametrize(
    ("available", "storms"), [((True, True), 0), ((False, True), 0), ((True, False), 0), ((False, False), 1)]
)
def test_a_cluster_dag(simulator: Simulator, available: tuple[bool, ...], storms: int) -> None:
    complete(simulator, available=available)
    assert storms_after(simulator, "/api/v1/task/dag/14") == storms


@pytest.mark.parametrize("named", [0, 1])
@pytest.mark.parametrize("available", [(True, False), (False, True)])
def test_the_database_of_the_agent_in_the_id_counts(
    simulator: Simulator, available: tuple[bool, ...], named: int
) -> None:
    complete(simulator, available=available)
    unknown = simulator.agents[named].format_id("ob", 99)
    assert storms_after(simulator, f"/api/v1/task/dag/{unknown}") == (not available[named])


def test_there_is_no_storm_if_no_other_agent_serves(simulator: Simulator) -> None:
    fail(simulator)
    simulator.agents[1].stop()
    assert storms_after(simulator, f"/api/v1/task/dag/{simulator.agents[0].format_id('ob', 99)}") == 0


SAFE: dict[str, Callable[[Simulator, str], tuple[str, str]]] = {
    "a DAG that exists": lambda _simulator, dag_id: ("GET", f"task/dag/{dag_id}"),
    "a DAG of a follower": lambda simulator, _id: ("GET", f"task/dag/{simulator.agents[1].format_id('ob', 1)}"),
    "a POST": lambda simulator, _id: ("POST", f"task/dag/{simulator.agents[0].format_id('ob', 99)}"),
    "a POST to a cluster DAG": lambda _simulator, _id: ("POST", "task/dag/14"),
    "a node": lambda simulator, _id: ("GET", f"task/node/{simulator.agents[0].format_id('ob', 999)}"),
    "a sub-task": lambda simulator, _id: ("GET", f"task/sub_task/{simulator.agents[0].format_id('ob', 999)}"),
    "another cluster's agent": lambda _simulator, _id: ("GET", "task/dag/23232235777028869"),
    **{
        route: lambda _simulator, _id, route=route: ("GET", route)  # type: ignore[misc]
        for route in ("status", "info", "task/dag/unfinish", "task/dag/maintain/agents", "task/dags/agent", "ob/info")
    },
}


@pytest.mark.parametrize("request_of", SAFE.values(), ids=SAFE)
def test_a_safe_request(simulator: Simulator, request_of: Callable[[Simulator, str], tuple[str, str]]) -> None:
    method, route = request_of(simulator, fail(simulator))
    assert storms_after(simulator, f"/api/v1/{route}", method=method) == 0


def error(answer: tuple[int, Any]) -> tuple[int, Any]:
    return answer[0], answer[1]["error"].get("errCode") or answer[1]["error"]["code"]


@pytest.mark.parametrize(("version", "code"), [("4.3.0.0", 1010), ("4.3.2.0", "Common.Unexpected")])
def test_after_a_storm_all_agents_of_the_cluster_are_out_of_files_for_a_while(version: str, code: Any) -> None:
    with cluster(version) as simulator:
        dag_id = fail(simulator)
        agent = simulator.agents[0]
        assert storms_after(simulator, f"/api/v1/task/dag/{agent.format_id('ob', 99)}") == 1
        uri = f"/api/v1/task/dag/{dag_id}"
        for member in simulator.agents:
            assert error(get(member, "rpw")) == (500, code)
            answer = send(agent.host, agent.port, "POST", uri, body={"operator": "RETRY"}, header=Header(ROOT, "rpw"))
            assert error(answer) == (500, code) and "too many open files" in answer[1]["error"]["message"]
        assert agent.dag(dag_id)["state"] == "FAILED"
        simulator.tick(STORM_TICKS - 1)
        assert get(agent, "rpw")[0] == 500
        simulator.tick()
        assert get(agent, "rpw")[0] == get(simulator.agents[1], "rpw", uri=UNFINISHED)[0] == 200
        assert len(simulator.storms) == 1


def test_a_test_that_starts_a_storm_fails() -> None:
    with pytest.raises(StormError, match=r"task/dag/14 at 127\.0\.0\.1"), Simulator([AgentSpec()] * 2) as simulator:
        fail(simulator)
        get(simulator.agents[0], "rpw", uri="/api/v1/task/dag/14")
