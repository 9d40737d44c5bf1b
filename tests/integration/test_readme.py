# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every play and every command of the READMEs runs."""

from __future__ import annotations

import re
import shlex
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from .conftest import ROOT, ROOT_PASSWORD, SPEED, Ansible

PAGES = ("README.md", "roles/recover_init/README.md")


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


PLAYS = [play for page in PAGES for block in blocks(page, "yaml") for play in yaml.safe_load(block)]
COMMANDS = [
    line
    for page in PAGES
    for block in blocks(page, "shell")
    for line in block.splitlines()
    if line.startswith(("ansible ", "ansible-playbook "))
]


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version="4.5.0.0")], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        yield simulator


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play["name"])
def test_play(ansible: Ansible, simulator: Simulator, play: dict[str, t.Any]) -> None:
    agent = simulator.agents[0]
    text = yaml.safe_dump([{**play, "hosts": "localhost", "become": False}], sort_keys=False)
    here = yaml.safe_load(text.replace("/home/admin/oceanbase/run/obshell.sock", agent.socket))
    for role in here[0].get("roles", []):
        role["recover_init_connection"]["port"] = agent.port
    variables = {"obshell_host": "127.0.0.1", "obshell_port": agent.port, "root_password": ROOT_PASSWORD}
    run = ansible.playbook(here, **variables)
    assert run.status == 0, run.output
    assert [entry.applied for entry in simulator.journal.posts(path_contains="/task/dag/")] == [True]


@pytest.mark.parametrize("command", COMMANDS)
def test_command(ansible: Ansible, simulator: Simulator, command: str) -> None:
    ansible.environment.update(OBSHELL_PORT=str(simulator.agents[0].port), OBSHELL_PASSWORD=ROOT_PASSWORD)
    done = ansible.run(shlex.split(command))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_chinese_readme_shows_the_same() -> None:
    fences = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")]
    english, chinese = ([*fences.findall(text), *re.findall("^##+", text, re.MULTILINE)] for text in texts)
    assert chinese == english


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_exists(page: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    lines = [line.partition("#")[0] for block in blocks(page, "shell") for line in block.splitlines()]
    words = [word for line in lines if line.startswith("make ") for word in shlex.split(line)[1:]]
    named = [word for word in words if "=" not in word]
    assert named and set(named) <= set(targets)
