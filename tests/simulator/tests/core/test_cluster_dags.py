# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DAGs that a cluster keeps in OceanBase: what the recordings do not show."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..dags import node_of, operate, run_to_end

DOWNLOAD, WHITELIST = "Download all required packages", "Modify tenant whitelist"
LOCKED = r"OB\.Cluster\.UnderMaintenanceWithDag"


def test_two_tenants_are_locked_apart_and_a_failed_creation_locks_nothing() -> None:
    with Simulator([AgentSpec()], speed=0) as simulator:
        agent = simulator.agents[0]
        first = simulator.create_dag(job="create_tenant", obstacle=Obstacle(node=WHITELIST), to_end=False)
        second = simulator.create_dag(job="create_tenant", body={"name": "t2"}, to_end=False)
        with pytest.raises(RuntimeError, match=LOCKED):
            simulator.create_dag(job="upgrade")
        assert run_to_end(agent, first) == run_to_end(agent, second) == ("FAILED", "RUN")
        assert run_to_end(agent, simulator.create_dag(job="upgrade")) == ("SUCCEED", "RUN")


def test_a_failed_upgrade_locks_the_cluster_until_it_is_rolled_back() -> None:
    with Simulator([AgentSpec()], speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.create_dag(job="upgrade", obstacle=Obstacle(node=DOWNLOAD))
        with pytest.raises(RuntimeError, match=LOCKED):
            simulator.create_dag(job="create_tenant")
        assert operate(agent, dag_id, "ROLLBACK")[0] == 200
        assert run_to_end(agent, dag_id) == ("SUCCEED", "ROLLBACK")
        simulator.create_dag(job="create_tenant")


def test_each_agent_of_the_cluster_executes_its_part_and_shows_the_dag() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as simulator:
        first, second = simulator.agents
        failing = Obstacle(node=DOWNLOAD, agent=1)
        dag_id = simulator.create_dag(job="check_upgrade", obstacle=failing)
        states = {
            task["execute_agent"]["port"]: task["state"] for task in node_of(first, dag_id, DOWNLOAD)["sub_tasks"]
        }
        assert states == {first.port: "SUCCEED", second.port: "FAILED"}
        assert operate(second, dag_id, "PASS")[0] == 200
        assert second.dag(dag_id) == first.dag(dag_id)


def test_the_dags_of_a_cluster_stand_still_while_its_database_is_down() -> None:
    with Simulator([AgentSpec()], speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.create_dag(job="create_tenant", to_end=False)
        agent.observer.running = False
        simulator.tick(20)
        assert agent.dag(dag_id)["state"] == "READY"
        assert agent.call("GET", "/api/v1/task/dags/ob")[0] == 500
        agent.observer.running = True
        assert run_to_end(agent, dag_id) == ("SUCCEED", "RUN")


def test_a_scale_out_that_fails_late_fails_its_twin_too() -> None:
    """Not recorded: the agent's source says so."""
    with Simulator([AgentSpec(), AgentSpec(new_server=True)], speed=0) as simulator:
        first, server = simulator.agents
        dag_id = simulator.create_dag(job="scale_out", obstacle=Obstacle(node="Add server for scale_out", times=1))
        simulator.tick(2)
        twin = server.engine.dags[-1]
        assert (twin.state, twin.current_node.name) == ("FAILED", "Watch cluster scale_out dag")
        assert operate(first, dag_id, "RETRY")[0] == 200
        assert run_to_end(first, dag_id) == ("SUCCEED", "RUN")
        assert run_to_end(server, server.id_of(twin)) == ("SUCCEED", "RUN")
        assert server.identity == "CLUSTER AGENT"


@pytest.mark.parametrize(("version", "status"), [("4.3.0.0", 400), ("4.3.2.0", 200)])
def test_a_node_is_passed_from_4_3_2_on(version: str, status: int) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.create_dag(job="create_tenant", obstacle=Obstacle(node="Set tenant parameter"))
        node = node_of(agent, dag_id, "Set tenant parameter")["id"]
        answer, _envelope = agent.call("POST", f"/api/v1/task/node/{node}", {"operator": "PASS"})
        assert answer == status
        if status == 200:
            assert run_to_end(agent, dag_id) == ("SUCCEED", "RUN")


@pytest.mark.parametrize(
    ("version", "error"),
    [
        ("4.3.0.0", "ERROR: MySQL error: Error 1644 (45000): made to fail"),
        ("4.3.2.0", "ERROR: [MySQL.Error]: MySQL error: Error 1644 (45000): made to fail"),
    ],
)
def test_the_log_has_error_codes_from_4_3_2_on(version: str, error: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as simulator:
        dag_id = simulator.create_dag(job="create_tenant", obstacle=Obstacle(node="Create tenant"))
        node = node_of(simulator.agents[0], dag_id, "Create tenant")
        assert node["sub_tasks"][0]["task_logs"][-1] == error


@pytest.mark.parametrize("version", ["4.2.4.0", "4.3.0.0", "4.3.2.0", "4.5.0.0"])
def test_each_job_succeeds_in_each_version_that_has_it(version: str) -> None:
    with Simulator([AgentSpec(version=version), AgentSpec(version=version, new_server=True)], speed=0) as simulator:
        jobs = ["create_tenant", "configure_backup", "drop_tenant", "check_upgrade", "stop", "start", "scale_out"]
        for job in [*jobs, *(["scale_in"] if version != "4.2.4.0" else [])]:
            dag_id = simulator.create_dag(job=job)
            assert run_to_end(simulator.agents[0], dag_id) == ("SUCCEED", "RUN"), job
