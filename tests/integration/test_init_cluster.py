# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role init_cluster, in real plays."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator

from .clusters import agents, declared, sent
from .conftest import AGENT_PASSWORD, ROOT_PASSWORD, SPEED, Ansible, Run

INIT = "POST ob/init"
QUICK = {"recover_init_pause": 0, "recover_init_retries": 1}


def variables(simulator: Simulator, **options: t.Any) -> dict[str, t.Any]:
    names = ("name", "root_password", "servers", "config")
    return {f"init_cluster_{name}": value for name, value in {**pick(declared(simulator), names), **options}.items()}


def pick(options: dict[str, t.Any], names: tuple[str, ...]) -> dict[str, t.Any]:
    return {name: options[name] for name in names}


def initialise(ansible: Ansible, simulator: Simulator, *arguments: str, **options: t.Any) -> Run:
    simulator.journal.clear()
    role = {"ansible.builtin.include_role": {"name": "oceanbase.obshell.init_cluster"}}
    look = {"name": "Look at what is left", "ansible.builtin.debug": {"var": "init_cluster_summary"}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"block": [role], "always": [look]}]}
    return ansible.playbook([play], *arguments, **variables(simulator, **options), **QUICK)


def summary(run: Run) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", run.of("Look at what is left")["init_cluster_summary"])


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        yield simulator


def test_check_do_do_again(ansible: Ansible, simulator: Simulator) -> None:
    check = initialise(ansible, simulator, "--check")
    assert (check.status, sent(simulator)) == (0, []), check.output
    assert summary(check)["outcome"] == "unfinished" and summary(check)["changed"]
    do = initialise(ansible, simulator)
    assert do.status == 0, do.output
    assert summary(do) == {"outcome": "initialized", "rounds": 1, "changed": True, "failures": []}
    assert ROOT_PASSWORD not in do.output
    again = initialise(ansible, simulator)
    assert (again.status, sent(simulator)) == (0, [])
    assert summary(again)["changed"] is False and not any(result.get("changed") for _name, result in again.tasks)


@pytest.mark.parametrize(
    ("policy", "times", "outcome", "rounds", "failed"),
    [
        ("retry_then_rollback", 1, "initialized", 1, [1]),
        ("rollback", 1, "initialized", 2, [1]),
        ("retry_then_rollback", None, "rolled_back", 2, [2, 2]),
        ("retry", None, "failed", 1, [2]),
    ],
)
def test_what_fails_is_recovered(
    ansible: Ansible, simulator: Simulator, policy: str, times: int | None, outcome: str, rounds: int, failed: list[int]
) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=times))
    run = initialise(ansible, simulator, recover_policy=policy)
    assert (run.status == 0) is (outcome == "initialized"), run.output
    assert sent(simulator).count(INIT) == rounds
    found = summary(run)
    assert (found["outcome"], found["rounds"], found["changed"]) == (outcome, rounds, True)
    assert [len(failure["failures"]) for failure in found["failures"]] == failed
    assert found["failures"][0]["failures"][0]["node"] == "Start observer"


def test_a_recovery_that_fails_leaves_its_part_of_the_summary(ansible: Ansible, simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", agent=1), root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, id=1, recover_policy="retry")
    assert run.status != 0
    found = summary(run)
    assert (found["outcome"], found["rounds"], found["changed"]) == ("failed", 1, True)
    assert [len(failure["failures"]) for failure in found["failures"]] == [2]


def test_what_no_recovery_helps_is_told_at_once(ansible: Ansible, simulator: Simulator) -> None:
    simulator.agents[1].identity = "TAKE OVER MASTER"
    run = initialise(ansible, simulator)
    assert run.status != 0 and "TAKE OVER MASTER" in run.output and sent(simulator) == []


def test_what_another_cluster_began_is_left_alone(ansible: Ansible, simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, name="other")
    assert run.status != 0 and sent(simulator) == []
    assert "belongs to the cluster obdemo" in run.output


@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_check_mode_does_not_wait_for_an_agent(ansible: Ansible, simulator: Simulator) -> None:
    servers = declared(simulator)["servers"]
    servers[1]["port"] = 1
    run = initialise(ansible, simulator, "--check", servers=servers, wait_timeout=30)
    assert run.status != 0 and "127.0.0.1:1" in run.output
    assert "RETRYING" not in run.output


def test_check_mode_tells_what_would_be_recovered(ansible: Ansible, simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, "--check", id=1)
    assert (run.status, sent(simulator)) == (0, []), run.output
    assert (summary(run)["outcome"], summary(run)["changed"]) == ("unfinished", True)


@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_what_is_missing_after_a_retry_is_done_too(ansible: Ansible, simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    servers = [{**server, "agent_password": AGENT_PASSWORD} for server in declared(simulator)["servers"]]
    run = initialise(ansible, simulator, id=1, servers=servers)
    assert run.status == 0, run.output
    assert (summary(run)["outcome"], summary(run)["rounds"]) == ("initialized", 1)
    assert [agent.agent_password for agent in simulator.agents] == [AGENT_PASSWORD] * 2
    again = initialise(ansible, simulator, id=1, servers=servers)
    assert (again.status, sent(simulator)) == (0, [])


def test_agents_that_come_up_late_are_waited_for(ansible: Ansible, simulator: Simulator) -> None:
    simulator.agents[1].restart(4)
    run = initialise(ansible, simulator)
    assert (run.status, summary(run)["outcome"]) == (0, "initialized"), run.output


def test_agents_that_do_not_come_up_are_named(ansible: Ansible, simulator: Simulator) -> None:
    simulator.agents[1].restart(60)
    run = initialise(ansible, simulator, wait_timeout=2)
    assert run.status != 0 and sent(simulator) == []
    assert f":{simulator.agents[1].port}" in run.output


def test_two_clusters_of_one_play(ansible: Ansible) -> None:
    with Simulator(agents(2), speed=SPEED) as first, Simulator(agents(2), speed=SPEED) as second:
        hosts = {}
        for name, simulator in (("one", first), ("two", second)):
            told = {**variables(simulator, name=name), "ansible_connection": "local"}
            hosts[name] = {"hosts": {f"{name}{index}": None for index in range(2)}, "vars": told}
        inventory = ansible.folder / "clusters.json"
        inventory.write_text(json.dumps({"all": {"children": hosts}}), encoding="utf-8")
        play = {"hosts": "one:two", "gather_facts": False, "roles": ["oceanbase.obshell.init_cluster"]}
        run = ansible.playbook([play], "-i", str(inventory))
        assert run.status == 0, run.output
        for simulator in (first, second):
            assert [agent.identity for agent in simulator.agents] == ["CLUSTER AGENT"] * 2
            assert sent(simulator).count(INIT) == 1
