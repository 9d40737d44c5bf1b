# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DAGs, nodes and sub-tasks: what an agent keeps, and how it answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._clock import rfc3339
from ._ids import Address, Kind

FINISHED = ("SUCCEED", "FAILED")
GLOBAL_MAINTENANCE = 2
OBPROXY_MAINTENANCE = 4

Json = dict[str, Any]
Identify = Callable[[Kind, int], str]


@dataclass(frozen=True)
class Line:
    """One line of a sub-task's log."""

    number: int
    execute_times: int
    text: str
    time: int


@dataclass
class Instance:
    """What DAGs, nodes and sub-tasks share."""

    id: int
    name: str
    start: int
    end: int
    state: str = field(default="PENDING", kw_only=True)
    operator: str = field(default="RUN", kw_only=True)

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    def status(self) -> Json:
        return {
            "state": self.state,
            "operator": self.operator,
            "start_time": rfc3339(self.start),
            "end_time": rfc3339(self.end),
        }


@dataclass
class SubTask(Instance):
    agent: Address
    execute_times: int = 0
    lines: list[Line] = field(default_factory=list)
    remote_id: str = ""

    def as_dict(self, kind: Kind, identify: Identify) -> Json:
        logs = None if self.state in ("PENDING", "READY") else [line.text for line in self.lines]
        return {
            "id": identify(kind, self.id),
            "task_id": self.id,
            "name": self.name,
            **self.status(),
            "additional_data": None,
            "execute_times": self.execute_times,
            "execute_agent": self.agent.as_dict(),
            "task_logs": logs,
        }


@dataclass
class Node(Instance):
    can: frozenset[str]
    sub_tasks: list[SubTask]

    def as_dict(self, kind: Kind, identify: Identify, *, details: bool = True) -> Json:
        sub_tasks = [sub_task.as_dict(kind, identify) for sub_task in self.sub_tasks] if details else None
        return {
            "id": identify(kind, self.id),
            "node_id": self.id,
            "name": self.name,
            **self.status(),
            "additional_data": None,
            "sub_tasks": sub_tasks,
        }


@dataclass
class Dag(Instance):
    kind: Kind
    nodes: list[Node]
    stage: int = 1
    parameters: Json = field(default_factory=dict)
    on_behalf_of: str = ""

    @property
    def maintenance_type(self) -> int:
        return OBPROXY_MAINTENANCE if self.kind == "obproxy" else GLOBAL_MAINTENANCE

    @property
    def node(self) -> Node:
        return self.nodes[self.stage - 1]

    @property
    def additional_data(self) -> Json | None:
        """The agent merges its parts' data: nothing of one part is null, nothing of several is an empty map."""
        merged = len(self.nodes) > 1 or len(self.nodes[0].sub_tasks) > 1
        return {} if merged else None

    def as_dict(self, identify: Identify, *, details: bool, typed: bool) -> Json:
        maintenance = {"maintenance_type": self.maintenance_type, "maintenance_key": ""} if typed else {}
        return {
            "id": identify(self.kind, self.id),
            "dag_id": self.id,
            "name": self.name,
            "stage": self.stage,
            "max_stage": len(self.nodes),
            **maintenance,
            **self.status(),
            "additional_data": self.additional_data if details else None,
            "nodes": [node.as_dict(self.kind, identify) for node in self.nodes] if details else None,
        }
