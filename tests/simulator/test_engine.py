# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agents accept though it harms, and who keeps whom out: beyond what was recorded."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Agent, AgentSpec, Obstacle, Pace, Simulator

WORKDIR, START, BOOTSTRAP = "Create observer workdir", "Start observer", "Cluster boostrap"
VERSIONS = pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])


def operate(agent: Agent, dag_id: str, operator: str) -> tuple[int, Any]:
    status, envelope = agent.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": operator})
    return status, envelope.get("error")


def ended(agent: Agent, dag_id: str) -> tuple[str, str]:
    agent.simulator.run_to_end(dag_id)
    dag = agent.dag(dag_id)
    return dag["state"], dag["operator"]


def node(agent: Agent, dag_id: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in agent.dag(dag_id)["nodes"] if node["name"] == name)
    return found


@VERSIONS
def test_cancel_of_a_rollback_runs_forward(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as sim:
        agent = sim.agents[0]
        dag_id = sim.fail_init(obstacle=Obstacle(node=BOOTSTRAP, times=1))
        assert operate(agent, dag_id, "ROLLBACK") == (200, None)
        sim.tick()
        assert operate(agent, dag_id, "CANCEL") == (200, None)
        assert ended(agent, dag_id)[1] == "CANCEL"
        # The stage that was being rolled back is undone, and the one after it ran.
        assert node(agent, dag_id, BOOTSTRAP)["operator"] == "ROLLBACK"
        assert node(agent, dag_id, "Migrate table")["sub_tasks"][0]["execute_times"] == 1
        assert node(agent, dag_id, "Integrate config")["operator"] == "CANCEL"


def test_after_a_cancelled_rollback_nothing_can_be_rolled_back() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        dag_id = sim.fail_init(obstacle=Obstacle(node=START, times=1))
        operate(agent, dag_id, "ROLLBACK")
        sim.tick()
        operate(agent, dag_id, "CANCEL")
        assert ended(agent, dag_id) == ("FAILED", "CANCEL")
        assert agent.under_maintenance()
        status, error = operate(agent, dag_id, "ROLLBACK")
        assert (status, error["errCode"]) == (500, "Common.Unexpected")


@VERSIONS
def test_retry_after_a_failed_rollback_skips_what_was_rolled_back(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as sim:
        agent = sim.agents[0]
        dag_id = sim.fail_init(obstacle=Obstacle(node=BOOTSTRAP))
        sim.obstacles[:] = [Obstacle(node=WORKDIR, operator="ROLLBACK", times=1)]
        operate(agent, dag_id, "ROLLBACK")
        assert ended(agent, dag_id) == ("FAILED", "ROLLBACK")
        assert operate(agent, dag_id, "PASS")[0] in (400, 500)
        assert operate(agent, dag_id, "RETRY") == (200, None)
        # The observer was stopped and is not started again, so the database is not there.
        assert ended(agent, dag_id)[0] == "FAILED"
        assert node(agent, dag_id, START)["operator"] == "ROLLBACK"
        assert node(agent, dag_id, "Migrate table")["state"] == "FAILED"


@VERSIONS
def test_a_second_init_while_the_first_has_failed(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as sim:
        agent = sim.agents[0]
        sim.fail_init(obstacle=Obstacle(node=WORKDIR))
        status, _body = agent.call("POST", "/api/v1/ob/init", {})
        assert status == (200 if version == "4.2.5.0" else 500)
        assert len(agent.call("GET", "/api/v1/task/dag/unfinish")[1]["data"]["contents"]) == (
            2 if version == "4.2.5.0" else 1
        )


def test_the_lock_is_held_until_rolled_back() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        dag_id = sim.fail_init(obstacle=Obstacle(node=WORKDIR))
        assert agent.call("GET", "/api/v1/status")[1]["data"]["underMaintenance"]
        operate(agent, dag_id, "ROLLBACK")
        assert ended(agent, dag_id) == ("SUCCEED", "ROLLBACK")
        assert not agent.call("GET", "/api/v1/status")[1]["data"]["underMaintenance"]
        assert agent.call("POST", "/api/v1/ob/init", {})[0] == 200


def test_rollback_is_over_at_synchronize() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        dag_id = sim.fail_init(obstacle=Obstacle(node="Synchronize agent from cluster", times=1))
        assert operate(agent, dag_id, "ROLLBACK")[1]["errCode"] == "Task.Dag.Operator.RollbackNotAllowed"
        assert operate(agent, dag_id, "RETRY") == (200, None)
        assert ended(agent, dag_id) == ("SUCCEED", "RUN")
        assert agent.identity == "CLUSTER AGENT"


def test_no_cancel_from_modify_password_on() -> None:
    with Simulator(speed=0) as sim:
        sim.paces.append(Pace(node="Modify password", ticks=5))
        agent = sim.agents[0]
        dag_id = sim.start_init(ticks=14)
        assert node(agent, dag_id, "Modify password")["state"] == "RUNNING"
        assert operate(agent, dag_id, "CANCEL")[1]["errCode"] == "Task.Dag.Operator.CancelNotAllowed"


def test_a_cancelled_node_says_so_and_is_not_executed_again() -> None:
    with Simulator(speed=0) as sim:
        sim.paces.append(Pace(node=START, ticks=9))
        agent = sim.agents[0]
        dag_id = sim.start_init(ticks=5)
        assert operate(agent, dag_id, "CANCEL") == operate(agent, dag_id, "cancel") == (200, None)
        assert agent.dag(dag_id)["start_time"] == "1970-01-01T00:00:00Z"
        assert ended(agent, dag_id) == ("FAILED", "CANCEL")
        sub_task = node(agent, dag_id, START)["sub_tasks"][0]
        assert (sub_task["execute_times"], sub_task["task_logs"][-1]) == (1, "sub task cancelled")


def test_a_joining_that_failed_accepts_nothing() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as sim:
        master, other = sim.agents
        sim.run_to_end(master.identify("ob", master.submit("Join self", parameters={"zone": "zone1"}).id))
        sim.obstacles.append(Obstacle(node="Join to master"))
        joining = {"agentInfo": master.location.as_dict(), "zoneName": "zone2"}
        dag_id = other.call("POST", "/api/v1/agent/join", joining)[1]["data"]["id"]
        sim.run_to_end(dag_id)
        for operator in ("ROLLBACK", "RETRY", "PASS", "CANCEL"):
            assert operate(other, dag_id, operator)[0] == 400


def test_a_followers_dag_left_behind_by_a_cancel() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as sim:
        master, follower = sim.agents
        sim.paces.append(Pace(node=START, agent=1, ticks=20))
        dag_id = sim.start_init(ticks=9)
        assert node(master, dag_id, START)["state"] == "RUNNING"
        assert operate(master, dag_id, "CANCEL") == (200, None)
        assert ended(master, dag_id) == ("FAILED", "CANCEL")
        left = follower.call("GET", "/api/v1/task/dag/maintain/agent")[1]["data"]
        assert (left["name"], left["state"]) == (START, "RUNNING")

        operate(master, dag_id, "ROLLBACK")
        assert ended(master, dag_id) == ("FAILED", "ROLLBACK")
        line = node(master, dag_id, START)["sub_tasks"][1]["task_logs"][-1]
        assert f"is under maintenance by DAG [{left['id']}:{START}]" in line

        assert operate(master, left["id"], "CANCEL") == (200, None)
        assert ended(follower, left["id"]) == ("FAILED", "CANCEL")
        assert operate(master, left["id"], "ROLLBACK") == (200, None)
        assert ended(follower, left["id"]) == ("SUCCEED", "ROLLBACK")
        assert operate(master, dag_id, "ROLLBACK") == (200, None)
        assert ended(master, dag_id) == ("SUCCEED", "ROLLBACK")


def test_log_lines_tell_their_attempt() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        dag_id = sim.fail_init(obstacle=Obstacle(node=WORKDIR))
        operate(agent, dag_id, "RETRY")
        sim.run_to_end(dag_id)
        sub_task = node(agent, dag_id, WORKDIR)["sub_tasks"][0]
        lines = agent.call("GET", f"/api/v1/task/sub_task/{sub_task['id']}/logs")[1]["data"]["contents"]
        assert [line["execute_times"] for line in lines] == [1, 1, 2, 2, 3, 3]
        assert [line["log_content"] for line in lines] == sub_task["task_logs"]


def test_removing_one_follower() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as sim:
        master, follower = sim.agents
        sim.form_cluster()
        removal = master.call("DELETE", "/api/v1/agent", follower.location.as_dict())[1]["data"]
        assert removal["name"] == f"Remove follower agent {follower.address}"
        sim.run_to_end(removal["id"])
        sim.tick(3)
        assert (master.identity, follower.identity) == ("MASTER", "SINGLE")
        assert master.call("DELETE", "/api/v1/agent", follower.location.as_dict())[0] == 204
