# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database host over SSH: a module is sent and asks over the agent's socket, with a bare Python and no password."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys
import typing as t
import venv

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.integration.conftest import Ansible
from ansible_collections.oceanbase.obshell.tests.integration.docs.guides import blocks
from ansible_collections.oceanbase.obshell.tests.simulator import Simulator

from .conftest import PAGE, posted
from .sshd import HOST, KEY, KNOWN_HOSTS

# What a machine may lack: the one reason that check.py lets a skip have.
pytestmark = pytest.mark.skipif(not shutil.which("ssh"), reason="OpenSSH's client is not installed")
PLAYS = {
    play["name"]: play for block in blocks(PAGE, "yaml") for play in yaml.safe_load(block) if "# " not in block[:2]
}


@pytest.fixture(name="host")
def fixture_host(tmp_path: pathlib.Path) -> t.Iterator[pathlib.Path]:
    """The home on the database host; beside it lies an inventory of that host."""
    home = tmp_path / "host"
    home.mkdir()
    venv.create(home / "python", symlinks=True)
    command = [sys.executable, str(pathlib.Path(__file__).with_name("sshd.py")), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = int(server.stdout.readline())
        options = f"-F none -o UserKnownHostsFile={home / KNOWN_HOSTS} -o ControlMaster=no"
        variables = {
            "ansible_connection": "ssh",
            "ansible_port": port,
            "ansible_ssh_private_key_file": str(home / KEY),
            "ansible_ssh_args": options,
            "ansible_python_interpreter": str(home / "python/bin/python"),
        }
        inventory = {"observers": {"hosts": {HOST: variables}}}
        (tmp_path / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
        yield home
        server.terminate()


@pytest.mark.parametrize("pipelining", [False, True])
def test_roll_back_on_the_host(ansible: Ansible, simulator: Simulator, host: pathlib.Path, pipelining: bool) -> None:
    agent = simulator.agents[0]
    play = PLAYS["Roll back a failed initialisation on the database host"]
    text = yaml.safe_dump([play]).replace("/home/admin/oceanbase/run/obshell.sock", agent.socket)
    ansible.environment.update(ANSIBLE_PIPELINING=str(pipelining), ANSIBLE_REMOTE_TEMP="~/.ansible/tmp")
    del ansible.environment["OBSHELL_PORT"]
    run = ansible.playbook(yaml.safe_load(text), "-i", "hosts.json", "-vvv")
    assert run.status == 0, run.output
    assert posted(simulator) == [("ROLLBACK", True)]
    assert {entry.auth for entry in simulator.journal.entries} == {"socket"}
    assert "ESTABLISH SSH CONNECTION" in run.output and "rolling back" in run.output
    assert list(host.glob(".ansible/tmp/*")) == []


def test_one_task_of_a_local_play_on_the_host(ansible: Ansible, simulator: Simulator, host: pathlib.Path) -> None:
    task = {
        "oceanbase.obshell.obshell_dag_info": {"socket": simulator.agents[0].socket},
        "delegate_to": HOST,
    }
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    run = ansible.playbook([play], "-i", "hosts.json", "-vvv")
    assert run.status == 0, run.output
    assert "ESTABLISH SSH CONNECTION" in run.output
    assert [dag["state"] for dag in run.result["dags"]] == ["FAILED"]


def test_for_the_host_from_the_controller(ansible: Ansible, simulator: Simulator, host: pathlib.Path) -> None:
    run = ansible.playbook([PLAYS["Read the state of each agent"]], "-i", "hosts.json", "-vvv")
    assert run.status == 0, run.output
    assert run.result["agent"]["address"] == simulator.agents[0].address
    assert "SSH" not in run.output and "AnsiballZ" not in run.output
