# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that is done in parts, so that whoever has it done can tell in between what happens.

Follow a DAG while it moves.
"""

from __future__ import annotations

import typing as t

from .._agent.client import ObshellClient
from .._dag.model import Dag, OnChange
from .._dag.progress import Progress
from .._polling import Deadline, Waited, wait

LONGEST_PART = 30
AFTER_NEWS = 1


class Part:
    """One part of a task. It takes note of what there is to tell, and is over soon after the first of that, or late.

    `told` holds what is new. `seen` is what was told last, by any part, and `news` when that was, in seconds since the
    task began. `state` is what the last part handed over.
    """

    def __init__(
        self,
        *,
        gone: float = 0.0,
        seen: t.Sequence[str] = (),
        news: float = 0.0,
        trace_ids: t.Sequence[str] = (),
        state: dict[str, t.Any] | None = None,
    ) -> None:
        """Begin; `gone` are the seconds since the task began, the rest is what ended the last part."""
        self.gone = gone
        self.seen = tuple(seen)
        self.news = news
        self.trace_ids = list(trace_ids)
        self.state = state
        self.told: list[Progress] = []
        self._end = Deadline(gone + LONGEST_PART, gone)

    def __call__(self, dag: Dag) -> None:
        """Take note of a DAG that has moved."""
        now = (dag.id, *dag.position)
        if now != self.seen:
            self.seen = now
            self.news = self._end.elapsed
            self.told.append(Progress.of(dag))
            self._end.hasten(AFTER_NEWS)

    @property
    def over(self) -> bool:
        """Whether nothing more is to be begun."""
        return self._end.passed

    def within(self, deadline: Deadline) -> Deadline:
        """Make this part end with a deadline at the latest, and return its own."""
        self._end.hasten(deadline.left)
        return self._end

    def position(self, dag_id: str) -> tuple[str, ...]:
        """Tell in which position a DAG was told last, if that was the last to be told of."""
        return self.seen[1:] if self.seen[:1] == (dag_id,) else ()

    def quiet(self, dag_id: str) -> float:
        """Tell for how many seconds a DAG has not left that position."""
        return self._end.elapsed - self.news if self.position(dag_id) else 0.0


class PartIsOver(BaseException):
    """A part is over, and its task is not.

    `state` (JSON-serialisable) is what the next part needs; `known` is what is to be told where none comes to its end.
    """

    def __init__(self, part: Part, state: dict[str, t.Any], **known: t.Any) -> None:
        super().__init__()
        self.part = part
        self.state = state
        self.known = known

    def resume(self, trace_ids: list[str]) -> dict[str, t.Any]:
        """Tell what makes the next part, beside the time that has gone by."""
        return {"seen": self.part.seen, "news": self.part.news, "trace_ids": trace_ids, "state": self.state}


def gone(params: dict[str, t.Any]) -> float:
    """Read off a task's options how many seconds ago it began, which was in an earlier part."""
    return t.cast("float", (params.get("_slice") or {}).get("gone", 0.0))


def follow(
    client: ObshellClient,
    dag_id: str,
    done: t.Callable[[Dag], bool],
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None = None,
    part: Part | None = None,
) -> Waited[Dag]:
    """Read a DAG until it is done, with details then, and at each change where somebody is told of it.

    :param part: what this is a part of, if it is one; then it ends with it, done or not.
    :raises ObshellError: of a read, where the same kind came more often in a row than its `tolerance` allows.
    """
    position = part.position(dag_id) if part else ()

    def read() -> Dag:
        nonlocal position
        dag = Dag.from_api(client.get_dag(dag_id, details=False))
        if done(dag) or (on_change and dag.position != position):
            dag = Dag.from_api(client.get_dag(dag_id))
        position = dag.position
        return dag

    return watch(dag_id, read, done, deadline=deadline, interval=interval, on_change=on_change, part=part)


def watch(
    dag_id: str,
    read: t.Callable[[], Dag],
    done: t.Callable[[Dag], bool],
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None,
    part: Part | None,
) -> Waited[Dag]:
    """See :func:`wait` and :func:`follow`; what counts as a change is that the DAG moved on."""
    return wait(
        read,
        done,
        deadline=part.within(deadline) if part else deadline,
        interval=interval,
        changed=lambda last, now: last.position != now.position,
        on_change=on_change,
        quiet=part.quiet(dag_id) if part else 0.0,
    )
