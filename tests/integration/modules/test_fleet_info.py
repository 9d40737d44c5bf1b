# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many agents read in one task: each answers for itself, clusters are found, and dead agents cost one time-out."""

from __future__ import annotations

import contextlib
import socket
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..clusters import agents
from ..conftest import HERE, ROOT_PASSWORD, SENT, SPEED, Ansible
from ..inprocess import task

INIT = "Initialize cluster"
OTHER_PASSWORD = "0ther#Secret+pw"


def address(simulator: Simulator, agent: int = 0) -> str:
    return f"127.0.0.1:{simulator.agents[agent].port}"


def fleet(*given: str, **options: t.Any) -> dict[str, t.Any]:
    return task("obshell_fleet_info", agents=list(given), **{"password": ROOT_PASSWORD, **options})


@pytest.fixture(name="failed")
def fixture_failed() -> t.Iterator[Simulator]:
    """A cluster of two agents whose initialisation failed."""
    with Simulator(agents(2), speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        simulator.journal.clear()
        yield simulator


@pytest.fixture(name="healthy")
def fixture_healthy() -> t.Iterator[Simulator]:
    """An initialised cluster of one agent."""
    with Simulator(agents(1), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        yield simulator


@pytest.fixture(name="silent")
def fixture_silent() -> t.Iterator[int]:
    """A port of all addresses of this host at which connections are accepted and never answered."""
    with contextlib.closing(socket.create_server(("0.0.0.0", 0), backlog=512)) as server:
        yield int(server.getsockname()[1])


def test_each_agent_and_each_cluster(failed: Simulator, healthy: Simulator) -> None:
    result = fleet(address(failed), address(failed, 1), address(healthy), "127.0.0.1:1")
    assert "failed" not in result and not result["changed"]
    master, follower, up, dead = result["agents"]
    assert [agent["identity"] for agent in result["agents"]] == ["MASTER", "FOLLOWER", "CLUSTER AGENT", None]
    assert [agent["database_up"] for agent in result["agents"]] == [False, False, True, None]
    assert (master["zone"], master["address"], follower["zone"]) == ("zone1", address(failed), "zone2")
    assert master["version"].startswith("4.5.0.0") and master["under_maintenance"]
    assert (up["msg"], up["dags"], up["incomplete"], up["reachable"]) == ("", [], "", True)
    assert (dead["reachable"], dead["status"], dead["dags"]) == (False, -1, [])
    assert "ConnectionRefusedError" in dead["msg"] and dead["incomplete"]
    one, other, unknown = result["clusters"]
    assert (one["name"], one["addresses"]) == ("obdemo", [address(failed), address(failed, 1)])
    assert (other["addresses"], other["database_up"], other["incomplete"]) == ([address(healthy)], True, "")
    assert (unknown["name"], unknown["unreachable"], unknown["database_up"]) == (None, ["127.0.0.1:1"], None)
    (dag,) = [dag for dag in one["dags"] if dag["name"] == INIT]
    assert (dag["state"], dag["operator"], dag["stage"] > 1) == ("FAILED", "RUN", True)
    assert 0 <= dag["age"] < 3600
    expected = task("obshell_dag_info", port=failed.agents[0].port, password=ROOT_PASSWORD, name=INIT)["dags"][0]
    assert dag["operators"] == expected["operators"]
    assert dag["allowed_operators"] == expected["allowed_operators"]
    assert failed.journal.posts() == []


def test_a_follower_without_its_master_still_says_what_it_is(failed: Simulator) -> None:
    failed.agents[0].stop()
    (follower,) = fleet(address(failed, 1))["agents"]
    assert (follower["reachable"], follower["identity"], follower["zone"]) == (True, "FOLLOWER", "zone2")
    assert follower["msg"] and follower["incomplete"]


def test_the_age_is_by_the_clock_of_the_agent() -> None:
    with Simulator([AgentSpec(clock_offset=86400)], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        ((dag,),) = (agent["dags"] for agent in fleet(address(simulator))["agents"])
    assert 0 <= dag["age"] < 3600


def test_the_members_of_a_cluster_are_read_too(failed: Simulator, healthy: Simulator) -> None:
    result = fleet(address(failed), address(healthy), members=True)
    assert [f"{agent['host']}:{agent['port']}" for agent in result["agents"]] == [
        address(failed),
        address(healthy),
        address(failed, 1),
    ]
    assert [cluster["addresses"] for cluster in result["clusters"]] == [
        [address(failed), address(failed, 1)],
        [address(healthy)],
    ]


def test_a_refused_password_is_the_error_of_one_agent(failed: Simulator, healthy: Simulator) -> None:
    connections = [{"host": "127.0.0.1", "port": failed.agents[0].port, "password": "wr0ng#Password"}]
    result = fleet(address(healthy), connections=connections)
    right, wrong = result["agents"]
    assert (right["msg"], right["status"]) == ("", None)
    assert (wrong["status"], wrong["identity"], wrong["dags"]) == (401, "MASTER", [])
    assert "the password was refused" in wrong["msg"] and wrong["incomplete"]


def test_each_agent_can_have_a_password_of_its_own(healthy: Simulator) -> None:
    with Simulator(agents(1), speed=SPEED) as other:
        other.complete_init(root_password=OTHER_PASSWORD)
        own = {"host": "127.0.0.1", "port": other.agents[0].port, "password": OTHER_PASSWORD}
        result = fleet(address(healthy), connections=[own], agent_password="of no agent")
        assert [agent["msg"] for agent in result["agents"]] == ["", ""]


def test_an_old_agent_and_one_of_seekdb() -> None:
    specs = [AgentSpec(version="4.2.5.0"), AgentSpec(seekdb=True)]
    with contextlib.ExitStack() as stack:
        old, seekdb = (stack.enter_context(Simulator([spec], speed=SPEED)) for spec in specs)
        result = fleet(address(old), address(seekdb), password="")
        assert [(agent["type"], agent["identity"]) for agent in result["agents"]] == [
            ("oceanbase", "SINGLE"),
            ("seekdb", "CLUSTER AGENT"),
        ]
        assert [agent["msg"] for agent in result["agents"]] == ["", ""]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "no agent is given"),
        ({"agents": ["a", "a:2886"]}, "agents contains a:2886 a second time"),
        ({"agents": ["a"], "connections": [{"host": "a"}]}, "connections contains a:2886 a second time"),
        ({"agents": ["http://a"]}, "agents 'http://a' is neither a host name nor an IP address"),
        ({"agents": ["a:0"]}, "agents 'a:0': port must be between 1 and 65535, got 0"),
        ({"agents": ["a"], "workers": 0}, "workers must be between 1 and 200, got 0"),
        ({"agents": ["a"], "workers": 201}, "workers must be between 1 and 200, got 201"),
        ({"connections": [{"host": "a", "ca_path": "/ca.pem"}]}, "ca_path is given, but use_tls is not true"),
    ],
)
def test_options_that_are_wrong_are_refused(options: dict[str, t.Any], message: str) -> None:
    result = task("obshell_fleet_info", **options)
    assert result["failed"] and message in result["msg"]


