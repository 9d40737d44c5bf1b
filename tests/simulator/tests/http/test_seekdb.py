# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the recording of an agent of seekdb does not show. It follows the agent's source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Agent, AgentSpec, Obstacle, Simulator

START, STOP = "Start seekdb", "Stop seekdb"


@pytest.fixture(name="simulator")
def fixture_simulator() -> Iterator[Simulator]:
    with Simulator([AgentSpec(seekdb=True), AgentSpec(seekdb=True)], speed=0) as simulator:
        yield simulator


def nodes_of(agent: Agent, dag_id: str) -> list[tuple[str, str, list[str]]]:
    """The name, the state and the log of each node."""
    nodes: list[dict[str, Any]] = agent.dag(dag_id)["nodes"]
    return [(node["name"], node["state"], node["sub_tasks"][0]["task_logs"]) for node in nodes]


def retry(simulator: Simulator, dag_id: str) -> str:
    """Retry a DAG to its end, and return its state."""
    agent = simulator.agents[0]
    assert agent.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "RETRY"})[0] == 200
    simulator.run_to_end(dag_id)
    return str(agent.dag(dag_id)["state"])


def test_a_stop_of_what_is_stopped_makes_no_dag(simulator: Simulator) -> None:
    agent = simulator.agents[0]
    simulator.operate_seekdb(action="stop")
    assert agent.call("POST", "/api/v1/seekdb/stop")[1].get("data") is None
    assert len(agent.engine.dags) == 1


def test_a_restart_of_what_is_stopped_can_never_be_retried(simulator: Simulator) -> None:
    simulator.operate_seekdb(action="stop")
    dag_id = simulator.operate_seekdb(action="restart", obstacle=Obstacle(node=START, times=1))
    assert [name for name, *_rest in nodes_of(simulator.agents[0], dag_id)] == [START]
    assert retry(simulator, dag_id) == "FAILED"
    log = nodes_of(simulator.agents[0], dag_id)[0][2]
    assert log[-1] == "ERROR: [Task.Param.NotSet]: Parameter 'observerPid' is not set"


def test_a_start_of_what_runs_can_be_retried(simulator: Simulator) -> None:
    dag_id = simulator.operate_seekdb(action="start", obstacle=Obstacle(node=START, times=1))
    assert nodes_of(simulator.agents[0], dag_id)[0][2][0] == "seekdb started."
    assert retry(simulator, dag_id) == "SUCCEED"
    assert simulator.agents[0].observer.running


def test_terminate_adds_a_minor_freeze(simulator: Simulator) -> None:
    agent = simulator.agents[0]
    for action, last in (("restart", [STOP, START]), ("stop", [STOP])):
        dag_id = simulator.operate_seekdb(action=action, terminate=True)
        names = [name for name, *_rest in nodes_of(agent, dag_id)]
        assert names == ["Minor freeze before stop server", *last]


def test_the_agents_do_not_know_each_other(simulator: Simulator) -> None:
    first, second = simulator.agents
    dag_id = simulator.operate_seekdb(action="restart")
    status, envelope = second.call("GET", f"/api/v1/task/dag/{dag_id}")
    assert (status, envelope["error"]) == (404, {"errCode": "Task.NotFound", "message": "Task not found"})
    assert first.call("GET", f"/api/v1/task/dag/{dag_id}")[0] == 200


def test_no_read_starts_a_storm(simulator: Simulator) -> None:
    """Each agent is alone; without its database, too, it asks no other one."""
    agent = simulator.agents[0]
    simulator.operate_seekdb(action="stop")
    for dag_id in ("199", agent.format_id("ob", 99)):
        assert agent.call("GET", f"/api/v1/task/dag/{dag_id}")[0] == 404
    assert simulator.storms == []
