# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DAGs of followers that belong to a DAG of their master."""

from __future__ import annotations

from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Delay, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.tests.dags import START, node_of, operate, run_to_end


def test_a_cancel_leaves_the_dag_of_a_follower_running() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as simulator:
        master, follower = simulator.agents
        simulator.delays.append(Delay(node=START, agent=1, ticks=20))
        dag_id = simulator.start_init(ticks=9)
        assert node_of(master, dag_id, START)["state"] == "RUNNING"
        assert operate(master, dag_id, "CANCEL") == (200, None)
        assert run_to_end(master, dag_id) == ("FAILED", "CANCEL")
        left = follower.call("GET", "/api/v1/task/dag/maintain/agent")[1]["data"]
        assert (left["name"], left["state"]) == (START, "RUNNING")

        operate(master, dag_id, "ROLLBACK")
        assert run_to_end(master, dag_id) == ("FAILED", "ROLLBACK")
        line = node_of(master, dag_id, START)["sub_tasks"][1]["task_logs"][-1]
        assert f"is under maintenance by DAG [{left['id']}:{START}]" in line

        assert operate(master, left["id"], "CANCEL") == (200, None)
        assert run_to_end(follower, left["id"]) == ("FAILED", "CANCEL")
        assert operate(master, left["id"], "ROLLBACK") == (200, None)
        assert run_to_end(follower, left["id"]) == ("SUCCEED", "ROLLBACK")
        assert operate(master, dag_id, "ROLLBACK") == (200, None)
        assert run_to_end(master, dag_id) == ("SUCCEED", "ROLLBACK")


def test_removing_one_follower() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as simulator:
        master, follower = simulator.agents
        simulator.form_cluster()
        removal = master.call("DELETE", "/api/v1/agent", follower.location.as_dict())[1]["data"]
        assert removal["name"] == f"Remove follower agent {follower.address}"
        simulator.run_to_end(removal["id"])
        simulator.tick(3)
        assert (master.identity, follower.identity) == ("MASTER", "SINGLE")
        assert master.call("DELETE", "/api/v1/agent", follower.location.as_dict())[0] == 204