@pytest.mark.parametrize("keywords", [HERE, SENT], ids=["here", "sent"])
def test_in_a_playbook_without_a_secret(ansible: Ansible, failed: Simulator, keywords: dict[str, t.Any]) -> None:
    connections = [
        {"host": "127.0.0.1", "port": failed.agents[0].port},
        {"host": "127.0.0.1", "port": failed.agents[1].port, "password": OTHER_PASSWORD},
    ]
    options = {"connections": connections, "password": ROOT_PASSWORD}
    tasks = [{"oceanbase.obshell.obshell_fleet_info": options, "check_mode": check} for check in (True, False)]
    run = ansible.playbook([{"hosts": "all", "gather_facts": False, "tasks": tasks, **keywords}], "-vvv")
    assert run.status == 0, run.output
    assert ("AnsiballZ_obshell_fleet_info" in run.output) == bool(keywords)
    for _name, result in run.tasks:
        assert [agent["status"] for agent in result["agents"]] == [None, 401]
    assert ROOT_PASSWORD not in run.output and OTHER_PASSWORD not in run.output


@pytest.mark.slow
def test_dead_agents_are_waited_for_beside_each_other(silent: int) -> None:
    """One after the other, the silent agents alone would take 30 times the time-out."""
    timeout = 10.0
    with Simulator([AgentSpec(version="4.5.0.0") for _agent in range(70)], speed=SPEED) as simulator:
        living = [address(simulator, number) for number in range(70)]
        dead = [f"127.0.0.{number}:{silent}" for number in range(2, 32)]
        begin = time.monotonic()
        result = fleet(*dead, *living, timeout=timeout, password="")
        elapsed = time.monotonic() - begin
    assert [agent["reachable"] for agent in result["agents"]] == [False] * 30 + [True] * 70
    assert {agent["msg"] for agent in result["agents"][30:]} == {""}
    assert elapsed < 30 * timeout / 5
