# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees while a task waits."""

from __future__ import annotations

import json
import pathlib
import re
import sys
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Hold, Obstacle, Simulator

from ..clusters import agents, declared
from ..conftest import BOTH_WAYS, HERE, ROOT_PASSWORD, SENT, SPEED, Ansible

LINE = re.compile(r"^\S+ \| Initialize cluster \| \d+:\d\d \| (.*)$", re.MULTILINE)
ROLLED_BACK = ("Start observer", "Create observer workdir", "Integrate config")
# Looks at a DAG after which all is told of it: one without details, and where it has moved on one with them.
TOLD = 2
# More looks at a DAG than there are within the second that a part lasts after news: they are 0.1 s apart at the least.
MORE_THAN_A_PART = 15
SECRET_LINE = "connect with password=hunter2"


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version="4.5.0.0")], speed=SPEED) as simulator:
        yield simulator


def fail_init(simulator: Simulator) -> dict[str, t.Any]:
    logs = ("start observer", SECRET_LINE, "ERROR: out of memory")
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1, logs=logs), root_password=ROOT_PASSWORD)
    return {"port": simulator.agents[0].port, "password": ROOT_PASSWORD, "name": "Initialize cluster"}


def play(
    way: dict[str, t.Any], hosts: str = "all", *, module: str = "obshell_dag", **options: t.Any
) -> list[dict[str, t.Any]]:
    task = {f"oceanbase.obshell.{module}": options, **way}
    interpreter = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return [{"hosts": hosts, "gather_facts": False, "vars": interpreter, "tasks": [task]}]


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_a_rollback_is_counted_down(ansible: Ansible, simulator: Simulator, way: dict[str, t.Any]) -> None:
    connection = fail_init(simulator)
    Hold(simulator, *ROLLED_BACK, operator="ROLLBACK", reads=TOLD)
    run = ansible.playbook(play(way, **connection, operator="ROLLBACK"))
    lines = LINE.findall(run.output)
    agent = f"127.0.0.1:{simulator.agents[0].port}"
    steps = [line for line in lines if line.startswith("rolling back")]
    assert steps == [f"rolling back, {to_go} to go | {node} on {agent}" for to_go, node in zip((3, 2, 1), ROLLED_BACK)]
    assert len(simulator.journal.posts(path_contains="/task/dag/")) == 1
    assert lines[-1] == "SUCCEED/ROLLBACK"
    assert run.result["dag"]["state"] == "SUCCEED"


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_a_wait_without_an_operator_is_shown(ansible: Ansible, simulator: Simulator, way: dict[str, t.Any]) -> None:
    Hold(simulator, *reversed(ROLLED_BACK), reads=TOLD)
    simulator.start_init(root_password=ROOT_PASSWORD)
    connection: dict[str, t.Any] = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}
    run = ansible.playbook(play(way, module="obshell_dag_wait", **connection, name="Initialize cluster"))
    assert run.status == 0 and run.result["dags"][0]["outcome"] == "initialized", run.output
    lines = LINE.findall(run.output)
    steps = [line.partition(" | ")[0] for line in lines[:-1]]
    assert steps == sorted(steps, key=lambda step: int(step.partition("/")[0])) and len(set(steps)) == len(steps) > 2
    assert lines[-1] == "SUCCEED/RUN" and not run.result["changed"]
    assert len(simulator.journal.posts()) == 0


@pytest.mark.parametrize("way", BOTH_WAYS)
@pytest.mark.parametrize("verbose", [True, False])
def test_lines_of_log_are_shown_with_v_alone_and_masked(
    ansible: Ansible, simulator: Simulator, way: dict[str, t.Any], verbose: bool
) -> None:
    connection = fail_init(simulator)
    Hold(simulator, "Start observer", operator="ROLLBACK", reads=TOLD)
    run = ansible.playbook(play(way, **connection, operator="ROLLBACK"), *(["-v"] if verbose else []))
    shown = re.findall(r"^localhost \|   (.*)$", run.output, re.MULTILINE)
    assert bool(shown) == verbose
    assert "hunter2" not in run.output


