# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no list shows is not taken for nothing: a list that failed, and one that is cut short without an error."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Fault, Obstacle, Simulator

from ..clusters import agents, cluster
from ..conftest import ROOT_PASSWORD, SPEED
from ..inprocess import task

INIT = "Initialize cluster"
OLD, NEW = "4.2.5.0", "4.5.0.0"


def connection(simulator: Simulator, agent: int = 0) -> dict[str, t.Any]:
    return {"port": simulator.agents[agent].port, "password": ROOT_PASSWORD, "wait_timeout": 20}


def info(simulator: Simulator, agent: int = 0, **options: t.Any) -> dict[str, t.Any]:
    simulator.journal.clear()
    return task("obshell_dag_info", port=simulator.agents[agent].port, password=ROOT_PASSWORD, **options)


def operate(simulator: Simulator, agent: int = 0, **options: t.Any) -> dict[str, t.Any]:
    simulator.journal.clear()
    return task("obshell_dag", **connection(simulator, agent), operator="RETRY", **options)


def fail_at_the_end(simulator: Simulator) -> str:
    """The state of an initialisation whose last node failed: the cluster is up."""
    dag_id = simulator.complete_init(root_password=ROOT_PASSWORD)
    with simulator.lock:
        dag = next(dag for dag in simulator.agents[0].engine.dags if dag.name == INIT)
        dag.state = "FAILED"
        dag.nodes[-1].state = "FAILED"
    return dag_id


@pytest.mark.parametrize("route", ["dag/maintain/agent", "dag/maintain/agents"])
@pytest.mark.parametrize("version", [OLD, NEW])
def test_a_list_that_fails_is_not_a_list_that_the_agent_lacks(version: str, route: str) -> None:
    with Simulator(agents(1, version), speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        simulator.agents[0].faults.append(Fault("too_many_open_files", path=f"{route}?", times=9))
        result = operate(simulator, name="Create tenant x")
        assert result["failed"] and "too many open files" in result["msg"] and result["retryable"]
        scope = {"dag/maintain/agent": "agent", "dag/maintain/agents": "agents"}[route]
        result = info(simulator, scope=scope)
        assert result["failed"] and "too many open files" in result["msg"]
        if scope == "agents":
            result = info(simulator, scope="last", name="Create tenant x")
            assert result["failed"] and "too many open files" in result["msg"]


@pytest.mark.parametrize("route", ["dags/agent", "dags/ob"])
def test_no_list_of_all_dags_is_read_in_part(route: str) -> None:
    with Simulator(agents(1), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        simulator.agents[0].faults.append(Fault("too_many_open_files", path=route, times=9))
        result = info(simulator, scope="all")
        assert result["failed"] and "too many open files" in result["msg"]


def test_lists_that_the_identity_explains_are_unavailable() -> None:
    with Simulator(agents(1), speed=SPEED) as simulator:
        for scope in ("agents", "cluster", "all"):
            result = info(simulator, scope=scope)
            assert [entry["status"] for entry in result["unavailable"]] == [500], scope
            assert result["incomplete"] == ""


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("scope", ["unfinished", "agents", "cluster", "all"])
def test_without_the_database_results_are_incomplete(version: str, scope: str) -> None:
    with Simulator(agents(2, version, database_state=1), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        result = info(simulator, scope=scope)
        assert "failed" not in result and "obState 1" in result["incomplete"], result
        assert info(simulator, scope="agent")["incomplete"] == ""


def test_with_the_database_and_all_agents_they_are_complete() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        assert [info(simulator, agent)["incomplete"] for agent in (0, 1)] == ["", ""]


def test_a_list_is_returned_also_if_nothing_shows_that_it_is_complete() -> None:
    with Simulator(agents(1, NEW), speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        simulator.agents[0].faults.append(Fault("reset", path="/status", times=9))
        result = info(simulator)
        assert not result.get("failed") and result["failed_ids"] == [dag_id]
        assert result["incomplete"].startswith("it is not known whether the lists are complete: ")


def test_an_agent_that_is_down_is_named() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        fail_at_the_end(simulator)
        down = simulator.agents[0]
        assert len(info(simulator, 1)["dags"]) == 1
        down.stop()
        result = info(simulator, 1)
        assert result["dags"] == [] and down.address in result["incomplete"]
        result = operate(simulator, 1, name=INIT)
        assert result["failed"] and down.address in result["msg"]


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("identity", ["SCALING OUT", "SCALING IN"])
def test_an_agent_that_is_scaling_explains_why_it_lists_nothing(version: str, identity: str) -> None:
    with Simulator(agents(1, version), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        simulator.agents[0].identity = identity
        result = info(simulator)
        assert "failed" not in result and identity in result["incomplete"]
        assert [entry["route"] for entry in result["unavailable"]] == ["dag/unfinish"]
        result = operate(simulator, name="Scale out")
        assert result["failed"] and identity in result["msg"] and "no unfinished DAG named" in result["msg"]
        assert info(simulator, id=simulator.agents[0].format_id("ob", 99))["dags"] == []
        result = cluster(simulator, cluster_id=1)
        assert result["failed"] and f"unsupported identity {identity}" in result["msg"]


def test_an_older_success_is_not_the_dag_that_a_list_without_the_database_hides() -> None:
    with Simulator(agents(1, database_state=1), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        done = operate(simulator, name=INIT)
        assert ("failed" not in done, done["changed"]) == (True, False)
        with simulator.lock:
            simulator.agents[0].engine.dags[-1].name = "Stop observer"
        result = operate(simulator, name="Stop observer")
        assert result["failed"] and "obState 1" in result["msg"]


def test_a_dag_that_a_list_does_show_needs_no_other_request() -> None:
    with Simulator(agents(1), speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        result = info(simulator, id=dag_id)
        assert [entry.uri.split("/")[3] for entry in simulator.journal.entries] == ["secret", "task"]
        assert result["incomplete"] == ""
        operate(simulator, name=INIT, wait=False)
        assert [entry.uri.split("/")[3] for entry in simulator.journal.entries] == ["secret", "task", "task"]


def test_obshell_cluster_finds_the_initialisation_that_a_list_without_the_database_hides() -> None:
    with Simulator([AgentSpec(database_state=1)] * 2, speed=SPEED) as simulator:
        dag_id = fail_at_the_end(simulator)
        result = cluster(simulator, cluster_id=1)
        assert result["failed"] and dag_id in result["msg"], result["msg"]
