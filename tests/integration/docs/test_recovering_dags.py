# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays about kinds of DAG: they run, and their steps and consents are those of the table of kinds.

The simulator plays the removal of a follower; the other kinds it does not know yet, so there the plays find no DAG.
"""

from __future__ import annotations

import shlex
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import PASS_NODE, matches
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, SPEED, Ansible, Run
from .guides import blocks

PAGE, README = "docs/recovering_dags.md", "roles/recover_dag/README.md"
PAGES = (PAGE, README)
OPERATORS = {"retry": "RETRY", "pass_node": PASS_NODE, "rollback": "ROLLBACK", "cancel": "CANCEL"}
Play = dict[str, t.Any]
PLAYS = [play for page in PAGES for block in blocks(page, "yaml") for play in yaml.safe_load(block)]
OF_ROLE = [play for play in PLAYS if "roles" in play]
OF_REMOVAL = [play for play in OF_ROLE if play["roles"][0]["recover_dag_name"].startswith("Remove follower")]


def run(ansible: Ansible, simulator: Simulator, play: Play, *, follower: str = "", part: str = "") -> Run:
    text = yaml.safe_dump([{**play, "hosts": "localhost"}])
    for address in ("10.0.0.2:2886", "10.0.0.3:2886"):
        text = text.replace(address, follower or address)
    ansible.environment["OBSHELL_PORT"] = str(simulator.agents[0].port)
    names = {"obshell_host": "127.0.0.1", "root_password": ROOT_PASSWORD, "part_id": part}
    return ansible.playbook(yaml.safe_load(text), **names)


def test_the_command_lists_what_failed(ansible: Ansible) -> None:
    (command,) = blocks(PAGE, "shell")
    with Simulator(speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        ansible.environment.update(OBSHELL_PORT=str(simulator.agents[0].port), OBSHELL_PASSWORD=ROOT_PASSWORD)
        done = ansible.run(shlex.split(command))
        assert done.returncode == 0 and dag_id in done.stdout and "needs_consent" not in done.stdout


def test_a_part_that_does_not_exist_is_not_passed(ansible: Ansible) -> None:
    (play,) = [play for play in PLAYS if "tasks" in play]
    with Simulator(speed=SPEED) as simulator:
        agent = simulator.agents[0]
        done = run(ansible, simulator, play, part=agent.format_id("ob", 9))
        assert (done.status != 0, simulator.journal.posts()) == (True, []), done.output
        assert done.result["fulfilled"] is False and "9" in done.result["msg"]


@pytest.mark.parametrize("play", OF_ROLE, ids=lambda play: play["name"])
def test_a_play_names_a_kind_and_asks_only_for_what_its_steps_may_need(play: Play) -> None:
    (role,) = play["roles"]
    (kind,) = [kind for kind in KINDS if matches(role["recover_dag_name"], kind.names) and not kind.is_part]
    operators = [OPERATORS[step] for step in role["recover_dag_policy"]]
    for operator in operators:
        assert any(rule.verdict != "refused" for rule in kind.rules if rule.operator == operator)
    needed = {name for rule in kind.rules if rule.operator in operators for name in rule.accept}
    assert set(role.get("recover_dag_accept", [])) <= needed
    node = role.get("recover_dag_node")
    assert (node is None) == (PASS_NODE not in operators)
    assert node is None or node in kind.nodes


@pytest.mark.slow
@pytest.mark.parametrize("play", OF_ROLE, ids=lambda play: play["name"])
def test_a_play_that_finds_no_dag_sends_nothing(ansible: Ansible, play: Play) -> None:
    with Simulator(speed=SPEED) as simulator:
        done = run(ansible, simulator, play)
        assert (done.status, simulator.journal.posts()) == (0, []), done.output
        assert "No DAG was found" in done.output


@pytest.mark.parametrize("play", OF_REMOVAL, ids=lambda play: play["name"])
def test_the_removal_of_a_lost_follower(ansible: Ansible, play: Play) -> None:
    with Simulator([AgentSpec()] * 3, speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        master, follower, _other = simulator.agents
        follower.stop()
        _status, answer = master.call("DELETE", "/api/v1/agent", follower.location.as_dict())
        dag_id = simulator.run_to_end(answer["data"]["id"])
        done = run(ansible, simulator, play, follower=follower.address)
        assert (done.status, master.dag(dag_id)["state"]) == (0, "SUCCEED"), done.output
        assert [entry.applied for entry in simulator.journal.posts()] == [True]
