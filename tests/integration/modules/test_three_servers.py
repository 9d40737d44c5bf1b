# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback that DAGs of two followers block: each is rolled back once, then the main DAG as it is after that."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Delay, Fault, Obstacle, Simulator

from ..clusters import agents, cluster
from ..conftest import ROOT_PASSWORD, Ansible
from ..inprocess import task

SPEED = 400
NODE = "Start observer"


class Blocked(t.NamedTuple):
    """A cancelled initialisation of three agents, and the DAGs of both followers that outlived it."""

    simulator: Simulator
    dag_id: str
    blockers: list[str]

    @property
    def connection(self) -> dict[str, t.Any]:
        master = self.simulator.agents[0]
        return {"host": master.host, "port": master.port, "password": ROOT_PASSWORD}

    @property
    def applied(self) -> list[str]:
        posts = self.simulator.journal.posts(path_contains="/task/dag/")
        return [f"{entry.body['operator']} {entry.uri.split('/')[-1]}" for entry in posts if entry.applied]

    @property
    def once_each(self) -> list[str]:
        return [f"ROLLBACK {dag_id}" for dag_id in (*self.blockers, self.dag_id)]

    def roll_back(self, **options: t.Any) -> dict[str, t.Any]:
        return task("obshell_dag", id=self.dag_id, operator="ROLLBACK", **self.connection, **options)


def end_as(simulator: Simulator, follower: int, end: str) -> str:
    """Bring the DAG of a follower, which runs, to an end."""
    agent = simulator.agents[follower]
    dag = agent.engine.dags[-1]
    dag_id = agent.id_of(dag)
    if end == "FAILED/CANCEL":
        agent.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "CANCEL"})
    simulator.run_to_end(dag_id)
    if end == "FAILED/ROLLBACK":
        simulator.obstacles.append(Obstacle(node=NODE, agent=follower, operator="ROLLBACK", times=1))
        agent.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "ROLLBACK"})
        simulator.run_to_end(dag_id)
    assert f"{dag.state}/{dag.operator}" == end
    return dag_id


@pytest.fixture(name="end", params=["FAILED/RUN", "FAILED/CANCEL", "FAILED/ROLLBACK"])
def fixture_end(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="blocked")
def fixture_blocked(version: str, end: str) -> t.Iterator[Blocked]:
    with Simulator(agents(3, version), speed=SPEED) as simulator:
        for follower in (1, 2):
            simulator.delays.append(Delay(NODE, ticks=60, agent=follower, times=1))
            if end != "FAILED/CANCEL":
                simulator.obstacles.append(Obstacle(node=NODE, times=1, agent=follower))
        with simulator.lock:
            dag_id = simulator.start_init(root_password=ROOT_PASSWORD, ticks=8)
            simulator.agents[0].call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "CANCEL"})
            simulator.run_to_end(dag_id)
            blockers = [end_as(simulator, follower, end) for follower in (1, 2)]
        simulator.journal.clear()
        yield Blocked(simulator, dag_id, blockers)


def test_obshell_dag(blocked: Blocked) -> None:
    done = blocked.roll_back()
    assert (done.get("failed"), done["changed"]) == (None, True), done["msg"]
    assert blocked.applied == blocked.once_each
    assert [blocker in text for blocker, text in zip(blocked.blockers, done["unblocked"])] == [True, True]
    assert len(blocked.simulator.journal.entries) < 60


def test_obshell_cluster(blocked: Blocked) -> None:
    done = cluster(blocked.simulator, cluster_id=1, recover="rollback")
    assert not done.get("failed"), done["msg"]
    assert blocked.applied == blocked.once_each
    assert [agent.identity for agent in blocked.simulator.agents] == ["CLUSTER AGENT"] * 3


@pytest.mark.parametrize(("version", "end"), [("4.5.0.0", "FAILED/ROLLBACK")])
def test_recover_init(blocked: Blocked, ansible: Ansible) -> None:
    options = {"recover_init_connection": blocked.connection, "recover_init_policy": "rollback"}
    run = ansible.playbook("oceanbase.obshell.recover_init", **options)
    assert (run.status, blocked.applied) == (0, blocked.once_each), run.output


@pytest.mark.parametrize("end", ["FAILED/RUN"])
def test_the_main_dag_is_read_again_after_what_blocked_it(blocked: Blocked) -> None:
    blocked.roll_back()
    requests = [
        f"{entry.method} {entry.uri.partition('?')[0].split('/')[-1]}" for entry in blocked.simulator.journal.entries
    ]
    posted = requests.index(f"POST {blocked.dag_id}")
    after_blockers = requests[requests.index(f"POST {blocked.blockers[-1]}") : posted]
    assert f"GET {blocked.dag_id}" in after_blockers


@pytest.mark.parametrize("end", ["FAILED/RUN"])
def test_a_main_dag_that_another_rolled_back_meanwhile_is_not_rolled_back_again(blocked: Blocked) -> None:
    simulator = blocked.simulator
    simulator.delays.append(Delay(NODE, operator="ROLLBACK", agent=2, ticks=40, times=1))
    acted: list[str] = []

    def roll_back_the_main_one(entry: t.Any, _envelope: t.Any) -> None:
        if not acted and entry.method == "GET" and blocked.blockers[1] in entry.uri and len(blocked.applied) == 2:
            acted.append(entry.uri)
            with simulator.lock:
                simulator.run_to_end(blocked.blockers[1])
                simulator.agents[0].call("POST", f"/api/v1/task/dag/{blocked.dag_id}", {"operator": "ROLLBACK"})
                simulator.run_to_end(blocked.dag_id)

    simulator.journal.watchers.append(roll_back_the_main_one)
    done = blocked.roll_back()
    assert (done.get("failed"), acted != []) == (None, True), done["msg"]
    assert (done["dag"]["operator"], done["applied"]) == ("ROLLBACK", False)
    assert blocked.applied == blocked.once_each[:2]


@pytest.mark.parametrize("end", ["FAILED/RUN"])
def test_nothing_is_sent_while_the_blockers_cannot_be_listed(blocked: Blocked) -> None:
    """A 500 that passes is not a list that the agent lacks."""
    fault = Fault("too_many_open_files", path="maintain/agents", times=1)
    blocked.simulator.agents[0].faults.append(fault)
    failed = blocked.roll_back()
    assert failed["failed"] and not failed["changed"] and "too many open files" in failed["msg"]
    assert (fault.times, blocked.applied) == (0, [])
    assert failed["retryable"]
    assert blocked.roll_back()["changed"]
    assert blocked.applied == blocked.once_each
