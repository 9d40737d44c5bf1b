# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play of docs/scaling.md sends all requests, then waits: nothing is lost, and each cluster is rolled back once."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.simulator import Fault, HoldTogether, Obstacle, Simulator

from ..clusters import at_one_port
from ..conftest import ROOT_PASSWORD, SPEED, Ansible
from ..docs.guides import files

CLUSTERS, FORKS = 20, 10
NODE = "Start observer"
# Every fourth cluster applies the request, but its answer is lost.
LOST_ANSWERS = slice(None, None, 4)


@pytest.fixture(name="simulators")
def fixture_simulators() -> t.Iterator[list[Simulator]]:
    """Clusters with a failed initialisation. No rollback ends before all have begun, as if they took hours."""
    simulators = at_one_port(*([f"127.0.0.{number}"] for number in range(1, CLUSTERS + 1)), speed=SPEED)
    for simulator in simulators:
        simulator.fail_init(obstacle=Obstacle(node=NODE), root_password=ROOT_PASSWORD)
    for simulator in simulators[LOST_ANSWERS]:
        simulator.agents[0].faults.append(Fault("lose_answer", method="POST", path="/task/dag", times=1))
    HoldTogether(simulators, NODE, operator="ROLLBACK")
    yield simulators
    for simulator in simulators:
        simulator.stop()


@pytest.mark.slow
def test_start_all_then_wait(ansible: Ansible, simulators: list[Simulator]) -> None:
    hosts = {simulator.agents[0].host: {"obshell_host": simulator.agents[0].host} for simulator in simulators}
    inventory = {"clusters": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}
    (ansible.folder / "clusters.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    ansible.environment.update(OBSHELL_PORT=str(simulators[0].agents[0].port), OBSHELL_PASSWORD=ROOT_PASSWORD)
    play = yaml.safe_load(files("docs/scaling.md")["rollback.yml"])
    run = ansible.playbook(play, "-i", "clusters.yml", "--forks", str(FORKS))
    assert run.status == 0, run.output
    sends, waits = ([result for _name, result in run.tasks[start : start + CLUSTERS]] for start in (0, CLUSTERS))
    assert len(run.tasks) == 2 * CLUSTERS
    ids = {simulator.agents[0].id_of(simulator.agents[0].engine.dags[-1]) for simulator in simulators}
    assert {result["dag"]["id"] for result in sends} == {result["dag"]["id"] for result in waits} == ids
    assert [result["changed"] for result in sends] == [True] * CLUSTERS
    assert {(result["changed"], result["dag"]["state"], result["dag"]["operator"]) for result in waits} == {
        (False, "SUCCEED", "ROLLBACK")
    }
    assert [rollbacks(simulator) for simulator in simulators] == [1] * CLUSTERS


def rollbacks(simulator: Simulator) -> int:
    """How often a cluster applied ROLLBACK; it has had no other operator."""
    posts = simulator.journal.posts(path_contains="/task/dag/")
    assert {entry.body["operator"] for entry in posts} == {"ROLLBACK"}
    return sum(entry.applied for entry in posts)
