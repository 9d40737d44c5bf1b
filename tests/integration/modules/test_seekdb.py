# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents of seekdb: DAGs are read and operated as those of other agents, and obshell_cluster refuses such an agent."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..clusters import declared, sent, state
from ..conftest import AGENT_PASSWORD, ROOT_PASSWORD, SPEED, Ansible
from ..inprocess import task
from .test_both_ways import WAYS, play

START, STOP, RESTART = "Start seekdb", "Stop seekdb", "Restart seekdb"
SCOPES = ("unfinished", "agent", "agents", "cluster", "all")
SEEKDB = AgentSpec(seekdb=True, root_password=ROOT_PASSWORD, observer_version="1.0.1.0-101000012025")
NEVER_WORKS = "each time: the agent does not have the process ID that it needs"
ALL_CONSEQUENCES = ["half_done"]


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([SEEKDB], speed=SPEED) as simulator:
        yield simulator


def run(simulator: Simulator, module: str, /, **options: t.Any) -> dict[str, t.Any]:
    """Run a task; the journal then holds its requests alone."""
    simulator.journal.clear()
    connection = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}
    return task(module, **{**connection, **options})


def fail(simulator: Simulator, action: str, **obstacle: t.Any) -> str:
    """Let the node "Start seekdb" of a start or restart fail."""
    return simulator.operate_seekdb(action=action, obstacle=Obstacle(node=START, **obstacle))


def failed_start(simulator: Simulator) -> str:
    simulator.operate_seekdb(action="stop")
    return fail(simulator, "start", times=1)


def test_an_agent_says_that_it_is_one_of_seekdb(simulator: Simulator) -> None:
    agent = run(simulator, "obshell_agent_info")["agent"]
    assert (agent["type"], agent["identity"], agent["zone"]) == ("seekdb", "CLUSTER AGENT", None)
    assert (agent["observer_state"], agent["ob_version"], agent["obproxy_agent"]) == (3, "1.0.1.0", False)
    simulator.operate_seekdb(action="stop")
    assert run(simulator, "obshell_agent_info")["agent"]["observer_state"] == 0


def test_other_agents_are_of_oceanbase() -> None:
    with Simulator() as simulator:
        assert run(simulator, "obshell_agent_info")["agent"]["type"] == "oceanbase"


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("scope", SCOPES)
def test_each_list_is_complete_and_has_each_dag_once(simulator: Simulator, scope: str, running: bool) -> None:
    """Its DAGs are kept by the agent, so a database that is down hides none of them."""
    failed_start(simulator)
    if running:
        simulator.operate_seekdb(action="start")
    result = run(simulator, "obshell_dag_info", scope=scope, name=START)
    assert "failed" not in result, result["msg"]
    assert result["incomplete"] == ""
    ended = ["SUCCEED"] if running else ["FAILED"]
    expected = {"unfinished": ["FAILED"], "agents": [], "all": ["FAILED", "SUCCEED"][: 1 + running]}
    assert [dag["state"] for dag in result["dags"]] == expected.get(scope, ended)


def test_a_dag_that_ended_is_read_by_its_id_while_seekdb_is_down(simulator: Simulator) -> None:
    dag_id = simulator.operate_seekdb(action="stop")
    assert [dag["state"] for dag in run(simulator, "obshell_dag_info", id=dag_id)["dags"]] == ["SUCCEED"]
    unknown = run(simulator, "obshell_dag_info", id=f"{dag_id}9")
    assert (unknown["dags"], unknown["unavailable"][0]["status"]) == ([], 404)


@pytest.mark.parametrize("running", [True, False])
def test_the_id_of_a_cluster_dag_names_no_dag(simulator: Simulator, running: bool) -> None:
    """The agent answers it with a DAG of its own that has the same number."""
    dag_id = simulator.operate_seekdb(action="restart" if running else "stop")
    result = run(simulator, "obshell_dag", id="11", operator="PASS")
    assert result["failed"] and f"use its ID {dag_id}" in result["msg"]
    assert run(simulator, "obshell_dag_info", id="11")["dags"] == []
    assert sent(simulator) == []


def test_an_id_of_another_host_is_not_sent(simulator: Simulator) -> None:
    result = run(simulator, "obshell_dag", id="23232235777028869", operator="PASS")
    assert "192.168.1.1:2886" in result["msg"] and "seekdb has no other agents" in result["msg"]
    assert not simulator.journal.find(path_contains="23232235777028869")


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("operator", ["RETRY", "ROLLBACK"])
def test_a_failed_start_is_not_retried(simulator: Simulator, operator: str, check: bool) -> None:
    dag_id = failed_start(simulator)
    result = run(simulator, "obshell_dag", name=START, operator=operator, accept=ALL_CONSEQUENCES, check=check)
    assert result["failed"] and dag_id in result["msg"] and NEVER_WORKS in result["msg"]
    assert "`obshell seekdb start`" in result["msg"]
    assert result["allowed_operators"] == ["PASS"]
    assert sent(simulator) == []


def test_a_restart_that_had_nothing_to_stop_is_not_retried(simulator: Simulator) -> None:
    simulator.operate_seekdb(action="stop")
    fail(simulator, "restart", times=1)
    result = run(simulator, "obshell_dag", name=RESTART, operator="RETRY")
    assert result["failed"] and NEVER_WORKS in result["msg"]
    assert sent(simulator) == []


