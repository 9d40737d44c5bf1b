# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents without a database never receive a read that makes them ask each other until they are out of files.

A simulator that receives one fails the test when it stops.
"""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator

from ..clusters import agents, declared, sent
from ..conftest import ROOT_PASSWORD, SPEED, Ansible


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator(agents(2, "4.3.0.0"), speed=SPEED) as simulator:
        yield simulator


def fail_init(simulator: Simulator) -> str:
    dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    simulator.journal.clear()
    return dag_id


@pytest.mark.slow
def test_a_second_run_of_obshell_cluster_after_a_failed_initialisation(simulator: Simulator, ansible: Ansible) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", times=3))
    options = {**declared(simulator), "recover": "none"}
    for _run in range(2):
        run = ansible.module("obshell_cluster", **options)
        assert run.status == 2 and "Start observer" in run.result["msg"], run.output
    assert sent(simulator).count("POST ob/init") == 1
    assert simulator.storms == []
    run = ansible.module("obshell_cluster", **{**options, "recover": "rollback"})
    assert run.status == 2 and "Start observer" in run.result["msg"], run.output


@pytest.mark.parametrize("via", [pytest.param(0, id="master"), pytest.param(1, id="follower", marks=pytest.mark.slow)])
def test_a_mistyped_id(simulator: Simulator, ansible: Ansible, via: int) -> None:
    dag_id = fail_init(simulator)
    connection = {"port": simulator.agents[via].port, "password": ROOT_PASSWORD}
    for mistyped in (dag_id + "0", simulator.agents[1].format_id("ob", 99), "14"):
        run = ansible.module("obshell_dag", **connection, id=mistyped, operator="ROLLBACK")
        assert run.status == 2 and mistyped in run.result["msg"], run.output
        run = ansible.module("obshell_dag_info", **connection, id=mistyped)
        assert run.result.get("dags", []) == [] and mistyped in run.output
    run = ansible.module("obshell_dag", **connection, id=dag_id, operator="ROLLBACK")
    assert run.status == 0 and simulator.storms == [], run.output
