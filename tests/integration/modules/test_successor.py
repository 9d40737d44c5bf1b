# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An initialisation that failed, and beside it, as 4.2.5.0 allows, a newer one: what that built is not torn down."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, Delay, Fault, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.kinds.definition import NodeKind, one_node

from ..clusters import agents, cluster, declared, sent
from ..conftest import ROOT_PASSWORD, Ansible
from ..inprocess import task

SPEED = 400
NODE = "Start observer"


class Pair(t.NamedTuple):
    """Two initialisations of one master: one that failed, and a newer one."""

    simulator: Simulator
    failed: str
    newer: str

    @property
    def connection(self) -> dict[str, t.Any]:
        master = self.simulator.agents[0]
        return {"host": master.host, "port": master.port, "password": ROOT_PASSWORD}

    def operate(self, operator: str, **options: t.Any) -> dict[str, t.Any]:
        self.simulator.journal.clear()
        return task("obshell_dag", **{"id": self.failed, "operator": operator, **self.connection, **options})

    def assert_untouched(self) -> None:
        assert sent(self.simulator) == []
        assert [agent.identity for agent in self.simulator.agents] == ["CLUSTER AGENT"] * 2
        assert all(agent.observer.running for agent in self.simulator.agents)


def begin(simulator: Simulator) -> Pair:
    failed = simulator.fail_init(obstacle=Obstacle(node=NODE), root_password=ROOT_PASSWORD)
    newer = simulator.agents[0].call("POST", "/api/v1/ob/init", {})[1]["data"]["id"]
    return Pair(simulator, failed, newer)


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator(agents(2, "4.2.5.0"), speed=SPEED) as simulator:
        yield simulator


@pytest.fixture(name="pair")
def fixture_pair(simulator: Simulator) -> Pair:
    """The newer one failed too, and was then retried with success."""
    pair = begin(simulator)
    simulator.run_to_end(pair.newer)
    simulator.obstacles.clear()
    simulator.agents[0].call("POST", f"/api/v1/task/dag/{pair.newer}", {"operator": "RETRY"})
    simulator.run_to_end(pair.newer)
    with simulator.lock:
        # Nothing of the agent's own is the last one for ever.
        simulator.agents[0].submit(one_node(NodeKind("Restart observer")))
    simulator.journal.clear()
    return pair


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY"])
@pytest.mark.parametrize("member", [0, 1])
def test_obshell_dag_refuses(pair: Pair, operator: str, member: int) -> None:
    agent = pair.simulator.agents[member]
    for check in (True, False):
        refused = pair.operate(operator, check=check, host=agent.host, port=agent.port)
        assert refused["failed"] and not refused["changed"] and pair.newer in refused["msg"], refused["msg"]
        pair.assert_untouched()


def test_nothing_is_sent_while_the_agent_cannot_tell(pair: Pair) -> None:
    pair.simulator.agents[0].faults.append(Fault("unauthorized", path=pair.newer, times=9))
    failed = pair.operate("ROLLBACK")
    assert failed["failed"] and not failed["changed"]
    pair.assert_untouched()


@pytest.mark.parametrize("recover", ["none", "retry", "rollback"])
def test_obshell_cluster_finds_it_initialised(pair: Pair, recover: str) -> None:
    for check in (True, False):
        found = cluster(pair.simulator, check=check, cluster_id=1, recover=recover)
        assert not found.get("failed") and not found["changed"], found["msg"]
        pair.assert_untouched()


def test_obshell_cluster_does_not_take_it_apart(pair: Pair) -> None:
    refused = cluster(pair.simulator, cluster_id=1, state="absent")
    assert refused["failed"] and "initialised" in refused["msg"]
    pair.assert_untouched()


def test_recover_init_leaves_it_alone(pair: Pair, ansible: Ansible) -> None:
    options = {"recover_init_connection": pair.connection, "recover_init_policy": "rollback"}
    run = ansible.playbook("oceanbase.obshell.recover_init", **options)
    assert run.status != 0 and pair.newer in run.output
    pair.assert_untouched()


def test_one_that_is_under_way_is_not_disturbed_either(simulator: Simulator) -> None:
    with simulator.lock:
        pair = begin(simulator)
        # Later it would fail, since the directories are those of the other one.
        simulator.delays.append(Delay("Create observer workdir", ticks=FOREVER))
    refused = pair.operate("ROLLBACK")
    assert refused["failed"] and pair.newer in refused["msg"] and sent(simulator) == []


