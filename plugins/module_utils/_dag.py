# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DAG as the agent tells it, read once into a value. Pure: knows no HTTP and no Ansible."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ._ids import show_address

OPERATORS = ("ROLLBACK", "RETRY", "PASS", "CANCEL")
MOST_FAILURES = 200
MOST_EXPLAINED = 5
MOST_LOG = 400_000
WORKDIR_NODE = "Create observer workdir"


class Attempt(t.NamedTuple):
    """What tells one attempt at a DAG from the next; the agent changes all three only together."""

    operator: str
    state: str
    start_time: str


@dataclasses.dataclass(frozen=True)
class Dag:
    """One DAG, `raw` being the API's own dict of it.

    `stage` counts from 1 to `max_stage`, down in a rollback. `nodes` are the API's dicts, empty where none were asked.
    """

    id: str
    name: str
    state: str
    operator: str
    start_time: str
    stage: int
    max_stage: int
    nodes: tuple[dict[str, t.Any], ...]
    raw: dict[str, t.Any]

    @classmethod
    def from_api(cls, raw: dict[str, t.Any]) -> Dag:
        """Read the API's dict of a DAG, with or without details."""
        return cls(
            id=str(raw["id"]),
            name=raw["name"],
            state=raw["state"],
            operator=raw["operator"],
            start_time=raw["start_time"],
            stage=raw["stage"],
            max_stage=raw["max_stage"],
            nodes=tuple(raw.get("nodes") or ()),
            raw=raw,
        )

    @property
    def attempt(self) -> Attempt:
        """The present attempt."""
        return Attempt(self.operator, self.state, self.start_time)

    @property
    def finished(self) -> bool:
        """Whether it moves no more by itself."""
        return self.state in ("SUCCEED", "FAILED")

    @property
    def half_rolled_back(self) -> bool:
        """Whether a rollback of it has begun and not ended: an operator forward would then skip what was undone."""
        return self.operator == "ROLLBACK" or any(node["operator"] == "ROLLBACK" for node in self.nodes)

    @property
    def half_rolled_back_or_cancelled(self) -> bool:
        """Whether its agent may have forgotten what it had others do for it."""
        return self.half_rolled_back or self.operator == "CANCEL"

    @property
    def position(self) -> tuple[str, ...]:
        """What changes when it moves: the attempt and the stage."""
        return (*self.attempt, str(self.stage))

    @property
    def number(self) -> int:
        """Its number in the agent's or the cluster's series; the larger, the newer."""
        return int(self.raw.get("dag_id") or 0)

    def __str__(self) -> str:
        """Name it for a person."""
        return f"DAG {self.id} ({self.name}) is {self.state}/{self.operator} at stage {self.stage} of {self.max_stage}"


# Called with each change of a DAG that is waited for.
OnChange = t.Callable[[Dag], None]


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


def address(agent: dict[str, t.Any]) -> str:
    """Name an agent of the API's dict, `ip` and `port`, as host:port."""
    return show_address(str(agent.get("ip", "")), agent.get("port"))
