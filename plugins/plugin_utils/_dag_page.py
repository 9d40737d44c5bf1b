# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of DAGs as one page: what of them is shown, and what of that is shown unfolded."""

from __future__ import annotations

import typing as t

from ..module_utils._dag.history import History, NodeHistory, Run, SubTaskHistory, label
from ..module_utils._dag.kinds.definition import REFUSED
from ..module_utils._dag.kinds.table import main_dag_id
from ..module_utils._dag.model import Dag, SubTask
from ..module_utils._dag.moments import clock, duration
from ..module_utils._dag.operators import Verdict
from ..module_utils._dag.results import (
    DagRecord,
    Failure,
    Result,
    dags_of,
    records_of,
    steps_of,
    trace_ids_of,
    why_no_dag,
)
from ..module_utils._dag.timeline import Bar, Timeline
from ._report import render

# What fits above the timeline.
MAX_FAILURES = 3
MAX_TRACE_IDS = 5
# Sub-tasks of a node that are shown before the others are folded.
MAX_SHOWN = 20
# A label of the axis needs this part of the line.
LABEL_WIDTH = 0.3


class SubTaskRow(t.NamedTuple):
    """A sub-task on its agent."""

    agent: str
    state: str
    label: str
    bars: list[Bar]
    logs: list[str]


class FoldedRow(t.NamedTuple):
    """A run of a sub-task that is one of many."""

    agent: str
    label: str
    began: str
    took: str


class NodeRow(t.NamedTuple):
    """A node, and its sub-tasks: those that are shown, and the runs of the others, which are folded once more."""

    place: str
    name: str
    on: str
    state: str
    label: str
    bars: list[Bar]
    is_open: bool
    shown: list[SubTaskRow]
    others: int
    folded: list[FoldedRow]
    waited_for: tuple[SubTask, float] | None


class Page(t.NamedTuple):
    """What the report shows of one DAG. `idle` are the nodes that have not run."""

    dag: Dag
    label: str
    dag_run: Run | None
    outcome: str
    start: float | None
    started_by: str
    failures: list[Failure]
    earlier: list[Failure]
    operators: dict[str, Verdict]
    is_final: bool
    complete: bool
    bars: list[Bar]
    ticks: list[tuple[float, str]]
    pauses: list[tuple[float, float]]
    nodes: list[NodeRow]
    idle: list[NodeRow]


def render_dags(title: str, dags: list[Result], results: list[Result]) -> str:
    """Render DAGs, and the results of tasks with the DAGs in them. All texts must be printable.

    :param dags: the earliest read first.
    :param results: in the order of the tasks, without loops.
    :raises ValueError: one of them is not what modules of this collection return.
    """
    return render(
        "dags.html.j2",
        title=title,
        pages=[_page(record) for record in records_of([*dags, *dags_of(results)])],
        steps=steps_of(results),
        why_empty=why_no_dag(results),
        trace_ids=trace_ids_of(results),
        max_failures=MAX_FAILURES,
        max_trace_ids=MAX_TRACE_IDS,
    )


def _page(record: DagRecord) -> Page:
    history = record.history
    timeline = Timeline(history)
    rows = [(node, _row(place, node, history, timeline)) for place, node in enumerate(history.nodes, 1)]
    return Page(
        dag=history.last,
        label=label(history.last),
        dag_run=history.runs[-1] if history.runs else None,
        outcome=record.outcome,
        start=history.first_start,
        started_by=main_dag_id(history.last),
        failures=record.failures,
        earlier=record.earlier,
        operators=record.operators,
        is_final=all(verdict.verdict == REFUSED for verdict in record.operators.values()),
        complete=history.complete,
        bars=timeline.bars(history.runs),
        ticks=_ticks(timeline),
        pauses=timeline.pauses,
        nodes=[row for node, row in rows if node.has_run],
        idle=[row for node, row in rows if not node.has_run],
    )


def _row(place: int, node: NodeHistory, history: History, timeline: Timeline) -> NodeRow:
    failed = [sub_task for sub_task in node.sub_tasks if sub_task.last.state == "FAILED"]
    others = [sub_task for sub_task in node.sub_tasks if sub_task.last.state != "FAILED"]
    in_order = [*failed, *others]
    agents = list(dict.fromkeys(str(sub_task.last.agent) for sub_task in node.sub_tasks))
    return NodeRow(
        place=str(place) if history.complete else "",
        name=node.last.name,
        on=agents[0] if len(agents) == 1 else f"{len(agents)} agents",
        state=node.last.state,
        label=_label(node),
        bars=timeline.bars(node.runs),
        is_open=node.is_current and node.last.state in ("FAILED", "RUNNING"),
        shown=[_sub_task_row(sub_task, timeline) for sub_task in in_order[:MAX_SHOWN]],
        others=len(in_order[MAX_SHOWN:]),
        folded=[row for sub_task in in_order[MAX_SHOWN:] for row in _folded_rows(sub_task)],
        waited_for=node.waited_for,
    )


def _sub_task_row(sub_task: SubTaskHistory, timeline: Timeline) -> SubTaskRow:
    last = sub_task.last
    return SubTaskRow(str(last.agent), last.state, _label(sub_task), timeline.bars(sub_task.runs), last.logs)


def _folded_rows(sub_task: SubTaskHistory) -> list[FoldedRow]:
    agent, last = str(sub_task.last.agent), sub_task.runs[-1] if sub_task.runs else None
    earlier = [_folded_row(agent, label(run), run) for run in sub_task.runs[:-1]]
    return [*earlier, _folded_row(agent, _label(sub_task), last)]


def _folded_row(agent: str, state: str, run: Run | None) -> FoldedRow:
    took = "" if run is None or run.seconds is None else duration(run.seconds)
    return FoldedRow(agent, state, clock(run.start) if run else "", took)


def _label(item: NodeHistory | SubTaskHistory) -> str:
    return label(item.last) if item.is_current else f"{label(item.last)} earlier"


def _ticks(timeline: Timeline) -> list[tuple[float, str]]:
    """Label where each stretch of the line begins and where the line ends, as far as there is room."""
    ticks: list[tuple[float, str]] = []
    for segment in timeline.segments:
        if not ticks or segment.x - ticks[-1][0] > LABEL_WIDTH:
            ticks.append((segment.x, _moment(segment.start, timeline)))
    if ticks and ticks[-1][0] < 1 - 2 * LABEL_WIDTH:
        ticks.append((1, _moment(timeline.segments[-1].end, timeline)))
    return ticks


def _moment(seconds: float, timeline: Timeline) -> str:
    """The time of day, with the date if that is not the first one, which the page shows above."""
    (first, _time), (date, time) = clock(timeline.segments[0].start).split(), clock(seconds).split()
    return time if date == first else f"{date} {time}"
