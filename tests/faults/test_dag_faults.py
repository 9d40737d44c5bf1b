# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag with each fault at each request of a task, for each operator, on two versions, with and without waiting.

The agent's journal decides what is right: the operator is applied at most once, `changed` and `applied` agree with the
journal, and the message says which DAG or which agent it is about.
"""

from __future__ import annotations

import itertools
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.storm import STORM_TICKS

from .client_timeouts import REQUEST_TIMEOUT, WAIT_TIMEOUT, end_hanging_requests
from .dags import ACCEPT, END_STATES, create_dag, new_name, state_of
from .faults import master_down
from .outcomes import FAULTS, FaultCase
from .proxy import FaultyProxy

pytestmark = pytest.mark.slow

ROOT_PASSWORD = "R00t#Secret+pw"
VERSIONS = ("4.2.5.0", "4.5.0.0")
SPEED = 400
# The requests of a task: read the key, the DAG and the others that may have its lock, send the operator, read the DAG.
REQUESTS = KEY, READ, LIST, POST, POLL = ("key", "read", "list", "post", "poll")


@pytest.fixture(name="simulator", scope="module", params=VERSIONS)
def fixture_simulator(request: pytest.FixtureRequest) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=request.param) for _agent in range(2)], speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        yield simulator


@pytest.fixture(autouse=True)
def fixture_quick_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE", 2**20)
    end_hanging_requests(monkeypatch)


def new_dag(simulator: Simulator, operator: str) -> str:
    """A DAG that accepts an operator, and reaches the operator's end state."""
    name = new_name()
    with simulator.lock:
        if operator == "CANCEL":
            simulator.delays.append(Delay(node="Second", dag=name, ticks=FOREVER))
        else:
            simulator.obstacles.append(Obstacle(node="Second", dag=name, times=1, logs=("ERROR: in the way",)))
        dag_id = create_dag(simulator.agents[0], name)
        if operator == "CANCEL":
            simulator.tick(4)
        else:
            simulator.run_to_end(dag_id)
    simulator.journal.clear()
    return dag_id


def operate(proxy: FaultyProxy, dag_id: str, operator: str, *, wait: bool) -> dict[str, t.Any]:
    return task(
        "obshell_dag",
        port=proxy.port,
        password=ROOT_PASSWORD,
        timeout=REQUEST_TIMEOUT,
        wait_timeout=WAIT_TIMEOUT,
        wait_interval=0.02,
        id=dag_id,
        operator=operator,
        accept=ACCEPT,
        wait=wait,
    )


def requests_of(simulator: Simulator, operator: str) -> list[str]:
    """A DAG that runs keeps its lock, and agents before 4.3.2 do not say that this DAG has one."""
    reads_others = operator != "CANCEL" and simulator.agents[0].spec.version == "4.5.0.0"
    return [name for name in REQUESTS if name != LIST or reads_others]


def end_storm(simulator: Simulator) -> None:
    """A DAG that was just read, and is gone, is the one read of which nothing shows that it starts a storm."""
    simulator.storms.clear()
    with simulator.lock:
        simulator.tick(STORM_TICKS)


class FaultyRun:
    """One run of obshell_dag with a fault at one of its requests."""

    def __init__(
        self, simulator: Simulator, case: FaultCase, at: str, operator: str, *, wait: bool, via: int = 0
    ) -> None:
        self.master = simulator.agents[0]
        self.operator = operator
        self.id = new_dag(simulator, operator)
        offset = self.master.clock.offset
        try:
            # A follower is first asked who belongs to its cluster, since the ID names the master.
            number = requests_of(simulator, operator).index(at) + via
            with FaultyProxy(simulator.agents[via], {number: case.fault}) as proxy:
                self.result = operate(proxy, self.id, operator, wait=wait)
                self.address = f"127.0.0.1:{proxy.port}"
        finally:
            self.master.clock.offset = offset
            while self.master.down:
                time.sleep(0.01)
            if case.read == "deleted":
                end_storm(simulator)
        posts = simulator.journal.posts(path_contains=self.id)
        self.posts = len(posts)
        self.applied = sum(entry.applied for entry in posts)

    def assert_succeeded(self, *, applied: bool | str, changed: bool) -> None:
        result = self.result
        assert not result.get("failed"), result["msg"]
        assert (result["applied"], result["changed"]) == (applied, changed), result["msg"]
        assert self.applied == 1
        assert self.id in result["msg"]
        assert ("was lost" in result["msg"]) == (applied == "unknown"), result["msg"]

    def assert_end_state(self) -> None:
        assert state_of(self.master, self.id) == END_STATES[self.operator]

    def assert_failed(self, *, applied: bool | None, changed: bool, times: int) -> None:
        result = self.result
        assert result.get("failed"), result
        assert (result.get("applied"), result["changed"]) == (applied, changed), result["msg"]
        assert self.applied == times
        assert self.id in result["msg"] or self.address in result["msg"], result["msg"]