@pytest.mark.parametrize(
    ("options", "arguments"),
    [({"progress": "none"}, []), ({"wait": False}, []), ({}, ["--check"])],
    ids=["none", "no wait", "check mode"],
)
@pytest.mark.parametrize("way", BOTH_WAYS)
def test_nothing_is_shown_unasked(
    ansible: Ansible, simulator: Simulator, way: dict[str, t.Any], options: dict[str, t.Any], arguments: list[str]
) -> None:
    connection = fail_init(simulator)
    run = ansible.playbook(play(way, **connection, operator="ROLLBACK", **options), *arguments)
    assert (run.status, run.result["changed"]) == (0, True)
    assert LINE.findall(run.output) == []


@pytest.mark.slow
def test_a_large_fleet_shows_one_line_for_each_host_that_changed_something(
    ansible: Ansible, simulator: Simulator
) -> None:
    connection = fail_init(simulator)
    hosts = ",".join(f"node{number}" for number in range(11))
    run = ansible.playbook(play(HERE, **connection, operator="ROLLBACK"), "-i", hosts, "-f", "12", "--limit", "node*")
    assert [result["changed"] for _name, result in run.tasks].count(True) == 1
    assert LINE.findall(run.output) == ["SUCCEED/ROLLBACK"]
    assert [entry.applied for entry in simulator.journal.posts(path_contains="/task/dag/")].count(True) == 1


@pytest.mark.slow
def test_a_sent_task_is_one_module_run_for_each_change_at_the_most(ansible: Ansible, simulator: Simulator) -> None:
    connection = fail_init(simulator)
    Hold(simulator, "Integrate config", operator="ROLLBACK", reads=MORE_THAN_A_PART)
    run = ansible.playbook(play(SENT, **connection, operator="ROLLBACK"), "-vvv")
    module_runs = len(re.findall(r"EXEC .*python\S* \S+AnsiballZ_obshell_dag.py", run.output))
    polls = len(simulator.journal.find(method="GET", path_contains="/task/dag/"))
    positions = ("READY", "RUNNING at 3", "at 2", "at 1", "SUCCEED")
    assert 1 < module_runs <= len(positions) + 1
    assert polls > module_runs


def test_async_says_what_to_do_instead(ansible: Ansible, simulator: Simulator) -> None:
    connection = fail_init(simulator)
    simulator.journal.clear()
    run = ansible.playbook(play({"async": 60, "poll": 5}, **connection, operator="ROLLBACK"))
    assert run.status != 0
    assert "wait to false" in run.result["msg"]
    assert simulator.journal.entries == []


@pytest.mark.slow
def test_a_sent_cluster_is_told_of_while_it_is_made(ansible: Ansible) -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        Hold(simulator, "Start observer", "Cluster boostrap", reads=MORE_THAN_A_PART)
        run = ansible.playbook(play(SENT, module="obshell_cluster", **declared(simulator)), "-vvvv")
        assert not run.result.get("failed"), run.result["msg"]
        posts = [entry.uri for entry in simulator.journal.entries if entry.method != "GET"]
        polls = len(simulator.journal.find(method="GET", path_contains="/task/dag/"))
    module_runs = len(re.findall(r"EXEC .*python\S* \S+AnsiballZ_obshell_cluster.py", run.output))
    lines = re.findall(r"^localhost \| (.*) \| \d+:\d\d \| (.*)$", run.output, re.MULTILINE)
    assert [name for name, position in lines if position == "requesting"] == run.result["steps"]
    assert len(posts) == len(run.result["steps"])
    stages = [position for name, position in lines if name == "Initialize cluster"]
    assert len(stages) > 2 and stages[-1] == "SUCCEED/RUN"
    assert 2 < module_runs < polls
    assert ROOT_PASSWORD not in run.output


@pytest.mark.slow
def test_a_module_that_breaks_down_later_does_not_hide_what_was_done(ansible: Ansible, tmp_path: pathlib.Path) -> None:
    runs, python = tmp_path / "runs", tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho >> {runs}\n[ $(wc -l < {runs}) -lt 3 ] && exec {sys.executable} "$@"\nexit 1\n')
    python.chmod(0o755)
    with Simulator(agents(2), speed=SPEED) as simulator:
        simulator.delays.append(Delay(node="Start observer", ticks=FOREVER))
        way = {"vars": {"ansible_python_interpreter": str(python)}}
        run = ansible.playbook(play(way, module="obshell_cluster", **declared(simulator)))
        posts = [entry for entry in simulator.journal.entries if entry.method != "GET"]
    assert run.status != 0 and runs.read_text().count("\n") == 3
    assert run.result["changed"] and len(run.result["steps"]) == len(posts)


