# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every play of the guides on clusters runs, in their order, and so do the role's and the module's examples."""

from __future__ import annotations

import shlex
import subprocess
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.modules import obshell_cluster
from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator

from ..clusters import at_one_port
from ..conftest import AGENT_PASSWORD, BOTH_WAYS, ROOT_PASSWORD, SPEED, Ansible
from .guides import blocks, files, write_files

PAGES = ("docs/deploy_pipeline.md", "docs/init_failed.md", "roles/init_cluster/README.md")
MODULES = ("obshell_cluster",)
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


@pytest.fixture(name="simulator")
def fixture_simulator(ansible: Ansible) -> t.Iterator[Simulator]:
    """Agents at the addresses of the guides, as far as a test has them: all at one port."""
    (simulator,) = at_one_port(HOSTS, speed=SPEED)
    try:
        ansible.environment["OBSHELL_PORT"] = str(simulator.agents[0].port)
        (ansible.folder / "secrets.yml").write_text(f"root_password: '{ROOT_PASSWORD}'\n", encoding="utf-8")
        yield simulator
    finally:
        simulator.stop()


def here(text: str) -> str:
    return text.replace("10.0.0.", "127.0.0.").replace("192.0.2.", "127.0.0.")


def write_page(ansible: Ansible, page: str) -> None:
    write_files(ansible.folder, {name: here(text) for name, text in files(page).items()})


def shell(ansible: Ansible, command: str) -> subprocess.CompletedProcess[str]:
    done = ansible.run(shlex.split(here(command)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert ROOT_PASSWORD not in done.stdout + done.stderr
    return done


def fail_init(simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)


def identities(simulator: Simulator) -> set[str]:
    return {agent.identity for agent in simulator.agents}


@pytest.mark.slow
def test_deploy_in_a_pipeline(ansible: Ansible, simulator: Simulator) -> None:
    page = "docs/deploy_pipeline.md"
    write_page(ansible, page)
    look, deploy, _remove = blocks(page, "shell")
    assert shell(ansible, look).stdout.count('"identity": "SINGLE"') == 3
    check, do, again = deploy.splitlines()
    shell(ansible, check)
    assert identities(simulator) == {"SINGLE"}
    shell(ansible, do)
    assert identities(simulator) == {"CLUSTER AGENT"}
    assert "changed=0" in shell(ansible, again).stdout
    assert simulator.agents[1].observer.options["memory_limit"] == "16G"


@pytest.mark.slow
def test_take_back_what_was_not_initialised(ansible: Ansible, simulator: Simulator) -> None:
    page = "docs/deploy_pipeline.md"
    write_page(ansible, page)
    fail_init(simulator)
    _look, _deploy, remove = blocks(page, "shell")
    shell(ansible, remove)
    assert identities(simulator) == {"SINGLE"}


@pytest.mark.slow
@pytest.mark.parametrize("remedy", [0, 1], ids=["retry", "again"])
def test_an_initialisation_that_failed(ansible: Ansible, simulator: Simulator, remedy: int) -> None:
    page = "docs/init_failed.md"
    write_page(ansible, page)
    fail_init(simulator)
    why, retry, again = blocks(page, "shell")
    assert "out of memory" in shell(ansible, why).stdout
    shell(ansible, (retry, again)[remedy])
    assert identities(simulator) == {"CLUSTER AGENT"}


def test_the_examples_of_the_module(ansible: Ansible, simulator: Simulator) -> None:
    initialise, take_back = yaml.safe_load(here(obshell_cluster.EXAMPLES))
    initialise["oceanbase.obshell.obshell_cluster"]["state"] = "configured"
    play = {"hosts": "all", "gather_facts": False, "tasks": [initialise, take_back]}
    run = ansible.playbook([play], root_password=ROOT_PASSWORD)
    assert run.status == 0, run.output
    assert [result["changed"] for _name, result in run.tasks] == [True, True]


@pytest.mark.slow
def test_the_example_of_the_role(ansible: Ansible, simulator: Simulator) -> None:
    (example,) = blocks("roles/init_cluster/README.md", "yaml")
    (play,) = yaml.safe_load(example)
    servers = [{"host": host, "zone": f"zone{number}"} for number, host in enumerate(HOSTS, 1)]
    run = ansible.playbook([{**play, "hosts": "all"}], root_password=ROOT_PASSWORD, obdemo_servers=servers)
    assert run.status == 0, run.output
    assert identities(simulator) == {"CLUSTER AGENT"}


@pytest.mark.parametrize("way", BOTH_WAYS)
def test_no_password_is_printed(ansible: Ansible, simulator: Simulator, way: dict[str, t.Any]) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1, logs=(f"with {ROOT_PASSWORD}", "ERROR: no")))
    secrets = {"root": ROOT_PASSWORD, "agent": AGENT_PASSWORD, "proxyro": "Pr0xyro#Secret+pw"}
    (ansible.folder / "secrets.yml").write_text(yaml.safe_dump({"secrets": secrets}), encoding="utf-8")
    servers = [
        {"host": host, "zone": f"zone{number}", "agent_password": "{{ secrets.agent }}"}
        for number, host in enumerate(HOSTS, 1)
    ]
    options = {
        "name": "obdemo",
        "root_password": "{{ secrets.root }}",
        "proxyro_password": "{{ secrets.proxyro }}",
        "servers": servers,
    }
    tasks = [{"oceanbase.obshell.obshell_cluster": options, "register": "result", **way}, {"debug": {"var": "result"}}]
    run = ansible.playbook(
        [{"hosts": "all", "gather_facts": False, "vars_files": ["secrets.yml"], "tasks": tasks}], "-vvvv", "--diff"
    )
    assert run.status != 0 and "ERROR: no" in run.output
    assert [agent.agent_password for agent in simulator.agents] == [AGENT_PASSWORD] * 3
    (init,) = simulator.journal.posts(path_contains="/ob/init")
    assert init.body["proxyro_password"] == secrets["proxyro"]
    assert [name for name, secret in secrets.items() if secret in run.output] == []
