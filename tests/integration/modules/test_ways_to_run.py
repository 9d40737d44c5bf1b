# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to run a play that Ansible itself offers: vault strings, delegation, forks and batches."""

from __future__ import annotations

import contextlib
import json
import threading
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..clusters import declared
from ..conftest import BOTH_WAYS, ROOT_PASSWORD, SPEED, Ansible, Run

DAG = "oceanbase.obshell.obshell_dag"
ROLL_BACK = {DAG: {"name": "Initialize cluster", "operator": "ROLLBACK", "wait_timeout": 300}}


@pytest.fixture(name="clusters")
def fixture_clusters(ansible: Ansible, request: pytest.FixtureRequest) -> t.Iterator[dict[str, Simulator]]:
    """Three clusters, each with a failed initialisation, and an inventory of them; the parameter is their speed."""
    with contextlib.ExitStack() as stack:
        clusters = {name: stack.enter_context(Simulator([AgentSpec()], speed=request.param)) for name in "abc"}
        hosts = {}
        for name, simulator in clusters.items():
            simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
            # Where no SSH answers: all that is done for the host is done by the controller.
            hosts[name] = {"obshell_port": simulator.agents[0].port, "ansible_host": "127.0.0.1", "ansible_port": 1}
        inventory = {"clusters": {"hosts": hosts, "vars": {"ansible_connection": "ssh"}}}
        (ansible.folder / "clusters.json").write_text(json.dumps(inventory), encoding="utf-8")
        yield clusters


def play(*tasks: dict[str, t.Any], **keywords: t.Any) -> dict[str, t.Any]:
    connection = {"port": "{{ obshell_port }}", "password": ROOT_PASSWORD}
    return {
        "hosts": "clusters",
        "gather_facts": False,
        "module_defaults": {"group/oceanbase.obshell.obshell": connection},
        "tasks": [{**task, "delegate_to": "localhost"} for task in tasks],
        **keywords,
    }


def posts(clusters: dict[str, Simulator]) -> list[int]:
    return [len(simulator.journal.posts(path_contains="/task/dag/")) for simulator in clusters.values()]


@pytest.mark.parametrize("clusters", [0], indirect=True)
def test_forks_wait_side_by_side(ansible: Ansible, clusters: dict[str, Simulator]) -> None:
    """Time stands still in all clusters until each has its rollback: one that waited for another would never end."""
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(0.05):
            if all(posts(clusters)):
                for simulator in clusters.values():
                    simulator.tick(1)

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        run = ansible.playbook([play(ROLL_BACK)], "-i", "clusters.json", "--forks", "3", "-vvv")
    finally:
        ended.set()
        ticking.join()
    assert run.status == 0, run.output
    assert posts(clusters) == [1, 1, 1]
    assert "SSH" not in run.output and "AnsiballZ" not in run.output


@pytest.mark.parametrize("clusters", [SPEED], indirect=True)
def test_a_batch_that_fails_is_the_last(ansible: Ansible, clusters: dict[str, Simulator]) -> None:
    clusters["b"].agents[0].root_password = "another"
    run = ansible.playbook([play(ROLL_BACK, serial=1)], "-i", "clusters.json")
    assert run.status != 0 and "fatal: [b -> localhost]" in run.output
    assert posts(clusters) == [1, 0, 0]
    assert clusters["c"].journal.entries == []


def run_encrypted(ansible: Ansible, plain: dict[str, t.Any], *arguments: str) -> Run:
    """Run a play whose password is a string that a vault encrypted, and see that nothing prints it."""
    (ansible.folder / "vault").write_text("of the vault", encoding="utf-8")
    vault = ["--vault-id", "ops@vault"]
    encrypted = ansible.run(["ansible-vault", "encrypt_string", *vault, ROOT_PASSWORD]).stdout
    text = yaml.safe_dump([plain]).replace(f"password: {ROOT_PASSWORD}\n", f"password: {encrypted}")
    assert ROOT_PASSWORD not in text
    path = ansible.folder / "encrypted.yml"
    path.write_text(text, encoding="utf-8")
    run = ansible.playbook(str(path), *vault, "-vvvv", *arguments)
    assert run.status == 0, run.output
    assert ROOT_PASSWORD not in run.output
    return run


@pytest.mark.parametrize("clusters", [SPEED], indirect=True)
@pytest.mark.parametrize("way", BOTH_WAYS)
def test_an_encrypted_option(ansible: Ansible, clusters: dict[str, Simulator], way: dict[str, t.Any]) -> None:
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    run_encrypted(ansible, play({**ROLL_BACK, **way}, vars=variables), "-i", "clusters.json", "--limit", "a")
    assert posts(clusters) == [1, 0, 0]


def test_an_encrypted_argument_of_a_role(ansible: Ansible) -> None:
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        options = {**declared(simulator), "root_password": "{{ root_password }}"}
        arguments = {f"init_cluster_{name}": options[name] for name in ("name", "root_password", "servers")}
        plain = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"root_password": ROOT_PASSWORD},
            "roles": [{"role": "oceanbase.obshell.init_cluster", **arguments}],
        }
        run = run_encrypted(ansible, plain)
        assert [agent.identity for agent in simulator.agents] == ["CLUSTER AGENT"], run.output
        assert simulator.agents[0].root_password == ROOT_PASSWORD
