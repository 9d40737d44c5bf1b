# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What masking must not break: tasks with a password like a word of an agent's, and results that hold odd data."""

from __future__ import annotations

import json
import os
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.faults import Exchange, FaultyProxy
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import BOTH_WAYS, SENT, SPEED, Ansible
from .test_progress import play

INIT = "Initialize cluster"
# A word of its name, its state, digits of its ID, and the name of a field of its result.
COLLIDING = ("cluster", "FAILED", "2130706433", "state", "name")
CLEAR = "\x1b[2J\x1b[1;1Hlocalhost | forged \u202e"


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version="4.5.0.0")], speed=SPEED) as simulator:
        yield simulator


def connection(simulator: Simulator, password: str, **obstacle: t.Any) -> dict[str, t.Any]:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", **obstacle), root_password=password)
    return {"port": simulator.agents[0].port, "password": password}


@pytest.mark.parametrize("way", BOTH_WAYS)
@pytest.mark.parametrize("password", COLLIDING)
def test_a_password_like_a_word_of_the_result(
    ansible: Ansible, simulator: Simulator, password: str, way: dict[str, t.Any]
) -> None:
    options = connection(simulator, password)
    (failing,) = play(way, **options, name=INIT, operator="RETRY")
    (found,) = play(way, module="obshell_dag_info", **options, name=INIT)
    (ending,) = play(way, **options, name=INIT, operator="ROLLBACK")
    failing["tasks"][0]["ignore_errors"] = True
    run = ansible.playbook([{**failing, "tasks": [*failing["tasks"], *found["tasks"], *ending["tasks"]]}])
    retried, read, rolled_back = (result for _name, result in run.tasks)
    assert (retried["changed"], retried["applied"], retried["dag"]["state"]) == (True, True, "FAILED"), run.output
    assert read["failed_ids"] == [read["dags"][0]["id"]] and read["dags"][0]["name"] == INIT
    assert (rolled_back["changed"], rolled_back["dag"]["state"]) == (True, "SUCCEED")
    assert rolled_back["dag"]["id"] == read["failed_ids"][0] and read["failed_ids"][0].isdigit()
    assert len(simulator.journal.posts(path_contains="/task/dag/")) == 2
    collides = password not in ("state", "name")
    assert bool(retried.get("warnings")) is ("Choose a longer password" in run.output) is collides


@pytest.mark.parametrize("way", BOTH_WAYS)
@pytest.mark.parametrize("password", ["cluster", "2130706433"])
def test_a_role_with_such_a_password(
    ansible: Ansible, simulator: Simulator, password: str, way: dict[str, t.Any]
) -> None:
    """The role passes IDs from one task to the next."""
    variables = {"recover_init_connection": connection(simulator, password), "recover_init_policy": "rollback"}
    include = {"ansible.builtin.include_role": {"name": "oceanbase.obshell.recover_init"}, "vars": variables}
    interpreter = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    run = ansible.playbook([{"hosts": "all", "gather_facts": False, "vars": interpreter, "tasks": [include], **way}])
    assert run.status == 0, run.output
    assert "rolled back" in run.output and simulator.agents[0].identity == "MASTER"


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_the_password_is_nowhere_in_a_result(ansible: Ansible, simulator: Simulator, way: dict[str, t.Any]) -> None:
    """Also not in the options, which Ansible adds to the result of a module that was sent."""
    password = "S33ded#Root+pw"
    options = connection(simulator, password, logs=(f"connect with {password}", "ERROR: no"))
    run = ansible.playbook(play(way, **options, name=INIT, operator="RETRY"), "-vvv")
    assert password not in json.dumps(run.tasks) and run.result["failures"]
    assert password not in run.output
    if way is SENT:
        arguments = run.result["invocation"]["module_args"]
        assert set(arguments) >= {"name", "operator", "password"}
        assert "_slice" not in arguments, "a checkpoint is not masked as results are"


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_what_a_terminal_would_act_on_is_escaped(ansible: Ansible, simulator: Simulator, way: dict[str, t.Any]) -> None:
    options = connection(simulator, "R00t#Secret+pw", logs=(CLEAR, f"ERROR: {CLEAR}"))
    run = ansible.playbook(play(way, **options, name=INIT, operator="RETRY"), "-v")
    assert "\x1b" not in run.output and "\u202e" not in run.output
    assert r"ERROR: \x1b[2J\x1b[1;1Hlocalhost | forged \u202e" in run.result["msg"]
    lines = [line for line in run.output.splitlines() if line.startswith("localhost |   ")]
    assert any(r"\x1b[2J" in line for line in lines)


def deeply_nested(data: dict[str, t.Any]) -> None:
    value: t.Any = "x"
    for _level in range(300):
        value = {"a": [value]}
    data["additional_data"] = value


def lone_surrogate(data: dict[str, t.Any]) -> None:
    data["additional_data"] = {"note": "\udc80", "\ud800": 1}
    for node in data.get("nodes") or ():
        for sub_task in node["sub_tasks"]:
            sub_task["task_logs"] = [*(sub_task["task_logs"] or ()), "ERROR: \udc80"]


@pytest.mark.parametrize("way", BOTH_WAYS)
@pytest.mark.parametrize("make_odd", [deeply_nested, lone_surrogate])
@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY"])
def test_odd_data_after_the_request_does_not_lose_the_change(
    ansible: Ansible,
    simulator: Simulator,
    make_odd: t.Callable[[dict[str, t.Any]], None],
    operator: str,
    way: dict[str, t.Any],
) -> None:
    options = connection(simulator, "R00t#Secret+pw")

    def change(exchange: Exchange) -> None:
        head, _blank, body = exchange.ask_agent().partition(b"\r\n\r\n")
        envelope = json.loads(body)
        data = envelope.get("data")
        if proxy.accepted_posts and isinstance(data, dict) and "max_stage" in data:
            make_odd(data)
        exchange.answer(int(head.split(b" ", 2)[1]), json.dumps(envelope).encode())

    with FaultyProxy(simulator.agents[0], dict.fromkeys(range(200), change)) as proxy:
        options["port"] = proxy.port
        run = ansible.playbook(play(way, **options, name=INIT, operator=operator), "-v")
    assert len(simulator.journal.posts(path_contains="/task/dag/")) == 1
    assert run.tasks, run.output
    assert (run.result["changed"], run.result["times_applied"]) == (True, 1), run.output
    assert run.result["dag"]["state"] == ("SUCCEED" if operator == "ROLLBACK" else "FAILED")
    assert (run.status == 0) is (operator == "ROLLBACK")


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_a_password_that_is_not_utf_8(ansible: Ansible, simulator: Simulator, way: dict[str, t.Any]) -> None:
    """It is in the environment of the process that runs the task."""
    password = os.fsdecode(b"caf\xe9#Secret")
    options = connection(simulator, password)
    del options["password"]
    ansible.environment["OBSHELL_PASSWORD"] = password
    run = ansible.playbook(play(way, **options, name=INIT, operator="ROLLBACK"))
    assert (run.result["changed"], run.result["dag"]["state"]) == (True, "SUCCEED"), run.output
