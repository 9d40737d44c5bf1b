# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened in one DAG, put together from all reads of it: each run of each node and sub-task. Pure.

The agent keeps the times of the last run only. Earlier runs are known as far as an earlier read saw them.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .model import Dag, Node, SubTask, parse_time

NOT_RUN = ("PENDING", "READY")
DAY = 24 * 60 * 60


def label(item: Dag | Node | SubTask | Run) -> str:
    """Name its state, with the operator unless that only ran it."""
    return item.state if item.operator in ("RUN", "RETRY") else f"{item.state}/{item.operator}"


class Run(t.NamedTuple):
    """One run of a node or a sub-task, in seconds since 1970; `end` is None if it was not over when it was read."""

    start: float
    end: float | None
    state: str
    operator: str

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.end is None else self.end - self.start


@dataclasses.dataclass(frozen=True)
class SubTaskHistory:
    """A sub-task as it was read last, and all its known runs.

    `is_current` is False if a later read of its node did not show it: a read of what failed shows nothing else.
    """

    last: SubTask
    runs: list[Run]
    is_current: bool


@dataclasses.dataclass(frozen=True)
class NodeHistory:
    """A node as it was read last, all its known runs and those of its sub-tasks; `is_current` as for a sub-task."""

    last: Node
    runs: list[Run]
    is_current: bool
    sub_tasks: list[SubTaskHistory]

    @property
    def has_run(self) -> bool:
        """Whether it, or one of its sub-tasks, has ever begun."""
        return self.last.state not in NOT_RUN or any(sub_task.runs for sub_task in self.sub_tasks)

    @property
    def waited_for(self) -> tuple[SubTask, float] | None:
        """The sub-task that ended last, and how many seconds after all others; None if nothing waited for it."""
        ends = sorted(
            ((sub_task.runs[-1].end, index) for index, sub_task in enumerate(self.sub_tasks) if sub_task.runs),
            key=lambda end: (end[0] is not None, end),
        )
        if len(ends) < 2 or ends[0][0] is None:
            return None
        (before, _index), (end, index) = t.cast("list[tuple[float, int]]", ends[-2:])
        return (self.sub_tasks[index].last, end - before) if end > before else None


@dataclasses.dataclass(frozen=True)
class History:
    """One DAG: as it was read last, when it was run, and its nodes in their order.

    `complete` is whether all nodes were read. Otherwise it is not known which place a node has.
    """

    last: Dag
    runs: list[Run]
    nodes: list[NodeHistory]

    @property
    def complete(self) -> bool:
        """Whether all nodes of the DAG were read."""
        return len(self.nodes) == self.last.max_stage

    @property
    def first_start(self) -> float | None:
        """When its first known run began."""
        return min((run.start for run in self.all_runs()), default=None)

    def all_runs(self) -> t.Iterator[Run]:
        """All runs of the DAG, its nodes and its sub-tasks."""
        yield from self.runs
        for node in self.nodes:
            yield from node.runs
            for sub_task in node.sub_tasks:
                yield from sub_task.runs


def histories(dags: t.Iterable[Dag]) -> list[History]:
    """Put reads of DAGs together, one history for each DAG in the order of their first reads.

    :param dags: the earliest read first.
    """
    reads: dict[str, list[Dag]] = {}
    for dag in dags:
        reads.setdefault(dag.id, []).append(dag)
    return [_history(same) for same in reads.values()]


def _history(reads: list[Dag]) -> History:
    nodes: dict[t.Any, list[Node]] = {}
    for dag in reads:
        for index, node in enumerate(dag.nodes):
            nodes.setdefault(node.id or (index, node.name), []).append(node)
    in_order = sorted(nodes.values(), key=lambda same: int(same[-1].raw.get("node_id") or 0))
    current = {id(node) for node in reads[-1].nodes}
    return History(reads[-1], _runs(reads), [_node_history(same, id(same[-1]) in current) for same in in_order])


def _node_history(reads: list[Node], is_current: bool) -> NodeHistory:
    sub_tasks: dict[t.Any, list[SubTask]] = {}
    for node in reads:
        for index, sub_task in enumerate(node.sub_tasks):
            sub_tasks.setdefault(sub_task.raw.get("id") or (index, sub_task.name), []).append(sub_task)
    current = {id(sub_task) for sub_task in reads[-1].sub_tasks}
    found = [SubTaskHistory(same[-1], _runs(same), id(same[-1]) in current) for same in sub_tasks.values()]
    return NodeHistory(reads[-1], _runs(reads), is_current, found)


def _runs(reads: t.Sequence[Dag | Node | SubTask]) -> list[Run]:
    """Tell the runs apart by their start; of each, the last read counts."""
    runs: dict[float, Run] = {}
    for item in reads:
        start, end = (parse_time(str(item.raw.get(name) or "")) for name in ("start_time", "end_time"))
        # A time that was reset is that of 1970. While it runs, the end is the start, 1970, or the last end.
        if start is None or start < DAY or not _has_begun(item):
            continue
        over = item.state != "RUNNING" and end is not None and end >= start
        run = Run(start, end if over else None, item.state, item.operator)
        # PASS keeps the start and moves the end.
        runs[start] = runs.get(start, run) if item.operator == "PASS" else run
    return [runs[start] for start in sorted(runs)]


def _has_begun(item: Dag | Node | SubTask) -> bool:
    """Whether it has times of its own. PASS ends also what has never run."""
    if isinstance(item, SubTask):
        return item.state not in NOT_RUN and item.execute_times > 0
    passed_over = isinstance(item, Node) and item.passed and not any(map(_has_begun, item.sub_tasks))
    return item.state not in NOT_RUN and not passed_over
