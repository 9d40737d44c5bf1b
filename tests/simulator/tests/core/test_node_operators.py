# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PASS of one node, as agents of 4.5.0.0 answered it in the recordings of tenants, scale out, upgrades and seekdb."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Agent, AgentSpec, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.tests.dags import START, WORKDIR, node_of

CHECK, PROXY = "Check obproxy status", "Start obproxy"
EPOCH = "1970-01-01T00:00:00Z"


def operate_node(agent: Agent, node: dict[str, Any], operator: str = "PASS") -> tuple[int, Any]:
    """The status and the error."""
    status, envelope = agent.call("POST", f"/api/v1/task/node/{node['id']}", {"operator": operator})
    return status, envelope.get("error")


def failed_obproxy(simulator: Simulator) -> str:
    return simulator.add_obproxy(agent_password="secret", obstacle=Obstacle(node=PROXY))


def test_a_passed_node_is_skipped_and_the_dag_continues() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = failed_obproxy(simulator)
        before = node_of(agent, dag_id, PROXY)
        assert operate_node(agent, before, "pass") == (200, None)
        dag = agent.dag(dag_id)
        assert [dag[key] for key in ("state", "operator", "stage")] == ["READY", "RUN", 2]
        assert dag["start_time"] == dag["end_time"] == EPOCH
        node = node_of(agent, dag_id, PROXY)
        sub_task = node["sub_tasks"][0]
        assert {(one["state"], one["operator"]) for one in (node, sub_task)} == {("SUCCEED", "PASS")}
        assert node["start_time"] == before["start_time"] and node["end_time"] > before["end_time"]
        assert (sub_task["execute_times"], sub_task["task_logs"]) == (1, before["sub_tasks"][0]["task_logs"])
        simulator.tick()
        assert [agent.dag(dag_id)[key] for key in ("state", "stage")] == ["RUNNING", 2]
        simulator.tick()
        assert [agent.dag(dag_id)[key] for key in ("state", "stage")] == ["RUNNING", 3]
        simulator.run_to_end(dag_id)
        assert [agent.dag(dag_id)[key] for key in ("state", "operator", "stage")] == ["SUCCEED", "RUN", 4]


def test_what_is_refused_changes_nothing() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = failed_obproxy(simulator)
        before = agent.dag(dag_id)
        assert operate_node(agent, node_of(agent, dag_id, PROXY), "RETRY") == (
            400,
            {"errCode": "Task.Node.Operator.NotSupport", "message": "Operator RETRY is not supported"},
        )
        assert operate_node(agent, node_of(agent, dag_id, CHECK)) == (
            400,
            {
                "errCode": "Task.Node.Operator.PassNotFailedNode",
                "message": "Failed to pass node: node Check obproxy status is not failed",
            },
        )
        assert agent.dag(dag_id) == before
        assert operate_node(agent, {"id": f"{before['nodes'][0]['id']}9"})[0] == 404


def test_a_node_without_the_flag_and_a_finished_dag_are_refused() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=Obstacle(node=WORKDIR, times=1))
        node = node_of(agent, dag_id, WORKDIR)
        message = "Failed to pass node: node Create observer workdir cannot pass"
        assert operate_node(agent, node) == (
            400,
            {"errCode": "Task.Node.Operator.PassNotAllowed", "message": message},
        )
        agent.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "RETRY"})
        assert operate_node(agent, node) == (
            400,
            {
                "errCode": "Task.Node.Operator.PassNotFailedDag",
                "message": "Failed to pass node: assigned DAG is not failed",
            },
        )


@pytest.mark.parametrize(("version", "status"), [("4.3.0.0", 400), ("4.3.2.0", 200)])
def test_the_route_exists_since_4_3_2(version: str, status: int) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node=START))
        assert operate_node(simulator.agents[0], node_of(simulator.agents[0], dag_id, START))[0] == status


def test_a_follower_forwards_to_the_agent_that_the_id_names() -> None:
    with Simulator([AgentSpec()] * 3, speed=0) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node=START, agent=1))
        master, second, third = simulator.agents
        assert operate_node(third, node_of(master, dag_id, START)) == (200, None)
        of_second = second.dag(second.id_of(second.engine.dags[-1]))["nodes"][0]
        assert operate_node(third, of_second) == (200, None)
