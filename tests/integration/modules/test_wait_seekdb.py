# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag_wait with an agent of seekdb, whose DAGs are read while seekdb runs and while it is down."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Hold, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, SPEED
from .test_wait import routes, wait

SEEKDB = AgentSpec(seekdb=True, root_password=ROOT_PASSWORD, observer_version="1.0.1.0-101000012025")
NAMES = {"start": "Start seekdb", "stop": "Stop seekdb", "restart": "Restart seekdb"}
BY = pytest.mark.parametrize("by", ["id", "name"])


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([SEEKDB], speed=SPEED) as simulator:
        yield simulator


def named(by: str, dag_id: str, action: str) -> dict[str, t.Any]:
    return {by: {"id": dag_id, "name": NAMES[action]}[by]}


@BY
@pytest.mark.parametrize("action", NAMES)
@pytest.mark.parametrize("in_slices", [{}, {"_slice": {}}], ids=["whole", "slices"])
def test_it_waits_for_the_end(simulator: Simulator, by: str, action: str, in_slices: dict[str, t.Any]) -> None:
    """A stop and a restart take seekdb down while they are waited for; a start begins while it is down."""
    if action == "start":
        simulator.operate_seekdb(action="stop")
    Hold(simulator, "Start seekdb" if action == "start" else "Stop seekdb", reads=2)
    dag_id = simulator.operate_seekdb(action=action, to_end=False)
    result = wait(simulator, **named(by, dag_id, action), **in_slices)
    assert not result.get("failed"), result["msg"]
    assert [(dag["id"], dag["outcome"]) for dag in result["dags"]] == [(dag_id, "succeeded")]
    assert (result["incomplete"], simulator.agents[0].observer.running) == ("", action != "stop")


@BY
def test_one_that_ended_is_found_while_seekdb_is_down(simulator: Simulator, by: str) -> None:
    dag_id = simulator.operate_seekdb(action="stop")
    result = wait(simulator, **named(by, dag_id, "stop"))
    assert not result.get("failed"), result["msg"]
    assert [(dag["id"], dag["outcome"]) for dag in result["dags"]] == [(dag_id, "succeeded")]
    assert len(routes(simulator)) < 10


@BY
def test_a_start_that_failed_says_why_and_what_is_allowed(simulator: Simulator, by: str) -> None:
    simulator.operate_seekdb(action="stop")
    Hold(simulator, "Start seekdb", reads=2)
    simulator.obstacles.append(Obstacle(node="Start seekdb"))
    dag_id = simulator.operate_seekdb(action="start", to_end=False)
    failed = wait(simulator, **named(by, dag_id, "start"))
    assert failed["failed"] and dag_id in failed["msg"] and "cannot allocate memory" in failed["msg"]
    assert failed["msg"].endswith("Operators allowed now: PASS.")
    ended = wait(simulator, **named(by, dag_id, "start"), until="ended")
    assert not ended.get("failed") and ended["dags"][0]["allowed_operators"] == ["PASS"]


@BY
def test_the_same_task_resumes_after_a_timeout(simulator: Simulator, by: str) -> None:
    delay = Delay(node="Stop seekdb", ticks=FOREVER)
    simulator.delays.append(delay)
    dag_id = simulator.operate_seekdb(action="stop", to_end=False)
    late = wait(simulator, **named(by, dag_id, "stop"), wait_timeout=1)
    assert late["failed"] and "Timed out after 1 s" in late["msg"] and late["dags"][0]["state"] == "RUNNING"
    delay.ticks = 0
    assert wait(simulator, **named(by, dag_id, "stop"))["dags"][0]["outcome"] == "succeeded"


@pytest.mark.parametrize("running", [True, False])
def test_without_an_unfinished_dag_it_says_so_at_once(simulator: Simulator, running: bool) -> None:
    """The DAGs of seekdb are kept by the agent, so the list is complete also while seekdb is down."""
    simulator.operate_seekdb(action="restart" if running else "stop")
    each: list[dict[str, t.Any]] = [{"name": "Start seekdb"}, {"tenant": "orders"}]
    for wanted in each:
        ended = wait(simulator, **wanted, until="ended")
        assert not ended.get("failed") and "nothing to wait for" in ended["msg"], ended["msg"]
        missing = wait(simulator, **wanted)
        assert missing["failed"] and "nothing shows that one succeeded" in missing["msg"]


@pytest.mark.parametrize("running", [True, False])
def test_the_id_of_another_dag_is_an_error(simulator: Simulator, running: bool) -> None:
    """Neither a number that no DAG has, nor that of a cluster DAG, nor one of another host is waited for."""
    dag_id = simulator.operate_seekdb(action="restart" if running else "stop")
    for wrong, reason in (
        (f"{dag_id}9", "List the IDs with obshell_dag_info"),
        ("11", f"use its ID {dag_id}"),
        ("23232235777028869", "seekdb has no other agents"),
    ):
        failed = wait(simulator, id=wrong, until="ended", wait_timeout=30)
        assert failed["failed"] and reason in failed["msg"], failed["msg"]
        assert failed["elapsed"] < 20
