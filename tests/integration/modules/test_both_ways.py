# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same task in the controller's process and sent as a module: same results, masking, check mode and diff."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..clusters import declared
from ..conftest import LONGEST, ROOT, ROOT_PASSWORD, SPEED, Ansible, Run

# A task with an environment of its own is sent: only a module has one.
WAYS: dict[str, dict[str, t.Any]] = {"here": {}, "sent": {"environment": {"SENT": "1"}}}
DIFFERENT_EACH_TIME = ("elapsed", "trace_ids", "trace_id", "invocation", "start_time", "end_time", "age")
# Log lines of its own, since the agent's name its port.
OBSTACLE = Obstacle(node="Start observer", logs=("start observer, password=hunter2", "ERROR: out of memory"))

Story = t.Callable[[Ansible, dict[str, t.Any]], tuple[list[t.Any], Run, Simulator]]


@pytest.fixture(name="way", params=WAYS)
def fixture_way(request: pytest.FixtureRequest) -> dict[str, t.Any]:
    return WAYS[request.param]


def play(*tasks: dict[str, t.Any], **keywords: t.Any) -> list[dict[str, t.Any]]:
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks), **keywords}]


def operate(connection: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    return {"oceanbase.obshell.obshell_dag": {**connection, **options}}


def comparable(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {
            key: comparable(item)
            for key, item in value.items()
            if key not in DIFFERENT_EACH_TIME and not key.startswith("_ansible")
        }
    if isinstance(value, str):
        return re.sub(r"traceId \w+", "traceId", value)
    return [comparable(item) for item in value] if isinstance(value, list) else value


def tell(
    ansible: Ansible, simulator: Simulator, tasks: list[dict[str, t.Any]], **defaults: t.Any
) -> tuple[list[t.Any], Run]:
    """Run tasks, of which some fail, and return what can be compared of their results, and the run."""
    run = ansible.playbook(
        play(
            *({**task, "ignore_errors": True} for task in tasks),
            module_defaults={"group/oceanbase.obshell.obshell": defaults},
            vars={"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        ),
        "--diff",
        "-vvvv",
    )
    return neutral([comparable(result) for _name, result in run.tasks], simulator), run


def neutral(values: list[t.Any], simulator: Simulator) -> list[t.Any]:
    """Copy values without what the agents' ports, which an ID tells too, make different in each run."""
    text = json.dumps(values)
    for number, agent in enumerate(simulator.agents):
        text = text.replace(str(agent.port), str(2886 + number))
    return t.cast("list[t.Any]", json.loads(re.sub(r"\b\d{15,}\b", "ID", text)))


@pytest.mark.parametrize("use_tls", [False, True])
def test_only_https_imports_requests(tmp_path: pathlib.Path, use_tls: bool) -> None:
    """It takes longer than a whole read."""
    collection = "ansible_collections.oceanbase.obshell"
    script = f"""
import sys
from {collection}.plugins.action import obshell_agent_info, obshell_cluster
from {collection}.plugins.action import obshell_dag, obshell_dag_info, obshell_dag_wait, obshell_fleet_info
from {collection}.tests.integration.inprocess import task
print(task("obshell_dag_info", port=1, timeout=60, use_tls={use_tls})["msg"])
print("requests" in sys.modules, "urllib3" in sys.modules)
"""
    environment = {**Ansible(tmp_path).environment, "PYTHONPATH": str(ROOT / ".build")}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False)
    refused, imported = done.stdout.splitlines()
    assert "refused" in refused, done.stderr
    assert imported == f"{use_tls} {use_tls}"


def operations(ansible: Ansible, way: dict[str, t.Any]) -> tuple[list[t.Any], Run, Simulator]:
    """Explain, predict, roll back, do it again, be refused, be wrong: everything that a result can be."""
    with Simulator([AgentSpec(version="4.5.0.0", advertised_port=2886)], speed=SPEED) as simulator:
        connection = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}
        dag_id = simulator.fail_init(obstacle=OBSTACLE, root_password=ROOT_PASSWORD)
        simulator.journal.clear()
        wrong = {**connection, "password": "wr0ng#Password"}
        tasks: list[dict[str, t.Any]] = [
            {"oceanbase.obshell.obshell_agent_info": connection},
            {"oceanbase.obshell.obshell_dag_info": {**connection, "details": "failed"}},
            {"oceanbase.obshell.obshell_fleet_info": {"connections": [{**wrong, "host": "127.0.0.1"}]}},
            {"oceanbase.obshell.obshell_fleet_info": {"agents": ["127.0.0.1", "127.0.0.1:1"], "members": True}},
            {**operate({}, id=dag_id, operator="ROLLBACK"), "check_mode": True},
            {"oceanbase.obshell.obshell_dag_wait": {"id": dag_id}},
            {"oceanbase.obshell.obshell_dag_wait": {"name": "Initialize cluster", "until": "ended"}},
            {"oceanbase.obshell.obshell_dag_wait": {"tenant": "orders"}},
            operate({}, id=dag_id, operator="PASS"),
            operate({}, id=dag_id, operator="RETRY"),
            operate({}, name="Initialize cluster", operator="ROLLBACK"),
            operate({}, id=dag_id, operator="ROLLBACK"),
            operate({}, id=dag_id, operator="RETRY"),
            operate(wrong, id=dag_id, operator="ROLLBACK"),
            operate({}, id="abc", operator="ROLLBACK"),
            operate({}, id=dag_id, name="both", operator="ROLLBACK"),
            operate({}, id=dag_id, operator="FROB"),
            operate({"port": 70000}, id=dag_id, operator="ROLLBACK"),
        ]
        results, run = tell(ansible, simulator, [{**task, **way} for task in tasks], **connection)
        return results, run, simulator


def clusters(ansible: Ansible, way: dict[str, t.Any]) -> tuple[list[t.Any], Run, Simulator]:
    """Predict, fail, point to the failure, recover, change nothing, be refused."""
    with Simulator([AgentSpec(version="4.5.0.0"), AgentSpec(version="4.5.0.0")], speed=SPEED) as simulator:
        simulator.obstacles.append(dataclasses.replace(OBSTACLE, times=1))
        wishes: list[dict[str, t.Any]] = [
            {"check_mode": True},
            {},
            {},
            {"recover": "rollback", "check_mode": True},
            {"recover": "retry", "accept": ["data_removal"]},
            {},
            {"state": "absent"},
            {"root_password": "wr0ng#Password"},
            {"servers": []},
        ]
        tasks = [cluster_task(simulator, **wish) for wish in wishes]
        results, run = tell(ansible, simulator, [{**task, **way} for task in tasks])
        return results, run, simulator


def cluster_task(simulator: Simulator, *, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return {"oceanbase.obshell.obshell_cluster": declared(simulator, **options), "check_mode": check_mode}


@pytest.mark.slow
@pytest.mark.parametrize(("story", "count"), [(operations, 18), (clusters, 9)])
def test_same_results_both_ways(ansible: Ansible, story: Story, count: int) -> None:
    here, here_run, here_simulator = story(ansible, WAYS["here"])
    sent, sent_run, sent_simulator = story(ansible, WAYS["sent"])
    assert "AnsiballZ" not in here_run.output and "AnsiballZ" in sent_run.output
    assert len(here) == count
    for one, other in zip(here, sent):
        assert one == other
    posts = [
        neutral([[entry.uri, {**(entry.body or {}), "rootPwd": ""}] for entry in simulator.journal.posts()], simulator)
        for simulator in (here_simulator, sent_simulator)
    ]
    assert posts[0] == posts[1]
    for run in (here_run, sent_run):
        assert ROOT_PASSWORD not in run.output
        assert "wr0ng#Password" not in run.output
        assert "hunter2" not in run.output
