# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to run the collection that need more packages than `make test` installs: `.venv/bin/nox -s external`."""

from __future__ import annotations

import pathlib
import typing as t

import ansible_runner
import pytest
from ansible_collections.oceanbase.obshell.tests.integration.conftest import ROOT_PASSWORD, SPEED, Ansible
from ansible_collections.oceanbase.obshell.tests.integration.docs.guides import files, write_files
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Hold, Obstacle, Simulator

from .sshd import HOST

PAGE = "docs/ways.md"


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    """One agent, on the host that has an SSH server, with a failed initialisation; its rollback lasts until seen."""
    with Simulator([AgentSpec(ip=HOST, listen=(HOST,))], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        Hold(simulator, "Start observer", operator="ROLLBACK", reads=2)
        yield simulator


@pytest.fixture(name="ansible")
def fixture_ansible(tmp_path: pathlib.Path, simulator: Simulator) -> Ansible:
    """In a folder with the files of the page, which lead to the simulated agent."""
    ansible = Ansible(tmp_path)
    ansible.environment["OBSHELL_PORT"] = str(simulator.agents[0].port)
    write_files(tmp_path, {name: text.replace("10.0.0.1", HOST) for name, text in files(PAGE).items()})
    return ansible


def posted(simulator: Simulator) -> list[tuple[str, bool]]:
    return [(entry.body["operator"], entry.applied) for entry in simulator.journal.posts(path_contains="/task/dag/")]


def holders(folder: pathlib.Path) -> list[str]:
    """The files below a folder that hold the password."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in paths if ROOT_PASSWORD in path.read_text(encoding="utf-8", errors="replace")]


def output(run: ansible_runner.Runner) -> str:
    """All that a run of ansible-runner printed."""
    with run.stdout as file:
        return str(file.read())
