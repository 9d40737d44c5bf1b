# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent's answer must look like to be believed.

Pure. A wire can bring an answer to another question, or none of an agent at all. Source: recorded answers of 4.2.5
and 4.5. A DAG as the agent tells it, read once into a value. Pure: knows no HTTP and no Ansible.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._ids import show_address

STATES = ("PENDING", "READY", "RUNNING", "SUCCEED", "FAILED")


def is_dag(raw: t.Any, *, details: bool) -> bool:
    """Whether this is the API's dict of a DAG.

    :param details: whether nodes were asked for: then they must all be there, since what an operator would do to them
        cannot be judged without.
    """
    return (
        _is_task(raw)
        and isinstance(raw.get("id"), str)
        and isinstance(raw.get("start_time"), str)
        and isinstance(raw.get("stage"), int)
        and isinstance(raw.get("max_stage"), int)
        and _all(_is_node, raw.get("nodes"))
        and (not details or len(raw.get("nodes") or ()) == raw["max_stage"] > 0)
    )


def _is_node(raw: t.Any) -> bool:
    return _is_task(raw) and _all(_is_sub_task, raw.get("sub_tasks"))


def _is_sub_task(raw: t.Any) -> bool:
    return (
        _is_task(raw)
        and isinstance(raw.get("execute_times"), int)
        and isinstance(raw.get("execute_agent") or {}, dict)
        and _all(lambda line: isinstance(line, str), raw.get("task_logs"))
    )


def _is_task(raw: t.Any) -> bool:
    return (
        isinstance(raw, dict)
        and isinstance(raw.get("name"), str)
        and isinstance(raw.get("operator"), str)
        and raw.get("state") in STATES
    )


def _all(is_one: t.Callable[[t.Any], bool], items: t.Any) -> bool:
    return items is None or (isinstance(items, list) and all(is_one(item) for item in items))


OPERATORS = ("ROLLBACK", "RETRY", "PASS", "CANCEL")
INITIALIZE = "Initialize cluster"
SET_OPTIONS = "Update observer config"
JOIN_MASTER = "Join to master"
# None of their nodes can be retried, rolled back or passed; source: ob/agent/executor/agent of the agent.
WITHOUT_OPERATORS = ("Join self", JOIN_MASTER, "Follower remove self", "Agent to single")


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


def address(agent: dict[str, t.Any]) -> str:
    """Name an agent of the API's dict, `ip` and `port`, as host:port."""
    return show_address(str(agent.get("ip", "")), agent.get("port"))
