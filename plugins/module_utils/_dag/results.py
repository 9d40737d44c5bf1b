# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What results of this collection's tasks say of DAGs: each read of one, why it failed, what was tried. Pure."""

from __future__ import annotations

import typing as t

from .failures import failures, last_line
from .history import History, histories
from .model import Dag
from .operators import Verdict
from .recovery import outcome, reads_of, unique

Result = dict[str, t.Any]
# Results have these only if the task failed, or its module crashed, also if `failed_when` hides that.
OF_FAILURES = ("retryable", "module_stdout")


class Failure(t.NamedTuple):
    """Why a sub-task failed, as results contain it."""

    node: str
    sub_task: str
    agent: str
    logs: list[str]

    @property
    def last_line(self) -> str:
        """What its log ends with."""
        return last_line(self.logs)


class DagRecord(t.NamedTuple):
    """One DAG: its history, and what the tasks that read it found out about it.

    `failures` is why it is FAILED now, `earlier` why it failed before. `operators` is empty if no task judged them.
    """

    history: History
    outcome: str
    failures: list[Failure]
    earlier: list[Failure]
    operators: dict[str, Verdict]


class Step(t.NamedTuple):
    """What one task did: it read, requested an operator, or declared a cluster.

    `seconds` is how long it took if it changed something: the time that others take differs each time.
    """

    requested: str
    applied: bool | str
    failed: bool
    seconds: float | None
    text: str


def records_of(dags: t.Sequence[Result]) -> list[DagRecord]:
    """Put reads of DAGs together, one record for each DAG.

    :param dags: DAGs as results contain them, the earliest read first.
    :raises ValueError: one of them is not a DAG.
    """
    return [
        _record(history, [dag for dag in dags if dag["id"] == history.last.id])
        for history in histories([_dag(index, dag) for index, dag in enumerate(dags, 1)])
    ]


def dags_of(results: t.Iterable[Result]) -> list[Result]:
    """List the DAGs of results, each with what its result says of it."""
    dags: list[Result] = []
    for result in results:
        dags += [*reads_of(result), *(result.get("dags") or ())]
    return dags


def steps_of(results: t.Iterable[Result]) -> list[Step]:
    """List what the tasks did. A task that was skipped did nothing."""
    return [
        Step(
            requested=result.get("operator") or ("cluster" if "steps" in result else "read"),
            applied=result.get("applied", False),
            failed=_has_failed(result),
            seconds=result.get("elapsed") if result.get("changed") else None,
            text=": ".join(filter(None, ("; ".join(result.get("steps") or ()), result.get("msg") or _found(result)))),
        )
        for result in results
        if _ran(result)
    ]


def why_no_dag(results: t.Iterable[Result]) -> str:
    """Say why results contain no DAG, as the last task that ran knows it."""
    last = ([result for result in results if _ran(result)] or [{}])[-1]
    if _has_failed(last):
        return f"No DAG is shown. {str(last.get('msg')).rstrip('.')}."
    if last.get("incomplete"):
        return f"No DAG was found, but there may be one: {last['incomplete']}."
    return "No DAG was found."


def trace_ids_of(results: t.Iterable[Result]) -> list[str]:
    """List the agents' IDs of requests, each once."""
    found = (trace for result in results for trace in (*(result.get("trace_ids") or ()), result.get("trace_id")))
    return [trace for trace in unique(found) if trace]


def flat(results: t.Iterable[Result]) -> list[Result]:
    """Replace the result of a task with a loop by those of its items."""
    found: list[Result] = []
    for result in results:
        found += flat(result["results"]) if isinstance(result.get("results"), list) else [result]
    return found


def _record(history: History, reads: list[Result]) -> DagRecord:
    now, *before = (_failures(read) for read in reversed(reads))
    if history.last.state != "FAILED":
        now, before = [], [now, *before]
    earlier = unique(failure for failures in before for failure in failures if failure not in now)
    return DagRecord(history, outcome(history.last), now, earlier, _verdicts(reads[-1].get("operators") or {}))


def _verdicts(operators: Result) -> dict[str, Verdict]:
    return {
        operator: Verdict(judged["verdict"], tuple(judged["accept"]), judged["reason"])
        for operator, judged in operators.items()
    }


def _failures(dag: Result) -> list[Failure]:
    """Read why a DAG failed, from its nodes if no task has done so."""
    found = dag["failures"] if dag.get("failures") is not None else failures(Dag.from_api(dag))
    return [
        Failure(
            **{name: str(failure.get(name) or "") for name in ("node", "sub_task", "agent")},
            logs=[str(line) for line in failure.get("logs") or ()],
        )
        for failure in found
    ]


def _dag(number: int, raw: Result) -> Dag:
    try:
        return Dag.from_api(raw)
    except ValueError as error:
        raise ValueError(f"number {number} is not a DAG as modules return it: {error}") from error


def _ran(result: Result) -> bool:
    return bool(result) and not result.get("skipped")


def _has_failed(result: Result) -> bool:
    shown = bool(result.get("failed") or result.get("unreachable"))
    return shown or result.get("fulfilled") is False or any(name in result for name in OF_FAILURES)


def _found(result: Result) -> str:
    states = ", ".join(f"{dag['name']} is {dag['state']}/{dag['operator']}" for dag in result.get("dags") or ())
    return "; ".join(filter(None, (states or "No DAG was found", result.get("incomplete"))))
