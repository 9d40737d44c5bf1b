# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one task waits: its deadline, its pace, who hears of progress, and when a sent module hands back.

A module that runs on a host cannot print. To show progress, the action plugin runs it in time slices: each ends soon
after the first change, or after MAX_SLICE seconds, and returns a checkpoint from which the next slice resumes.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.model import Dag, OnChange
from .._dag.progress import REQUESTING, Progress
from .._errors import ObshellError, TimedOut
from .._polling import Deadline, PollResult, poll

MAX_SLICE = 30
AFTER_EVENT = 1
Checkpoint = dict[str, t.Any]
Value = t.TypeVar("Value")


class TimeSlice:
    """One slice of a task. It collects events, and ends soon after the first one.

    `events` holds what changed during this slice. `last_reported` is what was reported last, by any slice, and
    `last_event_at` when, in seconds since the task began.
    """

    def __init__(
        self,
        *,
        already_elapsed: float = 0.0,
        last_reported: t.Sequence[str] = (),
        last_event_at: float = 0.0,
        trace_ids: t.Sequence[str] = (),
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Begin `already_elapsed` seconds after the task began; the rest comes from the end of the last slice."""
        self.already_elapsed = already_elapsed
        self.last_reported = tuple(last_reported)
        self.last_event_at = last_event_at
        self.trace_ids = list(trace_ids)
        self.checkpoint = checkpoint
        self.events: list[Progress] = []
        self._end = Deadline(already_elapsed + MAX_SLICE, already_elapsed)

    def record(self, dag: Dag) -> None:
        """Record a DAG that changed."""
        now = (dag.id, *dag.position)
        if now != self.last_reported:
            self.last_reported = now
            self.last_event_at = self._end.elapsed
            self.events.append(Progress.from_dag(dag))
            self._end.bring_forward(AFTER_EVENT)

    @property
    def ended(self) -> bool:
        """Whether nothing more should begin."""
        return self._end.passed

    def until(self, deadline: Deadline) -> Deadline:
        """End this slice with the task's deadline at the latest, and return the slice's own deadline."""
        self._end.bring_forward(deadline.left)
        return self._end

    def last_position(self, dag_id: str) -> tuple[str, ...]:
        """The position in which a DAG was reported last, if it was the last one reported."""
        return self.last_reported[1:] if self.last_reported[:1] == (dag_id,) else ()

    def idle_for(self, dag_id: str) -> float:
        """For how many seconds a DAG has been in that position."""
        return self._end.elapsed - self.last_event_at if self.last_position(dag_id) else 0.0

    def to_next(self, checkpoint: Checkpoint, trace_ids: list[str]) -> dict[str, t.Any]:
        """The arguments of the next slice, without the time that has elapsed until then."""
        return {
            "last_reported": self.last_reported,
            "last_event_at": self.last_event_at,
            "trace_ids": trace_ids,
            "checkpoint": checkpoint,
        }


class SliceEnded(BaseException):
    """A time slice ended before its task did.

    Each layer that the exception passes adds to `checkpoint` (JSON-serialisable, what the next slice resumes from) and
    to `known`, the part of the result that must survive if no other slice returns.
    """

    def __init__(self) -> None:
        super().__init__()
        self.checkpoint: Checkpoint = {}
        self.known: dict[str, t.Any] = {}


@dataclasses.dataclass(frozen=True)
class Waiter:
    """How one task waits, made once for it.

    `timeout` is the time for the whole task and `interval` the longest pause between two reads, both in seconds.
    `on_change` is called with each change of a DAG that the task waits for.
    """

    timeout: float
    interval: float
    deadline: Deadline
    on_change: OnChange | None = None
    time_slice: TimeSlice | None = None

    @classmethod
    def start(
        cls,
        *,
        timeout: float,
        interval: float,
        on_change: OnChange | None = None,
        time_slice: TimeSlice | None = None,
    ) -> Waiter:
        """Start to count the time of a task, or go on counting in a later slice."""
        deadline = Deadline(timeout, time_slice.already_elapsed if time_slice else 0.0)
        return cls(timeout, interval, deadline, on_change or (time_slice.record if time_slice else None), time_slice)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """What the last time slice ended with, None in the first."""
        return self.time_slice.checkpoint if self.time_slice else None

    def without_slices(self) -> Waiter:
        """The same waiter for a step that must not be interrupted by the end of a slice."""
        return dataclasses.replace(self, time_slice=None)

    def report_request(self, dag: Dag, operator: str) -> None:
        """Report that an operator is about to be sent to a DAG."""
        if self.on_change:
            self.on_change(dataclasses.replace(dag, state=REQUESTING, operator=operator, nodes=()))

    def report_step(self, text: str) -> None:
        """Report that a request is about to be sent that starts a DAG."""
        if self.on_change:
            self.on_change(Dag(text, text, REQUESTING, "", start_time="", stage=0, max_stage=0, nodes=(), raw={}))

    def follow(self, client: ObshellClient, dag_id: str, done: t.Callable[[Dag], bool]) -> PollResult[Dag]:
        """Read a DAG until it is `done`. Details are read when it is done, and at each change if that is reported.

        :returns: not done if the deadline or the time slice ended first; then call :meth:`raise_if_slice_ended`.
        :raises ObshellError: see :func:`poll`.
        """
        position = self.time_slice.last_position(dag_id) if self.time_slice else ()

        def read() -> Dag:
            nonlocal position
            dag = client.get_dag(dag_id, details=False)
            if done(dag) or (self.on_change and dag.position != position):
                dag = client.get_dag(dag_id)
            position = dag.position
            return dag

        return self.watch(dag_id, read, done)

    def watch(self, dag_id: str, read: t.Callable[[], Dag], done: t.Callable[[Dag], bool]) -> PollResult[Dag]:
        """Poll `read` for a DAG; see :meth:`follow`."""
        time_slice = self.time_slice
        return poll(
            read,
            done,
            deadline=self._end,
            interval=self.interval,
            changed=lambda last, now: last.position != now.position,
            on_change=self.on_change,
            idle_for=time_slice.idle_for(dag_id) if time_slice else 0.0,
        )

    def until(self, read: t.Callable[[], Value], done: t.Callable[[Value], bool]) -> PollResult[Value]:
        """Poll `read` for any value; see :meth:`follow`."""
        return poll(read, done, deadline=self._end, interval=self.interval)

    @property
    def _end(self) -> Deadline:
        return self.time_slice.until(self.deadline) if self.time_slice else self.deadline

    def raise_if_slice_ended(self) -> None:
        """End the slice of a task whose deadline has not passed.

        :raises SliceEnded: there is such a slice.
        """
        if self.time_slice and not self.deadline.passed:
            raise SliceEnded

    def retry(self, read: t.Callable[[], Value]) -> PollResult[Value]:
        """Read once, and again after errors that a wait survives.

        :raises ObshellError: see :func:`poll`.
        """
        return poll(read, lambda value: True, deadline=self.deadline, interval=self.interval)

    def timed_out(self, last: object, error: ObshellError | None) -> TimedOut:
        """Make the error that the deadline passed; `last` is what was read last, `error` that of the last read."""
        state = f"The last read failed: {error.message}. Run" if error else "The agent is still working; run"
        return TimedOut(
            f"Timed out after {self.timeout:g} s: {last}. {state} this task again to resume waiting. Nothing is sent "
            "twice"
        )
