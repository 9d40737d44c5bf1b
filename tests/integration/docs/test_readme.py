# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every play of the READMEs sends one request, the READMEs are alike, and what CONTRIBUTING says can be done."""

from __future__ import annotations

import pathlib
import re
import shlex
import subprocess
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import ROOT, ROOT_PASSWORD, SPEED, Ansible
from . import guides
from .guides import all_blocks, blocks

PAGES = ("README.md", "roles/recover_init/README.md")


PLAYS = [play for page in PAGES for block in blocks(page, "yaml") for play in yaml.safe_load(block)]


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


def test_the_chinese_readme_shows_the_same() -> None:
    """The same code, headings of the same depth, and the same links but for those to pages in both languages."""
    pages = ("README.md", "README.zh-CN.md")
    assert all_blocks(pages[1]) == all_blocks(pages[0])
    english, chinese = ((ROOT / page).read_text(encoding="utf-8") for page in pages)
    for pattern in (r"^##+", r"^\|", r"^- "):
        assert re.findall(pattern, chinese, re.MULTILINE) == re.findall(pattern, english, re.MULTILINE)
    links = [re.findall(r"\]\((https://github.com/[^)]+)\)", text) for text in (english, chinese)]
    assert links[1][1:] == links[0][1:]


def test_every_link_into_the_repository_leads_somewhere() -> None:
    found = {
        page: re.findall(r"/blob/main/([^)#\s]+)", (ROOT / page).read_text(encoding="utf-8")) for page in guides.PAGES
    }
    assert [(page, path) for page, paths in found.items() for path in paths if not (ROOT / path).exists()] == []
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")} <= set(found["README.md"])


def test_the_fragment_of_a_change_is_one(tmp_path: pathlib.Path) -> None:
    (script,) = blocks("CONTRIBUTING.md", "shell")
    folder = tmp_path / "changelogs/fragments"
    folder.mkdir(parents=True)
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, check=True)
    (fragment,) = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.iterdir())
    config = yaml.safe_load((ROOT / "changelogs/config.yaml").read_text(encoding="utf-8"))
    assert fragment and set(fragment) <= {name for name, _title in config["sections"]}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_exists(page: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    lines = [line.partition("#")[0] for _language, block in all_blocks(page) for line in block.splitlines()]
    words = [word for line in lines if line.startswith("make ") for word in shlex.split(line)[1:]]
    named = [word for word in words if "=" not in word]
    assert named and set(named) <= set(targets)


def test_what_hosts_need_is_told_where_users_look() -> None:
    """What ansible-test and ansible-builder are told is in both READMEs and in the documentation of the modules."""
    lines = (ROOT / "meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    config = yaml.safe_load((ROOT / "tests/config.yml").read_text(encoding="utf-8"))
    needed = [f"python{config['modules']['python_requires']}", *(line for line in lines if line and line[0] != "#")]
    fragment = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["requirements"]
    pages = [(ROOT / page).read_text(encoding="utf-8").lower() for page in ("README.md", "README.zh-CN.md")]
    for name, version in (line.split(">=") for line in needed):
        assert any(line.startswith(f"{name} >= {version}") for line in fragment), name
        stated = re.compile(rf"{name}\S* {re.escape(version)} ")
        assert all(stated.search(page) for page in pages), name
