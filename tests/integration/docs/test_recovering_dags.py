# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about kinds of DAG: its command runs, and steps and consents of its plays are those of the table of kinds.

test_recovering_each_kind.py runs the plays against failed DAGs.
"""

from __future__ import annotations

import shlex
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import PASS_NODE, matches
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS
from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, SPEED, Ansible, Run
from .guides import blocks

PAGE, README = "docs/recovering_dags.md", "roles/recover_dag/README.md"
PAGES = (PAGE, README)
OPERATORS = {"retry": "RETRY", "pass_node": PASS_NODE, "rollback": "ROLLBACK", "cancel": "CANCEL"}
Play = dict[str, t.Any]
PLAYS = [play for page in PAGES for block in blocks(page, "yaml") for play in yaml.safe_load(block)]
OF_ROLE = [play for play in PLAYS if "roles" in play]


def run(ansible: Ansible, simulator: Simulator, play: Play) -> Run:
    """Run a play of the page against the first agent."""
    ansible.environment["OBSHELL_PORT"] = str(simulator.agents[0].port)
    names = {"obshell_host": "127.0.0.1", "root_password": ROOT_PASSWORD}
    return ansible.playbook([{**play, "hosts": "localhost"}], **names)


def test_the_command_lists_what_failed(ansible: Ansible) -> None:
    (command,) = blocks(PAGE, "shell")
    with Simulator(speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        ansible.environment.update(OBSHELL_PORT=str(simulator.agents[0].port), OBSHELL_PASSWORD=ROOT_PASSWORD)
        done = ansible.run(shlex.split(command))
        assert done.returncode == 0 and dag_id in done.stdout and "needs_consent" not in done.stdout


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
