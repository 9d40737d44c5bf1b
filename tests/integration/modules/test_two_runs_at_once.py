# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs that start an initialisation at once, as agents before 4.2.6 allow: both end as the cluster does."""

from __future__ import annotations

import concurrent.futures
import threading
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import actions, steps
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import INIT as INIT_STEP
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import Step
from ansible_collections.oceanbase.obshell.tests.simulator import Delay, Obstacle, Simulator

from ..clusters import agents, cluster, declared, sent
from ..conftest import ROOT_PASSWORD
from ..inprocess import task

SPEED = 400
NODE = "Start observer"
INIT = "POST ob/init"


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator(agents(2, "4.2.5.0"), speed=SPEED) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def fixture_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold both runs between what they read and the POST."""
    both = threading.Barrier(2, timeout=60)
    send = actions.send

    def held(step: Step, *arguments: t.Any, **options: t.Any) -> t.Any:
        if step.kind == INIT_STEP:
            both.wait()
        return send(step, *arguments, **options)

    monkeypatch.setattr(steps, "send", held)


def run_twice(simulator: Simulator) -> list[dict[str, t.Any]]:
    servers = [{**server, "config": {}} for server in declared(simulator)["servers"]]
    options = declared(simulator, servers=servers, config={}, state="configured")
    assert not task("obshell_cluster", **options).get("failed")
    simulator.journal.clear()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        both = [pool.submit(task, "obshell_cluster", **{**options, "state": "initialized"}) for _run in range(2)]
        return [run.result() for run in both]


def inits(simulator: Simulator) -> list[tuple[str, str]]:
    dags = simulator.agents[0].engine.dags
    return [(dag.state, dag.operator) for dag in dags if dag.name == "Initialize cluster"]


def test_both_end_as_the_older_one_does(simulator: Simulator) -> None:
    simulator.delays.append(Delay(NODE, ticks=200, times=1))
    results = run_twice(simulator)
    assert sent(simulator).count(INIT) == 2
    assert inits(simulator) == [("SUCCEED", "RUN"), ("FAILED", "RUN")]
    newer = simulator.agents[0].id_of(simulator.agents[0].engine.dags[-1])
    for result in results:
        assert (result.get("failed"), result["changed"], result["outcome"]) == (None, True, "initialized"), result[
            "msg"
        ]
        assert (result["dag"]["state"], result["failures"]) == ("SUCCEED", [])
        assert f"DAG {newer} (Initialize cluster) failed beside its initialisation" in result["msg"]
    assert simulator.journal.posts(path_contains="/task/dag/") == []
    assert [agent.identity for agent in simulator.agents] == ["CLUSTER AGENT"] * 2


def test_the_left_over_one_is_never_operated(simulator: Simulator) -> None:
    run_twice(simulator)
    master = simulator.agents[0]
    newer = master.id_of(master.engine.dags[-1])
    connection: dict[str, t.Any] = {"host": master.host, "port": master.port, "password": ROOT_PASSWORD}
    for operator in ("ROLLBACK", "RETRY"):
        names: list[dict[str, t.Any]] = [{"id": newer}, {"name": "Initialize cluster"}]
        for options in names:
            refused = task("obshell_dag", operator=operator, accept=["data_removal"], **options, **connection)
            assert refused["failed"] and "another initialisation has built" in refused["msg"], refused["msg"]
    for recover in ("rollback", "retry"):
        found = cluster(simulator, accept=["data_removal"], recover=recover)
        assert (found.get("failed"), found["changed"], sent(simulator)) == (None, False, []), found["msg"]
        assert newer in found["msg"]
    assert all(agent.observer.running for agent in simulator.agents)


def test_the_newer_one_is_left_alone_while_the_older_one_is_under_way(simulator: Simulator) -> None:
    with simulator.lock:
        simulator.start_init(root_password=ROOT_PASSWORD, ticks=3)
        simulator.delays.append(Delay(NODE, ticks=10**6))
        master = simulator.agents[0]
        newer = master.call("POST", "/api/v1/ob/init", {})[1]["data"]["id"]
        simulator.run_to_end(newer)
    connection: dict[str, t.Any] = {"host": master.host, "port": master.port, "password": ROOT_PASSWORD}
    refused = task("obshell_dag", id=newer, operator="ROLLBACK", accept=["data_removal"], **connection)
    assert refused["failed"] and "another initialisation has built" in refused["msg"], refused["msg"]
    assert inits(simulator) == [("RUNNING", "RUN"), ("FAILED", "RUN")]


def test_both_fail_if_both_fail(simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(NODE, agent=0))
    results = run_twice(simulator)
    assert inits(simulator) == [("FAILED", "RUN")] * 2
    for result in results:
        assert result["failed"] and result["changed"] and result["recovery"]["policies"] == ["retry", "rollback"]
