# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault, at every request, of every operator, on both versions, with and without waiting: what must come of it.

Judged from the agent's journal: applied at most once, `changed` and `applied` true to it, and a message to go on with.
"""

from __future__ import annotations

import itertools
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, Agent, AgentSpec, Delay, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.kinds.definition import DagKind, NodeKind

from ._faults import FAULTS, Known, no_master
from ._patience import REQUEST, WAIT, be_patient
from ._wire import Wire

pytestmark = pytest.mark.slow

ROOT_PASSWORD = "R00t#Secret+pw"
VERSIONS = ("4.2.5.0", "4.5.0.0")
ENDS = {"ROLLBACK": "SUCCEED/ROLLBACK", "RETRY": "SUCCEED/RUN", "PASS": "SUCCEED/PASS", "CANCEL": "FAILED/CANCEL"}
SPEED = 400
# The requests of a task: the key, the DAG, the POST, and the first look at what came of it.
KEY, READ, POST, LOOK = range(4)
ALL = frozenset(ENDS)
NUMBERS = itertools.count()


@pytest.fixture(name="simulator", scope="module", params=VERSIONS)
def fixture_simulator(request: pytest.FixtureRequest) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=request.param) for _agent in range(2)], speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        yield simulator


@pytest.fixture(autouse=True)
def fixture_small_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "LARGEST_ANSWER", 2**20)
    be_patient(monkeypatch)


def new_dag(simulator: Simulator, operator: str) -> str:
    """A DAG that takes this operator, and comes to its end by it."""
    master = simulator.agents[0]
    with simulator.lock:
        name = f"DAG {next(NUMBERS)}"
        del master.engine.dags[1:]
        if operator == "CANCEL":
            simulator.delays.append(Delay(node="Second", dag=name, ticks=FOREVER))
        else:
            simulator.obstacles.append(Obstacle(node="Second", dag=name, times=1, logs=("ERROR: in the way",)))
        nodes = tuple(NodeKind(node, ALL) for node in ("First", "Second", "Third"))
        dag_id = master.id_of(master.create_dag(DagKind(name, nodes)))
        if operator == "CANCEL":
            simulator.tick(4)
        else:
            simulator.run_to_end(dag_id)
    simulator.journal.clear()
    return dag_id


def operate(wire: Wire, dag_id: str, operator: str, *, wait: bool) -> dict[str, t.Any]:
    return task(
        "obshell_dag",
        port=wire.port,
        password=ROOT_PASSWORD,
        timeout=REQUEST,
        wait_timeout=WAIT,
        wait_interval=0.02,
        id=dag_id,
        operator=operator,
        wait=wait,
    )


class Cell:
    """One run through a broken wire, and what the agent then knows."""

    def __init__(self, simulator: Simulator, known: Known, at: int, operator: str, *, wait: bool, via: int = 0) -> None:
        self.master: Agent = simulator.agents[0]
        self.operator = operator
        self.id = new_dag(simulator, operator)
        offset = self.master.clock.offset
        try:
            with Wire(simulator.agents[via], {at: known.fault}) as wire:
                self.result = operate(wire, self.id, operator, wait=wait)
                self.where = f"127.0.0.1:{wire.port}"
        finally:
            self.master.clock.offset = offset
            while self.master.down:
                time.sleep(0.01)
        posts = simulator.journal.posts(path_contains=self.id)
        self.posts = len(posts)
        self.applied = sum(entry.applied for entry in posts)

    def ended(self, *, applied: bool | str, changed: bool) -> None:
        """It came to the operator's end (or was asked to, without waiting)."""
        result = self.result
        assert not result.get("failed"), result["msg"]
        assert (result["applied"], result["changed"]) == (applied, changed), result["msg"]
        assert self.applied == 1
        assert self.id in result["msg"]
        assert ("was lost" in result["msg"]) == (applied == "unknown"), result["msg"]

    def at_its_end(self) -> None:
        dag = self.master.dag(self.id, details=False)
        assert f"{dag['state']}/{dag['operator']}" == ENDS[self.operator]

    def failed(self, *, applied: bool | None, changed: bool, times: int) -> None:
        result = self.result
        assert result.get("failed"), result
        assert (result.get("applied"), result["changed"]) == (applied, changed), result["msg"]
        assert self.applied == times
        assert self.id in result["msg"] or self.where in result["msg"], result["msg"]


@pytest.mark.parametrize("wait", [True, False], ids=["wait", "nowait"])
@pytest.mark.parametrize("operator", ENDS)
@pytest.mark.parametrize("name", FAULTS)
def test_it_befalls_the_post(simulator: Simulator, name: str, operator: str, wait: bool) -> None:
    known = FAULTS[name]
    cell = Cell(simulator, known, POST, operator, wait=wait)
    if known.post == "refused" or known.post == "gone":
        cell.failed(applied=False, changed=False, times=0)
    else:
        cell.ended(applied="unknown" if known.post == "applied" else True, changed=True)
        if wait:
            cell.at_its_end()


@pytest.mark.parametrize("operator", ENDS)
@pytest.mark.parametrize("name", FAULTS)
def test_it_befalls_the_wait(simulator: Simulator, name: str, operator: str) -> None:
    cell = Cell(simulator, FAULTS[name], LOOK, operator, wait=True)
    if FAULTS[name].read == "gone":
        cell.failed(applied=True, changed=True, times=1)
    else:
        cell.ended(applied=True, changed=True)
        cell.at_its_end()


@pytest.mark.parametrize("operator", ["ROLLBACK", "CANCEL"])
@pytest.mark.parametrize("at", [KEY, READ], ids=["key", "read"])
@pytest.mark.parametrize("name", FAULTS)
def test_it_befalls_what_comes_before(simulator: Simulator, name: str, at: int, operator: str) -> None:
    known = FAULTS[name]
    cell = Cell(simulator, known, at, operator, wait=True)
    if known.read == "recovers" or (at == KEY and known.post == "told"):
        cell.ended(applied=True, changed=True)
        cell.at_its_end()
    else:
        cell.failed(applied=None, changed=False, times=0)
        assert cell.posts == 0


@pytest.mark.parametrize("operator", ENDS)
@pytest.mark.parametrize("at", [READ, POST, LOOK], ids=["read", "post", "wait"])
def test_a_follower_without_a_master(simulator: Simulator, at: int, operator: str) -> None:
    # A follower is asked who its members are first, since the ID names its master.
    cell = Cell(simulator, Known(no_master, "refused"), at + 1, operator, wait=True, via=1)
    if at == LOOK:
        cell.ended(applied=True, changed=True)
        cell.at_its_end()
    else:
        cell.failed(applied=None if at == READ else False, changed=False, times=0)


@pytest.mark.parametrize("operator", ENDS)
@pytest.mark.parametrize(
    "pair", list(itertools.product(("reset_before", "silent_before"), ("reset_after", "silent_after")))
)
def test_lost_twice(simulator: Simulator, pair: tuple[str, str], operator: str) -> None:
    """The first POST never came, the second one was applied, and neither was answered."""
    dag_id = new_dag(simulator, operator)
    first, second = (FAULTS[name].fault for name in pair)
    with Wire(simulator.agents[0], {POST: first, POST + 2: second}) as wire:
        result = operate(wire, dag_id, operator, wait=True)
    assert sum(entry.applied for entry in simulator.journal.posts(path_contains=dag_id)) == 1
    assert (result["applied"], result["changed"]) == ("unknown", True), result["msg"]
