# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What failed in a DAG that was read with details: for results, for a line, and what is lost by going on. Pure."""

from __future__ import annotations

import itertools
import typing as t

from .model import Dag, address

MOST_FAILURES = 200
MOST_EXPLAINED = 5
MOST_LOG = 400_000
WORKDIR_NODE = "Create observer workdir"


def failures(dag: Dag) -> list[dict[str, t.Any]]:
    """Collect what failed in a DAG that was read with details, of a large one no more than a result should hold.

    :returns: for each failed sub-task, of the first MOST_FAILURES, `node`, `sub_task`, `agent` (host:port),
        `execute_times` and `logs`, the last lines of the last attempt; all logs together have MOST_LOG characters.
    """
    failed = list(itertools.islice(_failed_tasks(dag), MOST_FAILURES))
    return [
        {
            "node": node["name"],
            "sub_task": task["name"],
            "agent": address(task.get("execute_agent") or {}),
            "execute_times": task["execute_times"],
            "logs": last_lines(last_attempt(task.get("task_logs") or []), MOST_LOG // len(failed)),
        }
        for node, task in failed
    ]


def explain(dag: Dag) -> str:
    """Say in one line why a DAG failed: the first failed sub-tasks with the last line of their logs."""
    count = sum(1 for _failed in _failed_tasks(dag))
    told = [
        f"{failure['node']} on {failure['agent']}: {failure['logs'][-1] if failure['logs'] else 'no log'}"
        for failure in failures(dag)[:MOST_EXPLAINED]
    ]
    return "; ".join([*told, *([f"and {count - len(told)} more"] if count > len(told) else [])])


def last_lines(logs: list[str], most: int) -> list[str]:
    """Keep the last lines of a log that have `most` characters together, and say how many were left out."""
    kept = len(logs)
    while kept and most >= len(logs[kept - 1]):
        kept -= 1
        most -= len(logs[kept])
    if kept == 0:
        return logs
    if kept == len(logs):
        return [f"({kept - 1} earlier lines left out, and the beginning of this one)", logs[-1][-most:]]
    return [f"({kept} earlier lines left out)", *logs[kept:]]


def last_attempt(logs: list[str]) -> list[str]:
    """Cut a sub-task's log to its last attempt: what follows the last but one line that begins with `ERROR:`.

    The agent appends each attempt to the same log; an attempt that was cancelled or timed out ends without such a line.
    """
    ends = [index + 1 for index, line in enumerate(logs[:-1]) if line.startswith("ERROR:")]
    return logs[ends[-1] if ends else 0 :]


def only_failed(dag: Dag) -> dict[str, t.Any]:
    """Copy the API's dict of a DAG with its failed nodes and their failed sub-tasks alone, without logs.

    Of a large DAG the first MOST_FAILURES sub-tasks are kept. What they logged is told by :func:`failures`.
    """
    tasks: dict[int, list[dict[str, t.Any]]] = {}
    for node, task in itertools.islice(_failed_tasks(dag), MOST_FAILURES):
        tasks.setdefault(id(node), []).append({**task, "task_logs": None})
    nodes = [{**node, "sub_tasks": tasks.get(id(node), [])} for node in dag.nodes if node["state"] == "FAILED"]
    return {**dag.raw, "nodes": nodes[:MOST_FAILURES]}


def data_at_risk(dag: Dag) -> list[str]:
    """List the agents (host:port) on which the directories of an observer are held to be somebody else's.

    That is where "Create observer workdir" failed: undoing or repeating it deletes what it found there.
    """
    agents = []
    for node in dag.nodes:
        if node["name"] == WORKDIR_NODE and node["state"] == "FAILED":
            tasks = node.get("sub_tasks") or []
            failed = [task for task in tasks if task["state"] == "FAILED"]
            agents += [address(task.get("execute_agent") or {}) for task in failed or tasks]
    return agents


def _failed_tasks(dag: Dag) -> t.Iterator[tuple[dict[str, t.Any], dict[str, t.Any]]]:
    for node in dag.nodes:
        for task in node.get("sub_tasks") or ():
            if task["state"] == "FAILED":
                yield node, task
