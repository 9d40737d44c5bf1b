# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed in a DAG that was read with details, and what RETRY or ROLLBACK would delete. Pure."""

from __future__ import annotations

import itertools
import typing as t

from .._ids import UNKNOWN_AGENT
from .model import Dag, Node, Raw, SubTask

MAX_FAILURES = 200
MAX_EXPLAINED = 5
MAX_LOG = 400_000
MAX_LAST_LINE = 10_000
WORKDIR_NODE = "Create observer workdir"


def failures(dag: Dag) -> list[Raw]:
    """List the failed sub-tasks of a DAG, at most as many as a result should hold.

    :returns: for each of the first MAX_FAILURES: `node`, `sub_task`, `agent` (host:port), `execute_times` and `logs`,
        the last lines of the last attempt; all logs together have at most MAX_LOG characters, and their last lines.
    """
    failed = list(itertools.islice(_failed_sub_tasks(dag), MAX_FAILURES))
    return [
        {
            "node": node.name,
            "sub_task": sub_task.name,
            "agent": str(sub_task.agent),
            "execute_times": sub_task.execute_times,
            "logs": last_lines(last_attempt(sub_task.logs), MAX_LOG // len(failed)),
        }
        for node, sub_task in failed
    ]


def explain(dag: Dag) -> str:
    """Say in one line why a DAG failed: its first failed sub-tasks with the last line of their logs."""
    count = sum(1 for _failed in _failed_sub_tasks(dag))
    reasons = [reason(failure) for failure in failures(dag)[:MAX_EXPLAINED]]
    return "; ".join([*reasons, *([f"and {count - len(reasons)} more"] if count > len(reasons) else [])])


def reason(failure: Raw) -> str:
    """Say in one line why a sub-task failed: where, and the last line of its log."""
    return f"{failure['node']} on {failure['agent']}: {last_line(failure['logs'])}"


def last_line(logs: list[str]) -> str:
    """The last line of a log, as one line."""
    return " ".join(logs[-1].split()) if logs else "no log"


def last_lines(logs: list[str], max_length: int) -> list[str]:
    """Keep the last lines of a log that together have `max_length` characters, and say how many were left out.

    No line is cut, not even a last one that is longer: in the rest of a password nothing would recognise it.
    """
    if not logs:
        return logs
    last = logs[-1] if len(logs[-1]) <= max(max_length, MAX_LAST_LINE) else f"(left out: {len(logs[-1])} characters)"
    first = len(logs) - 1
    max_length -= len(last)
    while first and max_length >= len(logs[first - 1]):
        first -= 1
        max_length -= len(logs[first])
    left_out = [f"({first} earlier lines left out)"] if first else []
    return [*left_out, *logs[first:-1], last]


def last_attempt(logs: list[str]) -> list[str]:
    """Cut a sub-task's log to its last attempt: what follows the last but one line that begins with `ERROR:`.

    The agent appends each attempt to the same log. An attempt that was cancelled or timed out has no such line.
    """
    ends = [index + 1 for index, line in enumerate(logs[:-1]) if line.startswith("ERROR:")]
    return logs[ends[-1] if ends else 0 :]


def only_failed(dag: Dag) -> Raw:
    """Copy the API's dict of a DAG with only its failed nodes and their failed sub-tasks, without logs.

    Of a large DAG the first MAX_FAILURES sub-tasks are kept. :func:`failures` has the logs.
    """
    kept: dict[int, list[Raw]] = {}
    for node, sub_task in itertools.islice(_failed_sub_tasks(dag), MAX_FAILURES):
        kept.setdefault(id(node), []).append({**sub_task.raw, "task_logs": None})
    nodes = [{**node.raw, "sub_tasks": kept.get(id(node), [])} for node in dag.nodes if node.state == "FAILED"]
    return {**dag.raw, "nodes": nodes[:MAX_FAILURES]}


def data_at_risk(dag: Dag) -> list[str]:
    """List the agents (host:port) on which RETRY or ROLLBACK may delete directories that the observer did not create.

    "Create observer workdir" fails when a directory is not empty; undoing or repeating it deletes what it found there.
    What cannot be seen counts as a risk: a failed DAG without nodes, or such a node without sub-tasks.
    """
    if dag.state == "FAILED" and not dag.nodes:
        return [UNKNOWN_AGENT]
    agents = []
    for node in dag.nodes:
        if _normalised(node.name) == _normalised(WORKDIR_NODE) and node.state == "FAILED":
            failed = [sub_task for sub_task in node.sub_tasks if sub_task.state == "FAILED"]
            agents += [str(sub_task.agent) for sub_task in failed or node.sub_tasks] or [UNKNOWN_AGENT]
    return agents


def _normalised(name: str) -> str:
    return " ".join(name.split()).casefold()


def _failed_sub_tasks(dag: Dag) -> t.Iterator[tuple[Node, SubTask]]:
    for node in dag.nodes:
        for sub_task in node.sub_tasks:
            if sub_task.state == "FAILED":
                yield node, sub_task