def test_one_that_was_rolled_back_is_in_nobodys_way(simulator: Simulator) -> None:
    pair = begin(simulator)
    simulator.run_to_end(pair.newer)
    assert pair._replace(failed=pair.newer).operate("ROLLBACK", accept=["data_removal"])["changed"]
    assert pair.operate("ROLLBACK")["changed"]
    assert sent(simulator) == [f"POST task/dag/{pair.failed}"]


@pytest.fixture(name="moved")
def fixture_moved(simulator: Simulator) -> Pair:
    """The master was removed beside its failed one, as was recorded, and belongs to another's live cluster since."""
    first, second = simulator.agents
    failed = simulator.fail_init(obstacle=Obstacle(node=NODE, agent=0, times=1), root_password=ROOT_PASSWORD)
    simulator.tick(40)
    removal = first.call("DELETE", "/api/v1/agent", first.location.as_dict())[1]["data"]["id"]
    simulator.run_to_end(removal)
    simulator.tick(20)
    assert [agent.identity for agent in simulator.agents] == ["SINGLE"] * 2
    # As another tool does it: obshell_cluster would not before that one is rolled back.
    simulator.agents.reverse()
    simulator.complete_init(root_password=ROOT_PASSWORD, zones=("zone2", "zone1"))
    simulator.agents.reverse()
    joined = next(dag for dag in first.engine.dags if dag.name == "Join to master")
    assert second.engine.dags[-1].state == "SUCCEED"
    return Pair(simulator, failed, first.id_of(joined))


def swapped(simulator: Simulator) -> list[dict[str, t.Any]]:
    servers: list[dict[str, t.Any]] = declared(simulator)["servers"]
    return servers[::-1]


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY"])
def test_an_agent_that_joined_another_master_since_is_left_alone(moved: Pair, operator: str) -> None:
    for check in (True, False):
        refused = moved.operate(operator, check=check)
        assert refused["failed"] and moved.newer in refused["msg"] and "another master" in refused["msg"]
        moved.assert_untouched()


@pytest.mark.parametrize("recover", ["none", "rollback"])
def test_obshell_cluster_finds_the_other_cluster_initialised(moved: Pair, recover: str) -> None:
    found = cluster(moved.simulator, cluster_id=1, servers=swapped(moved.simulator), recover=recover)
    assert not found.get("failed") and not found["changed"], found["msg"]
    moved.assert_untouched()


@pytest.mark.parametrize("order", [1, -1])
def test_none_is_started_beside_one_whose_agent_left_its_cluster(simulator: Simulator, order: int) -> None:
    first = simulator.agents[0]
    failed = simulator.fail_init(obstacle=Obstacle(node=NODE, agent=0, times=1), root_password=ROOT_PASSWORD)
    simulator.tick(40)
    simulator.run_to_end(first.call("DELETE", "/api/v1/agent", first.location.as_dict())[1]["data"]["id"])
    simulator.tick(20)
    servers = declared(simulator)["servers"][::order]
    for recover in ("none", "retry"):
        refused = cluster(simulator, servers=servers, recover=recover)
        assert refused["failed"] and failed in refused["msg"] and sent(simulator) == []
    done = cluster(simulator, servers=servers, recover="rollback")
    assert not done.get("failed"), done["msg"]
    assert [agent.identity for agent in simulator.agents] == ["CLUSTER AGENT"] * 2
    assert first.dag(failed)["operator"] == "ROLLBACK"


def test_an_agent_that_is_single_again_can_roll_back(simulator: Simulator) -> None:
    first, second = simulator.agents
    failed = simulator.fail_init(obstacle=Obstacle(node=NODE, agent=0, times=1), root_password=ROOT_PASSWORD)
    simulator.tick(40)
    for agent, master in ((first, first), (None, second), (second, second)):
        if agent:
            simulator.run_to_end(agent.call("DELETE", "/api/v1/agent", agent.location.as_dict())[1]["data"]["id"])
            simulator.tick(20)
        else:
            for joining in (second, first):
                body = {"agentInfo": master.location.as_dict(), "zoneName": "zone1"}
                simulator.run_to_end(joining.call("POST", "/api/v1/agent/join", body)[1]["data"]["id"])
    assert first.identity == "SINGLE"
    assert Pair(simulator, failed, "").operate("ROLLBACK")["changed"]