@pytest.mark.slow
@pytest.mark.parametrize("password", ["configured", "2130706433"])
def test_a_password_that_a_checkpoint_contains_changes_nothing(ansible: Ansible, password: str) -> None:
    with Simulator(agents(1), speed=20) as simulator:
        options = {**declared(simulator), "root_password": password}
        run = ansible.playbook(play(SENT, module="obshell_cluster", **options))
        assert run.status == 0, run.output
        assert simulator.agents[0].identity == "CLUSTER AGENT"
    lines = re.findall(r"^localhost \| (.*) \| \d+:\d\d \| (.*)$", run.output, re.MULTILINE)
    assert [name for name, position in lines if position == "requesting"] == run.result["steps"]


@pytest.mark.parametrize("way", BOTH_WAYS)
@pytest.mark.parametrize("of_play", [True, False], ids=["play", "task"])
def test_no_log_silences_progress(ansible: Ansible, simulator: Simulator, way: dict[str, t.Any], of_play: bool) -> None:
    connection = fail_init(simulator)
    (silent,) = play(way, **connection, operator="ROLLBACK")
    (silent if of_play else silent["tasks"][0])["no_log"] = True
    run = ansible.playbook([silent], "-v")
    assert run.status == 0 and "censored" in run.output
    assert "Initialize cluster" not in run.output and "localhost |   " not in run.output
    assert len(simulator.journal.posts(path_contains="/task/dag/")) == 1


@pytest.mark.parametrize("callback", ["minimal", "oneline"])
@pytest.mark.parametrize("way", BOTH_WAYS)
def test_progress_is_not_in_output_for_programs(
    ansible: Ansible, simulator: Simulator, way: dict[str, t.Any], callback: str
) -> None:
    connection = fail_init(simulator)
    path = ansible.folder / "play.yml"
    path.write_text(yaml.safe_dump(play(way, **connection, operator="ROLLBACK")), encoding="utf-8")
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", str(path), "-v"]
    done = ansible.run(command, ANSIBLE_STDOUT_CALLBACK=callback)
    assert done.returncode == 0, done.stdout
    assert LINE.findall(done.stdout) == [] and "localhost |   " not in done.stdout
    assert LINE.findall(done.stderr)[-1] == "SUCCEED/ROLLBACK"


@pytest.mark.parametrize("arguments", [[], ["-o"]], ids=["minimal", "one line"])
def test_an_ad_hoc_command_prints_its_result_alone_to_stdout(
    ansible: Ansible, simulator: Simulator, arguments: list[str]
) -> None:
    del ansible.environment["ANSIBLE_STDOUT_CALLBACK"]
    options = json.dumps({**fail_init(simulator), "operator": "ROLLBACK"})
    done = ansible.run(["ansible", "localhost", "-m", "oceanbase.obshell.obshell_dag", "-a", options, *arguments])
    head, _arrow, result = done.stdout.partition(" => ")
    assert head == "localhost | CHANGED" and json.loads(result)["dag"]["state"] == "SUCCEED"
    assert LINE.findall(done.stderr)[-1] == "SUCCEED/ROLLBACK"


@pytest.mark.slow
@pytest.mark.parametrize("way", BOTH_WAYS)
def test_a_time_out_of_the_task_does_not_lose_the_change(
    ansible: Ansible, simulator: Simulator, way: dict[str, t.Any]
) -> None:
    connection = fail_init(simulator)
    Hold(simulator, "Integrate config", operator="ROLLBACK", reads=10**6)
    run = ansible.playbook(play({**way, "timeout": 20}, **connection, operator="ROLLBACK"))
    assert run.status != 0 and run.result.get("changed") is True, run.result
    assert run.result["times_applied"] == 1 and "again to resume waiting" in run.result["msg"]
    assert len(simulator.journal.posts(path_contains="/task/dag/")) == 1
