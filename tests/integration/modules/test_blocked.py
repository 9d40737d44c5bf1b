# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A follower's own DAG that blocks the rollback of a cancelled initialisation: found, rolled back first, and named."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Delay, Fault, Obstacle, Simulator

from ..clusters import agents, cluster
from ..conftest import ROOT_PASSWORD, Ansible
from ..inprocess import task

SPEED = 400


class Blocked(t.NamedTuple):
    """A cancelled initialisation, and the follower's DAG that outlived it."""

    simulator: Simulator
    dag_id: str
    blocker: str

    @property
    def connection(self) -> dict[str, t.Any]:
        master = self.simulator.agents[0]
        return {"host": master.host, "port": master.port, "password": ROOT_PASSWORD}

    @property
    def applied(self) -> list[str]:
        posts = self.simulator.journal.posts(path_contains="/task/dag/")
        return [f"{entry.body['operator']} {entry.uri.split('/')[-1]}" for entry in posts if entry.applied]


@pytest.fixture(name="blocked")
def fixture_blocked(version: str) -> t.Iterator[Blocked]:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        master, follower = simulator.agents
        simulator.delays.append(Delay("Start observer", ticks=60, agent=1))
        simulator.obstacles.append(Obstacle(node="Start observer", times=1, agent=1))
        with simulator.lock:
            dag_id = simulator.start_init(root_password=ROOT_PASSWORD, ticks=8)
            master.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "CANCEL"})
            simulator.run_to_end(dag_id)
            own = follower.engine.dags[-1]
            assert (master.dag(dag_id)["operator"], own.state) == ("CANCEL", "RUNNING")
        blocked = Blocked(simulator, dag_id, follower.id_of(own))
        simulator.journal.clear()
        yield blocked


def test_obshell_dag(blocked: Blocked) -> None:
    lines: list[str] = []
    options = {"id": blocked.dag_id, "operator": "ROLLBACK", **blocked.connection}
    done = task("obshell_dag", on_change=lambda dag: lines.append(f"{dag.name} {dag.state}"), **options)
    assert (done.get("failed"), done["changed"]) == (None, True), done["msg"]
    assert blocked.applied == [f"ROLLBACK {blocked.blocker}", f"ROLLBACK {blocked.dag_id}"]
    assert len(done["unblocked"]) == 1 and blocked.blocker in done["unblocked"][0]
    requested = [line for line in lines if "REQUESTING" in line]
    assert requested == ["Start observer REQUESTING", "Initialize cluster REQUESTING"]


def test_a_blocker_that_was_rolled_back_is_a_change_though_no_more_came_of_it(blocked: Blocked) -> None:
    blocked.simulator.agents[0].faults.append(Fault("unauthorized", method="POST", path=blocked.dag_id, times=9))
    done = task("obshell_dag", id=blocked.dag_id, operator="ROLLBACK", **blocked.connection)
    assert done["failed"] and blocked.applied == [f"ROLLBACK {blocked.blocker}"]
    assert (done["changed"], done["applied"]) == (True, False)
    assert len(done["unblocked"]) == 1 and blocked.blocker in done["unblocked"][0]


def test_what_is_no_part_of_it_is_left_alone(blocked: Blocked) -> None:
    blocked.simulator.agents[1].engine.dags[-1].name = "Restart observer"
    done = task("obshell_dag", id=blocked.dag_id, operator="ROLLBACK", **blocked.connection)
    assert blocked.applied == [f"ROLLBACK {blocked.dag_id}"] and done["unblocked"] == []


def test_obshell_cluster(blocked: Blocked) -> None:
    done = cluster(blocked.simulator, cluster_id=1, recover="rollback")
    assert not done.get("failed"), done["msg"]
    assert [step for step in done["steps"] if blocked.blocker in step] != []
    assert blocked.applied == [f"ROLLBACK {blocked.blocker}", f"ROLLBACK {blocked.dag_id}"]
    assert [agent.identity for agent in blocked.simulator.agents] == ["CLUSTER AGENT"] * 2


def test_recover_init(blocked: Blocked, ansible: Ansible) -> None:
    options = {"recover_init_connection": blocked.connection, "recover_init_policy": "rollback"}
    run = ansible.playbook("oceanbase.obshell.recover_init", **options)
    assert run.status == 0, run.output
    unblocked = run.of("Record the result")["ansible_facts"]["recover_init_summary"]["unblocked"]
    assert len(unblocked) == 1 and blocked.blocker in unblocked[0]
    assert blocked.blocker in run.of("Report the result")["msg"][0]
