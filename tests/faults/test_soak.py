# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random operators, faults, concurrent operators and pauses; what obshell_dag says must agree with the agent.

SOAK_OPERATIONS (500) sets the length, and SOAK_SEED (which is printed) repeats a run. `make soak` sets the first.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import os
import random
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Delay, Obstacle, Simulator
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from .client_timeouts import REQUEST_TIMEOUT, end_hanging_requests
from .dags import ACCEPT, END_STATES, create_dag, new_name, state_of
from .outcomes import FAULTS
from .proxy import FaultyProxy

ROOT_PASSWORD = "R00t#Secret+pw"
SPEED = 400
OPERATORS = st.sampled_from(sorted(END_STATES))
# Two tasks operate the same DAG at once, so none of them may delete it.
FAULT_NAMES = sorted(set(FAULTS) - {"dag_deleted"})
# From the first read of the DAG on: a fault before it ends the task at once.
FAULTS_OF_REQUESTS = st.dictionaries(st.integers(1, 6), st.sampled_from(FAULT_NAMES), max_size=3)


class Tally:
    """The counts of a whole run."""

    operations = applied = unknown = failed = 0


class Machine(RuleBasedStateMachine):
    """One DAG at a time. The proxy of each task counts the POSTs of that task that the agent accepted."""

    simulator: t.ClassVar[Simulator]
    tally: t.ClassVar[Tally]

    @initialize(obstacles=st.integers(1, 3), running=st.booleans(), rollback_fails=st.booleans())
    def new_dag(self, obstacles: int, running: bool, rollback_fails: bool) -> None:
        """A DAG that fails some times, and whose rollback can fail once, or one that runs for long."""
        self.master = self.simulator.agents[0]
        name = new_name()
        with self.simulator.lock:
            self.simulator.obstacles[:] = [Obstacle(node="Second", dag=name, times=obstacles, logs=("ERROR: no",))]
            if rollback_fails:
                self.simulator.obstacles.append(
                    Obstacle(node="First", dag=name, operator="ROLLBACK", times=1, logs=("ERROR: no",))
                )
            self.simulator.delays[:] = [Delay(node="First", dag=name, ticks=200)] if running else []
            self.id = create_dag(self.master, name)
            self.simulator.tick(4)
            if not running:
                self.simulator.run_to_end(self.id)

    @rule(ticks=st.integers(1, 30))
    def let_time_pass(self, ticks: int) -> None:
        self.simulator.tick(ticks)

    @rule(operator=OPERATORS, faults=FAULTS_OF_REQUESTS, wait=st.booleans(), settle=st.booleans())
    def operate_once(self, operator: str, faults: dict[int, str], wait: bool, settle: bool) -> None:
        (result,) = self._operate_all([(operator, faults, {"wait": wait, "settle": settle})])
        if wait and not result.get("failed") and result["changed"]:
            assert state_of(self.master, self.id) == END_STATES[operator], result["msg"]

    @rule(
        operators=st.tuples(OPERATORS, OPERATORS),
        faults=st.tuples(FAULTS_OF_REQUESTS, FAULTS_OF_REQUESTS),
        waits=st.tuples(st.booleans(), st.booleans()),
    )
    def operate_twice_at_once(
        self, operators: tuple[str, str], faults: tuple[dict[int, str], dict[int, str]], waits: tuple[bool, bool]
    ) -> None:
        self._operate_all([(operators[i], faults[i], {"wait": waits[i], "settle": False}) for i in (0, 1)])

    def _operate_all(self, requested: list[tuple[str, dict[int, str], dict[str, bool]]]) -> list[dict[str, t.Any]]:
        """Run tasks at once and judge each of them by what the agent applied."""
        self.simulator.journal.clear()
        with concurrent.futures.ThreadPoolExecutor(len(requested)) as pool:
            ended = list(pool.map(lambda arguments: self._operate(*arguments), requested))
        while self.master.down:
            time.sleep(0.01)
        self.master.clock.offset = 0.0
        applied = [entry for entry in self.simulator.journal.posts(path_contains=self.id) if entry.applied]
        assert len(applied) == sum(proxy.accepted_posts for _result, proxy in ended)
        operators = {entry.body["operator"] for entry in applied}
        for (operator, _faults, _options), (result, proxy) in zip(requested, ended):
            self._judge(result, proxy, anyone_applied=operator in operators)
        return [result for result, _proxy in ended]

    def _operate(
        self, operator: str, faults: dict[int, str], options: dict[str, bool]
    ) -> tuple[dict[str, t.Any], FaultyProxy]:
        with FaultyProxy(self.master, {at: FAULTS[name].fault for at, name in faults.items()}) as proxy:
            result = task(
                "obshell_dag",
                port=proxy.port,
                password=ROOT_PASSWORD,
                timeout=REQUEST_TIMEOUT,
                wait_timeout=4,
                wait_interval=0.02,
                id=self.id,
                operator=operator,
                accept=ACCEPT,
                wait=options["wait"],
                settle=options["settle"],
            )
        return result, proxy

    def _judge(self, result: dict[str, t.Any], proxy: FaultyProxy, *, anyone_applied: bool) -> None:
        applied, changed, message = result.get("applied", False), result["changed"], result["msg"]
        self._count(result, applied)
        assert "unexpected" not in message.split(":")[0], message
        assert ROOT_PASSWORD not in str(result)
        assert proxy.accepted_posts <= 1, f"applied twice: {message}"
        if applied == "unknown":
            assert anyone_applied or not changed, f"changed, but nothing was applied: {message}"
        else:
            expected = proxy.accepted_posts == 1
            assert (applied, changed) == (expected, expected), f"wrong result: {message}"
        if result.get("failed"):
            assert self.id in message or str(proxy.port) in message

    def _count(self, result: dict[str, t.Any], applied: bool | str) -> None:
        self.tally.operations += 1
        self.tally.applied += applied is True
        self.tally.unknown += applied == "unknown"
        self.tally.failed += bool(result.get("failed"))


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
def test_soak(version: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE", 2**20)
    end_hanging_requests(monkeypatch)
    first = int(os.environ.get("SOAK_SEED") or random.randrange(2**32))
    begin = time.monotonic()
    soak(version, first, int(os.environ.get("SOAK_OPERATIONS", "500")) // 2, capsys)
    with capsys.disabled():
        took = time.monotonic() - begin
        print(f"\n{version}: {vars(Machine.tally)} in {took:.0f} s, SOAK_SEED={first}", flush=True)
    # About 18 of 100 are applied. If none were, all other assertions would hold, too.
    assert Machine.tally.applied * 50 > Machine.tally.operations


def soak(version: str, first: int, wanted: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Run turns until there were so many operations. The first turn has the seed `first`."""
    Machine.tally = tally = Tally()
    # A single agent asks no other agents, so only a second one makes a forbidden read fail the test.
    with Simulator([AgentSpec(version=version)] * 2, speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        Machine.simulator = simulator
        for turn in itertools.count():
            if tally.operations >= wanted:
                break
            with capsys.disabled():
                print(f"\nSOAK_SEED={first} {version} turn {turn}: {vars(tally)}", flush=True)
            run_state_machine_as_test(
                seed(first + turn)(Machine),
                settings=settings(
                    # The first example of a turn operates nothing, so a turn needs more than one.
                    max_examples=min(100, 5 + (wanted - tally.operations) // 8),
                    stateful_step_count=8,
                    deadline=None,
                    database=None,
                    # To shrink a failure takes minutes, and the seed repeats it.
                    phases=(Phase.generate,),
                    suppress_health_check=list(HealthCheck),
                ),
            )
