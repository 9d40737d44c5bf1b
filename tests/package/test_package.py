# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as a user installs it, by an Ansible that has only the packages that the README asks for.

USER_BIN is the folder of that Ansible's commands. `.venv/bin/nox -s installed` sets it.
"""

from __future__ import annotations

import os
import pathlib
import tarfile
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.integration.conftest import ROOT, ROOT_PASSWORD, SPEED, Ansible
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

USER_BIN = pathlib.Path(os.environ["USER_BIN"])
# The folders of a release, and the files of tests/ in it: from this one ansible-test knows the Pythons of hosts.
FOLDERS = ["LICENSES", "changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles", "tests"]
TESTS = ["tests/config.yml"]
EXTENSIONS = ["extensions/eda/plugins/event_source/dag.py", "extensions/eda/rulebooks/self_heal.yml"]
NAME = "Initialize cluster"
TASKS: list[dict[str, t.Any]] = [
    {"oceanbase.obshell.obshell_dag_info": {"name": NAME}, "register": "found"},
    {"oceanbase.obshell.obshell_dag": {"name": NAME, "operator": "ROLLBACK"}, "register": "done"},
    # The agent speaks no TLS, which requests finds out.
    {
        "oceanbase.obshell.obshell_agent_info": {"use_tls": True},
        "register": "https",
        "failed_when": "https.msg is not search('https://.* failed: .*SSL')",
    },
    {
        "ansible.builtin.assert": {
            "that": [
                "found.dags[0].failures[0].node == 'Start observer'",
                "done.applied and done.dag.id == found.dags[0].id",
                "(done.dag.state, done.dag.operator) == ('SUCCEED', 'ROLLBACK')",
            ]
        }
    },
]


class User(Ansible):
    """Runs Ansible with the installed collections only."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder)
        self.environment.update(ANSIBLE_COLLECTIONS_PATH=str(folder), PATH=f"{USER_BIN}:/usr/bin:/bin")

    def output(self, command: str, *arguments: str, **environment: str) -> str:
        done = self.run([str(USER_BIN / command), *arguments], **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(name="package")
def fixture_package(tmp_path: pathlib.Path) -> pathlib.Path:
    User(tmp_path).output("ansible-galaxy", "collection", "build", "--output-path", str(tmp_path), str(ROOT))
    (package,) = tmp_path.glob("*.tar.gz")
    return package


def test_contents(package: pathlib.Path) -> None:
    """Nothing is in it that make or an editor left in the checkout."""
    with tarfile.open(package) as archive:
        members = archive.getmembers()
    assert sorted(member.name for member in members if member.isdir() and "/" not in member.name) == FOLDERS
    files = sorted(member.name for member in members if member.isfile())
    assert sorted(member.name for member in members if member.name.startswith("tests/")) == TESTS
    assert [name for name in files if name.startswith("extensions/")] == EXTENSIONS


# A task with an environment of its own is sent.
@pytest.mark.parametrize("keywords", [{}, {"environment": {"SENT": "1"}}], ids=["here", "sent"])
def test_use(tmp_path: pathlib.Path, package: pathlib.Path, keywords: dict[str, t.Any]) -> None:
    user = User(tmp_path)
    user.output("ansible-galaxy", "collection", "install", "--offline", "-p", str(tmp_path), str(package))
    user.output("ansible-galaxy", "collection", "verify", "--offline", "oceanbase.obshell")
    play = {"hosts": "all", "gather_facts": False, "tasks": TASKS, **keywords}
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        user.environment.update(OBSHELL_PORT=str(simulator.agents[0].port), OBSHELL_PASSWORD=ROOT_PASSWORD)
        run = user.playbook([play], "-vvv", ansible_python_interpreter="{{ ansible_playbook_python }}")
    assert run.status == 0, run.output
    assert ("AnsiballZ_obshell_dag.py" in run.output) == bool(keywords)