@pytest.mark.parametrize("wait", [True, False], ids=["wait", "nowait"])
@pytest.mark.parametrize("operator", END_STATES)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_the_post(simulator: Simulator, name: str, operator: str, wait: bool) -> None:
    case = FAULTS[name]
    run = FaultyRun(simulator, case, POST, operator, wait=wait)
    if case.post in ("refused", "deleted"):
        run.assert_failed(applied=False, changed=False, times=0)
    else:
        run.assert_succeeded(applied="unknown" if case.post == "applied_unknown" else True, changed=True)
        if wait:
            run.assert_end_state()


@pytest.mark.parametrize("operator", END_STATES)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_the_wait(simulator: Simulator, name: str, operator: str) -> None:
    run = FaultyRun(simulator, FAULTS[name], POLL, operator, wait=True)
    if FAULTS[name].read == "deleted":
        run.assert_failed(applied=True, changed=True, times=1)
    else:
        run.assert_succeeded(applied=True, changed=True)
        run.assert_end_state()


@pytest.mark.parametrize("operator", ["ROLLBACK", "CANCEL"])
@pytest.mark.parametrize("at", [KEY, READ])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_before_the_post(simulator: Simulator, name: str, at: str, operator: str) -> None:
    run = FaultyRun(simulator, FAULTS[name], at, operator, wait=True)
    if FAULTS[name].read == "recovers":
        run.assert_succeeded(applied=True, changed=True)
        run.assert_end_state()
    else:
        run.assert_failed(applied=None, changed=False, times=0)
        assert run.posts == 0


@pytest.mark.parametrize("simulator", ["4.5.0.0"], indirect=True)
@pytest.mark.parametrize("operator", ["ROLLBACK", "PASS"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_the_list_of_what_may_have_the_lock(simulator: Simulator, name: str, operator: str) -> None:
    run = FaultyRun(simulator, FAULTS[name], LIST, operator, wait=True)
    if FAULTS[name].read == "recovers":
        run.assert_succeeded(applied=True, changed=True)
        run.assert_end_state()
    else:
        run.assert_failed(applied=False, changed=False, times=0)
        assert run.posts == 0


@pytest.mark.parametrize("operator", END_STATES)
@pytest.mark.parametrize("at", [READ, POST, POLL])
def test_a_follower_without_its_master(simulator: Simulator, at: str, operator: str) -> None:
    run = FaultyRun(simulator, FaultCase(master_down, "refused"), at, operator, wait=True, via=1)
    if at == POLL:
        run.assert_succeeded(applied=True, changed=True)
        run.assert_end_state()
    else:
        run.assert_failed(applied=None if at == READ else False, changed=False, times=0)


@pytest.mark.parametrize("operator", END_STATES)
@pytest.mark.parametrize(
    "pair", list(itertools.product(("reset_before", "silent_before"), ("reset_after", "silent_after")))
)
def test_two_lost_answers(simulator: Simulator, pair: tuple[str, str], operator: str) -> None:
    """The first POST does not reach the agent, the second one is applied, and no answer reaches the client."""
    dag_id = new_dag(simulator, operator)
    first, second = (FAULTS[name].fault for name in pair)
    requests = requests_of(simulator, operator)
    post = requests.index(POST)
    # The DAG, and what else it takes to decide, is read again in between.
    with FaultyProxy(simulator.agents[0], {post: first, 2 * post: second}) as proxy:
        result = operate(proxy, dag_id, operator, wait=True)
    assert sum(entry.applied for entry in simulator.journal.posts(path_contains=dag_id)) == 1
    assert (result["applied"], result["changed"]) == ("unknown", True), result["msg"]