def test_a_failed_restart_is_retried_to_its_end(simulator: Simulator) -> None:
    dag_id = fail(simulator, "restart", times=1)
    result = run(simulator, "obshell_dag", name=RESTART, operator="RETRY")
    assert (result["changed"], result["applied"]) == (True, True), result["msg"]
    assert (result["dag"]["id"], result["dag"]["state"]) == (dag_id, "SUCCEED")
    assert simulator.agents[0].observer.running
    assert len(sent(simulator)) == 1


def test_a_failed_start_is_passed_with_consent_before_the_next_start(simulator: Simulator) -> None:
    failed_start(simulator)
    refused = run(simulator, "obshell_dag", name=START, operator="PASS")
    assert refused["missing_accept"] == ["half_done"] and sent(simulator) == []
    passed = run(simulator, "obshell_dag", name=START, operator="PASS", accept=["half_done"])
    assert passed["dag"]["operator"] == "PASS" and passed["changed"], passed["msg"]
    assert run(simulator, "obshell_dag_info")["dags"] == []


def test_a_failed_start_is_not_passed_after_the_next_start(simulator: Simulator) -> None:
    """PASS frees the lock of the agent, whichever DAG holds it."""
    dag_id = failed_start(simulator)
    newer = simulator.operate_seekdb(action="start")
    result = run(simulator, "obshell_dag", id=dag_id, operator="PASS", accept=["half_done"])
    assert result["failed"] and newer in result["msg"]
    assert sent(simulator) == []


def test_a_running_stop_is_cancelled(simulator: Simulator) -> None:
    simulator.speed = 5
    dag_id = simulator.operate_seekdb(action="stop", to_end=False)
    result = run(simulator, "obshell_dag", id=dag_id, operator="CANCEL")
    assert (result["dag"]["state"], result["dag"]["operator"]) == ("FAILED", "CANCEL"), result["msg"]


def test_a_wrong_password_and_an_agent_password_are_explained(simulator: Simulator) -> None:
    wrong = run(simulator, "obshell_dag_info", password="wrong")
    assert "the password was refused" in wrong["msg"] and wrong["status"] == 401
    agents = run(simulator, "obshell_dag_info", password=None, agent_password=AGENT_PASSWORD)
    assert "this agent accepts no agent_password, set password instead" in agents["msg"]


def test_the_socket_needs_no_password(simulator: Simulator) -> None:
    failed_start(simulator)
    socket = {"port": None, "password": None, "socket": simulator.agents[0].socket}
    assert [dag["name"] for dag in run(simulator, "obshell_dag_info", **socket)["dags"]] == [START]
    assert NEVER_WORKS in run(simulator, "obshell_dag", name=START, operator="RETRY", **socket)["msg"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("wish", ["initialized", "configured", "absent"])
def test_obshell_cluster_refuses_it_before_anything_is_sent(simulator: Simulator, wish: str, check: bool) -> None:
    fail(simulator, "restart")
    before = state(simulator)
    simulator.journal.clear()
    result = task("obshell_cluster", check=check, **declared(simulator, state=wish))
    agent = simulator.agents[0]
    assert result["failed"] and not result["changed"]
    assert f"{agent.host}:{agent.port} is an agent of seekdb" in result["msg"]
    assert (result["dag"], result["steps"]) == (None, [])
    assert {(entry.method, entry.uri) for entry in simulator.journal.entries} == {
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/info"),
    }
    assert state(simulator) == before


def test_obshell_cluster_refuses_one_among_others() -> None:
    """Also if the passwords are wrong, and one agent does not respond."""
    with Simulator([AgentSpec(), SEEKDB, AgentSpec()], speed=SPEED) as simulator:
        simulator.agents[2].stop()
        result = task("obshell_cluster", **declared(simulator, root_password="wrong"))
        assert f":{simulator.agents[1].port} is an agent of seekdb" in result["msg"]
        assert sent(simulator) == []


@pytest.mark.parametrize("way", WAYS)
def test_real_ansible_reads_refuses_and_recovers(ansible: Ansible, simulator: Simulator, way: str) -> None:
    failed_start(simulator)
    connection = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}
    tasks: list[tuple[str, dict[str, t.Any]]] = [
        ("obshell_agent_info", {}),
        ("obshell_dag_info", {}),
        ("obshell_dag", {"name": START, "operator": "RETRY"}),
        ("obshell_dag", {"name": START, "operator": "PASS", "accept": ["half_done"]}),
        ("obshell_cluster", declared(simulator)),
    ]
    done = ansible.playbook(
        play(
            *({f"oceanbase.obshell.{name}": options, "ignore_errors": True, **WAYS[way]} for name, options in tasks),
            module_defaults={"group/oceanbase.obshell.obshell": connection},
            vars={"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        )
    )
    agent, listed, refused, passed, cluster = (result for _name, result in done.tasks)
    assert agent["agent"]["type"] == "seekdb", done.output
    assert [dag["allowed_operators"] for dag in listed["dags"]] == [["PASS"]]
    assert NEVER_WORKS in refused["msg"] and NEVER_WORKS in done.output
    assert passed["changed"] and passed["dag"]["operator"] == "PASS"
    assert "is an agent of seekdb" in cluster["msg"]
