# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one task waits: when its slices end, what they report, and what is read while a DAG is followed."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.progress import REQUESTING
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import ObshellError, Refused, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import (
    AFTER_EVENT,
    MAX_SLICE,
    SliceEnded,
    TimeSlice,
    Waiter,
)

DOWN = Unreachable("refused", sent=False)


@pytest.fixture(name="now", autouse=True)
def fixture_now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    clock = {"clock": lambda: now[0], "sleep": lambda seconds: now.append(now.pop() + seconds)}
    monkeypatch.setattr(_polling.Deadline.__init__, "__kwdefaults__", clock)
    return now


def dag(state: str, *, stage: int = 1, dag_id: str = "14") -> Dag:
    raw = {"id": dag_id, "name": "Stop OB", "state": state, "operator": "RUN", "start_time": "", "dag_id": 4}
    node = {"name": "Stop observer", "state": state, "operator": "RUN"}
    return Dag.from_api({**raw, "stage": stage, "max_stage": 2, "nodes": [node, node]})


class Agent:
    """An agent whose DAG is each of `dags` in turn, with nodes only if asked for; `asked` journals the details."""

    def __init__(self, *dags: Dag | ObshellError) -> None:
        self.dags = list(dags)
        self.now = self.dags[0]
        self.asked: list[bool] = []

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        self.asked.append(details)
        if not details:
            self.now = self.dags.pop(0) if len(self.dags) > 1 else self.dags[0]
        if isinstance(self.now, ObshellError):
            raise self.now
        return self.now if details else dataclasses.replace(self.now, nodes=())


def test_a_slice_ends_soon_after_a_change_or_after_a_while(now: list[float]) -> None:
    quiet, eventful = TimeSlice(already_elapsed=100), TimeSlice(already_elapsed=100)
    eventful.record(dag("RUNNING"))
    eventful.record(dag("RUNNING"))
    assert [progress.state for progress in eventful.events] == ["RUNNING"]
    for seconds, ended in ((AFTER_EVENT - 0.1, (False, False)), (1, (False, True)), (MAX_SLICE, (True, True))):
        now[0] += seconds
        assert (quiet.ended, eventful.ended) == ended
    assert (eventful.last_position("14"), eventful.last_position("15")) == (dag("RUNNING").position, ())


def test_a_slice_knows_for_how_long_nothing_has_changed_over_all_slices(now: list[float]) -> None:
    first = TimeSlice()
    now[0] = 5
    first.record(dag("RUNNING"))
    arguments = first.to_next({"sent": None}, ["trace"])
    now[0] = 0
    later = TimeSlice(already_elapsed=25, **arguments)
    assert (later.idle_for("14"), later.idle_for("15")) == (20, 0)
    assert (later.checkpoint, later.trace_ids, later.events) == ({"sent": None}, ["trace"], [])
    later.record(dag("RUNNING"))
    assert later.events == []
    later.record(dag("RUNNING", stage=2))
    assert len(later.events) == 1 and later.idle_for("14") == 0


def test_a_slice_ends_with_the_task(now: list[float]) -> None:
    waiter = Waiter.start(timeout=10, interval=1, time_slice=TimeSlice(already_elapsed=4))
    assert waiter.time_slice and waiter.time_slice.until(waiter.deadline).left == 6
    waiter = Waiter.start(timeout=100, interval=1, time_slice=TimeSlice(already_elapsed=4))
    assert waiter.time_slice and waiter.time_slice.until(waiter.deadline).left == MAX_SLICE


def test_only_a_slice_of_a_task_with_time_left_is_ended(now: list[float]) -> None:
    Waiter.start(timeout=10, interval=1).raise_if_slice_ended()
    waiter = Waiter.start(timeout=10, interval=1, time_slice=TimeSlice())
    with pytest.raises(SliceEnded):
        waiter.raise_if_slice_ended()
    waiter.without_slices().raise_if_slice_ended()
    now[0] = 10
    waiter.raise_if_slice_ended()


@pytest.mark.parametrize("reported", [True, False])
def test_details_are_read_at_the_end_and_for_changes_that_are_reported(reported: bool) -> None:
    told: list[Dag] = []
    agent = Agent(dag("RUNNING"), dag("RUNNING"), DOWN, dag("RUNNING", stage=2), dag("SUCCEED"))
    waiter = Waiter.start(timeout=60, interval=10, on_change=told.append if reported else None)
    result = waiter.follow(t.cast("t.Any", agent), "14", lambda one: one.finished)
    assert result.done and result.value == dag("SUCCEED")
    assert agent.asked.count(True) == (3 if reported else 1)
    assert all(one.nodes for one in told)
    assert [(one.state, one.stage) for one in told] == [("RUNNING", 1), ("RUNNING", 2), ("SUCCEED", 1)] * reported


def test_what_an_earlier_slice_has_reported_is_not_read_with_details_again() -> None:
    agent = Agent(dag("RUNNING"))
    waiter = Waiter.start(timeout=60, interval=10, time_slice=TimeSlice(last_reported=("14", *dag("RUNNING").position)))
    assert not waiter.follow(t.cast("t.Any", agent), "14", lambda one: one.finished).done
    assert agent.asked and True not in agent.asked
    assert waiter.time_slice is not None and waiter.time_slice.events == []


def test_requests_are_reported_before_they_are_sent() -> None:
    told: list[Dag] = []
    waiter = Waiter.start(timeout=60, interval=10, on_change=told.append)
    waiter.report_request(dag("FAILED"), "RETRY")
    waiter.report_step("join the agents")
    assert [(one.name, one.state, one.operator, one.nodes) for one in told] == [
        ("Stop OB", REQUESTING, "RETRY", ()),
        ("join the agents", REQUESTING, "", ()),
    ]
    silent = Waiter.start(timeout=60, interval=10)
    silent.report_request(dag("FAILED"), "RETRY")
    silent.report_step("join the agents")


@pytest.mark.parametrize(("errors", "value"), [([DOWN, DOWN], "read"), ([DOWN] * 900, None)])
def test_one_read_is_repeated_until_the_deadline(
    now: list[float], errors: list[ObshellError], value: str | None
) -> None:
    def read() -> str:
        if errors:
            raise errors.pop()
        return "read"

    result = Waiter.start(timeout=60, interval=10).retry(read)
    assert (result.value, result.error) == (value, None if value else DOWN)
    assert (now[0] == pytest.approx(60)) == (value is None)


def test_an_error_that_does_not_pass_is_raised_at_once() -> None:
    def read() -> t.NoReturn:
        raise Refused("no")

    with pytest.raises(Refused):
        Waiter.start(timeout=60, interval=10).retry(read)


@pytest.mark.parametrize(
    ("error", "words"), [(None, "The agent is still working; run"), (DOWN, "The last read failed: refused. Run")]
)
def test_a_time_out_says_how_to_resume(error: ObshellError | None, words: str) -> None:
    message = Waiter.start(timeout=60, interval=10).timed_out(dag("RUNNING"), error).message
    assert message.startswith(f"Timed out after 60 s: {dag('RUNNING')}. {words} this task again to resume waiting")
