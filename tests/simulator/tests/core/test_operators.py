# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator does that no recording shows, also if it does harm."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Delay, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.kinds.join import JOIN_SELF
from ansible_collections.oceanbase.obshell.tests.simulator.tests.dags import (
    BOOTSTRAP,
    START,
    WORKDIR,
    node_of,
    operate,
    run_to_end,
)

VERSIONS = pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])


@VERSIONS
def test_cancel_of_a_rollback_runs_forward(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=Obstacle(node=BOOTSTRAP, times=1))
        assert operate(agent, dag_id, "ROLLBACK") == (200, None)
        simulator.tick()
        assert operate(agent, dag_id, "CANCEL") == (200, None)
        assert run_to_end(agent, dag_id)[1] == "CANCEL"
        # The stage that was being rolled back is undone, and the one after it ran.
        assert node_of(agent, dag_id, BOOTSTRAP)["operator"] == "ROLLBACK"
        assert node_of(agent, dag_id, "Migrate table")["sub_tasks"][0]["execute_times"] == 1
        assert node_of(agent, dag_id, "Integrate config")["operator"] == "CANCEL"


def test_after_a_cancelled_rollback_nothing_can_be_rolled_back() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=Obstacle(node=START, times=1))
        operate(agent, dag_id, "ROLLBACK")
        simulator.tick()
        operate(agent, dag_id, "CANCEL")
        assert run_to_end(agent, dag_id) == ("FAILED", "CANCEL")
        assert agent.under_maintenance()
        status, error = operate(agent, dag_id, "ROLLBACK")
        assert (status, error["errCode"]) == (500, "Common.Unexpected")


@VERSIONS
def test_retry_after_a_failed_rollback_skips_what_was_rolled_back(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=Obstacle(node=BOOTSTRAP))
        simulator.obstacles[:] = [Obstacle(node=WORKDIR, operator="ROLLBACK", times=1)]
        operate(agent, dag_id, "ROLLBACK")
        assert run_to_end(agent, dag_id) == ("FAILED", "ROLLBACK")
        assert operate(agent, dag_id, "PASS")[0] in (400, 500)
        assert operate(agent, dag_id, "RETRY") == (200, None)
        # The observer was stopped and is not started again, so the nodes that need the database fail.
        assert run_to_end(agent, dag_id)[0] == "FAILED"
        assert node_of(agent, dag_id, START)["operator"] == "ROLLBACK"
        assert node_of(agent, dag_id, "Migrate table")["state"] == "FAILED"


def test_from_synchronize_on_an_initialisation_cannot_be_rolled_back() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Synchronize agent from cluster", times=1))
        assert operate(agent, dag_id, "ROLLBACK")[1]["errCode"] == "Task.Dag.Operator.RollbackNotAllowed"
        assert operate(agent, dag_id, "RETRY") == (200, None)
        assert run_to_end(agent, dag_id) == ("SUCCEED", "RUN")
        assert agent.identity == "CLUSTER AGENT"


def test_from_modify_password_on_an_initialisation_cannot_be_cancelled() -> None:
    with Simulator(speed=0) as simulator:
        simulator.delays.append(Delay(node="Modify password", ticks=5))
        agent = simulator.agents[0]
        dag_id = simulator.start_init(ticks=14)
        assert node_of(agent, dag_id, "Modify password")["state"] == "RUNNING"
        assert operate(agent, dag_id, "CANCEL")[1]["errCode"] == "Task.Dag.Operator.CancelNotAllowed"


def test_a_cancelled_node_logs_it_and_is_not_executed_again() -> None:
    with Simulator(speed=0) as simulator:
        simulator.delays.append(Delay(node=START, ticks=9))
        agent = simulator.agents[0]
        dag_id = simulator.start_init(ticks=5)
        assert operate(agent, dag_id, "CANCEL") == operate(agent, dag_id, "cancel") == (200, None)
        assert agent.dag(dag_id)["start_time"] == "1970-01-01T00:00:00Z"
        assert run_to_end(agent, dag_id) == ("FAILED", "CANCEL")
        sub_task = node_of(agent, dag_id, START)["sub_tasks"][0]
        assert (sub_task["execute_times"], sub_task["task_logs"][-1]) == (1, "sub task cancelled")


def test_a_failed_join_accepts_no_operator() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as simulator:
        master, other = simulator.agents
        simulator.run_to_end(master.id_of(master.submit(JOIN_SELF, parameters={"zone": "zone1"})))
        simulator.obstacles.append(Obstacle(node="Join to master"))
        body = {"agentInfo": master.location.as_dict(), "zoneName": "zone2"}
        dag_id = other.call("POST", "/api/v1/agent/join", body)[1]["data"]["id"]
        simulator.run_to_end(dag_id)
        for operator in ("ROLLBACK", "RETRY", "PASS", "CANCEL"):
            assert operate(other, dag_id, operator)[0] == 400


def test_log_lines_have_the_number_of_their_execution() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=Obstacle(node=WORKDIR))
        operate(agent, dag_id, "RETRY")
        simulator.run_to_end(dag_id)
        sub_task = node_of(agent, dag_id, WORKDIR)["sub_tasks"][0]
        lines = agent.call("GET", f"/api/v1/task/sub_task/{sub_task['id']}/logs")[1]["data"]["contents"]
        assert [line["execute_times"] for line in lines] == [1, 1, 2, 2, 3, 3]
        assert [line["log_content"] for line in lines] == sub_task["task_logs"]
