# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DAG as the agent returns it, validated once and read into values. Pure: knows no HTTP and no Ansible.

Source: recorded answers of agents 4.2.5 to 4.5.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

from .._ids import Address, GenericId

STATES = ("PENDING", "READY", "RUNNING", "SUCCEED", "FAILED")
OPERATORS = ("ROLLBACK", "RETRY", "PASS", "CANCEL")
INITIALIZE = "Initialize cluster"
SET_OPTIONS = "Update observer config"
JOIN_MASTER = "Join to master"
# None of their nodes can be retried, rolled back or passed; source: ob/agent/executor/agent of the agent.
WITHOUT_OPERATORS = ("Join self", JOIN_MASTER, "Follower remove self", "Agent to single")

Raw = dict[str, t.Any]
Type = t.TypeVar("Type")


class Attempt(t.NamedTuple):
    """What distinguishes one attempt at a DAG from the next; the agent changes all three only together."""

    operator: str
    state: str
    start_time: str


class SubTask(t.NamedTuple):
    """One sub-task of a node, on the agent that executes it; `logs` holds the lines of all its attempts."""

    name: str
    state: str
    operator: str
    agent: Address
    execute_times: int
    logs: list[str]
    raw: Raw

    @classmethod
    def from_api(cls, raw: t.Any) -> SubTask:
        """Read the API's dict of a sub-task.

        :raises ValueError: it is not one.
        """
        return cls(
            **_texts_of(raw),
            agent=Address.from_api(_field(raw, "execute_agent", dict, default={})),
            execute_times=_field(raw, "execute_times", int),
            logs=_list(raw, "task_logs", _text),
            raw=raw,
        )


class Node(t.NamedTuple):
    """One node of a DAG, that is one step of it."""

    name: str
    state: str
    operator: str
    sub_tasks: list[SubTask]
    raw: Raw

    @classmethod
    def from_api(cls, raw: t.Any) -> Node:
        """Read the API's dict of a node.

        :raises ValueError: it is not one.
        """
        return cls(**_state_of(raw), sub_tasks=_list(raw, "sub_tasks", SubTask.from_api), raw=raw)

    @property
    def id(self) -> str:
        """Its generic ID, in a series of its own: a DAG can have the same one."""
        return str(self.raw.get("id") or "")

    @property
    def passed(self) -> bool:
        """Whether it was skipped by PASS."""
        return (self.state, self.operator) == ("SUCCEED", "PASS")


@dataclasses.dataclass(frozen=True)
class Dag:
    """One DAG. `raw` is the API's own dict of it.

    `stage` counts from 1 to `max_stage`, and down during a rollback. `nodes` is empty if it was read without details.
    """

    id: str
    name: str
    state: str
    operator: str
    start_time: str
    stage: int
    max_stage: int
    nodes: tuple[Node, ...]
    raw: Raw

    @classmethod
    def from_api(cls, raw: t.Any, *, details: bool = False) -> Dag:
        """Read the API's dict of a DAG.

        :param details: whether all nodes must be there: without them the effect of an operator cannot be judged.
        :raises ValueError: it is not one, or nodes are missing.
        """
        dag = cls(
            **_state_of(raw),
            id=_field(raw, "id", str),
            start_time=_field(raw, "start_time", str),
            stage=_field(raw, "stage", int),
            max_stage=_field(raw, "max_stage", int),
            nodes=tuple(_list(raw, "nodes", Node.from_api)),
            raw=raw,
        )
        if details and not len(dag.nodes) == dag.max_stage > 0:
            raise ValueError(f"{len(dag.nodes)} nodes instead of {dag.max_stage}")
        return dag

    @property
    def attempt(self) -> Attempt:
        """The present attempt."""
        return Attempt(self.operator, self.state, self.start_time)

    @property
    def finished(self) -> bool:
        """Whether it no longer moves by itself."""
        return self.state in ("SUCCEED", "FAILED")

    @property
    def half_rolled_back(self) -> bool:
        """Whether a rollback began and did not succeed: RETRY or PASS would skip what was undone."""
        return self.operator == "ROLLBACK" or any(node.operator == "ROLLBACK" for node in self.nodes)

    @property
    def half_rolled_back_or_cancelled(self) -> bool:
        """Whether its agent may have forgotten the DAGs that it started on other agents."""
        return self.half_rolled_back or self.operator == "CANCEL"

    @property
    def position(self) -> tuple[str, ...]:
        """What changes when it moves: the attempt and the stage."""
        return (*self.attempt, str(self.stage))

    @property
    def number(self) -> int:
        """Its number in the series of the agent or the cluster; a newer DAG has a larger one."""
        return int(self.raw.get("dag_id") or 0)

    @property
    def owner(self) -> Address | None:
        """The agent that it belongs to, None for a cluster task."""
        return GenericId.parse(self.id).agent

    def without_nodes(self) -> Dag:
        """Copy it as it is when it is read without details."""
        return dataclasses.replace(self, nodes=(), raw={**self.raw, "nodes": None})

    def age(self, now: float | None) -> float | None:
        """Seconds since it ended or, if it is unfinished, since its present attempt began; None if that is unknown.

        :param now: the agent's clock, in seconds since 1970.
        """
        since = parse_time(str(self.raw.get("end_time")) if self.finished else self.start_time)
        # An attempt that has not begun has the time 0.
        return None if now is None or not since or since < 0 else max(0.0, now - since)

    @property
    def label(self) -> str:
        """Its ID and name."""
        return f"DAG {self.id} ({self.name})"

    def __str__(self) -> str:
        """Describe its state in a message."""
        return f"{self.label} is {self.state}/{self.operator} at stage {self.stage} of {self.max_stage}"


# Called with each change of a DAG that a task waits for.
OnChange = t.Callable[[Dag], None]


def parse_time(stamp: str) -> float | None:
    """Read a time of the API (RFC 3339 with nanoseconds) as seconds since 1970; None if it is not one."""
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$", stamp)
    try:
        return (
            datetime.datetime.fromisoformat(match[1] + match[2].replace("Z", "+00:00")).timestamp() if match else None
        )
    except ValueError:
        return None


def _state_of(raw: t.Any) -> dict[str, str]:
    texts = _texts_of(raw)
    if texts["state"] not in STATES:
        raise ValueError(f"{texts['name']} has the unknown state {texts['state']}")
    return texts


def _texts_of(raw: t.Any) -> dict[str, str]:
    """Read name, state and operator. A sub-task may have another state, such as SKIPPED: its node has the verdict."""
    if not isinstance(raw, dict):
        raise ValueError("not a dictionary")
    return {name: _field(raw, name, str) for name in ("name", "state", "operator")}


def _field(raw: Raw, name: str, kind: type[Type], default: Type | None = None) -> Type:
    value = raw.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, kind):
        raise ValueError(f"{name} is not {kind.__name__}")
    return value


def _list(raw: Raw, name: str, item: t.Callable[[t.Any], Type]) -> list[Type]:
    """Read a list, which the API gives as null when it is empty."""
    return [item(value) for value in _field(raw, name, list, default=[])]


def _text(value: t.Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    return value
