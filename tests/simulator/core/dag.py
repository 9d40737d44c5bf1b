# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DAGs, nodes, sub-tasks and log lines: what an agent stores, and how its API returns them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .clock import rfc3339
from .generic_id import Address, IdKind

if TYPE_CHECKING:
    from .kinds.definition import DagKind, NodeKind

FINISHED = ("SUCCEED", "FAILED")

Json = dict[str, Any]
FormatId = Callable[[IdKind, int], str]
"""Makes a generic ID of a number."""


@dataclass(frozen=True)
class LogLine:
    """One line in the log of a sub-task. `execute_times` is the number of the execution that wrote it."""

    number: int
    execute_times: int
    text: str
    time: int


@dataclass
class Stateful:
    """What DAGs, nodes and sub-tasks have in common."""

    id: int
    name: str
    start_time: int
    end_time: int
    state: str = field(default="PENDING", kw_only=True)
    operator: str = field(default="RUN", kw_only=True)

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    def status(self) -> Json:
        return {
            "state": self.state,
            "operator": self.operator,
            "start_time": rfc3339(self.start_time),
            "end_time": rfc3339(self.end_time),
        }


@dataclass
class SubTask(Stateful):
    """The work of a node on one agent."""

    kind: NodeKind
    agent: Address
    execute_times: int = 0
    log: list[LogLine] = field(default_factory=list)
    follower_dag_id: str = ""
    """The ID of the DAG that a follower ran for this sub-task."""

    def as_dict(self, id_kind: IdKind, format_id: FormatId) -> Json:
        logs = None if self.state in ("PENDING", "READY") else [line.text for line in self.log]
        return {
            "id": format_id(id_kind, self.id),
            "task_id": self.id,
            "name": self.name,
            **self.status(),
            "additional_data": None,
            "execute_times": self.execute_times,
            "execute_agent": self.agent.as_dict(),
            "task_logs": logs,
        }


@dataclass
class Node(Stateful):
    """One stage of a DAG."""

    kind: NodeKind
    sub_tasks: list[SubTask]

    def allows(self, operator: str) -> bool:
        return operator in self.kind.operators

    def as_dict(self, id_kind: IdKind, format_id: FormatId, *, details: bool = True) -> Json:
        sub_tasks = [sub_task.as_dict(id_kind, format_id) for sub_task in self.sub_tasks] if details else None
        return {
            "id": format_id(id_kind, self.id),
            "node_id": self.id,
            "name": self.name,
            **self.status(),
            "additional_data": None,
            "sub_tasks": sub_tasks,
        }


@dataclass
class Dag(Stateful):
    """A job of the agent: nodes that are executed one after the other. `stage` counts them from 1."""

    kind: DagKind
    nodes: list[Node]
    stage: int = 1
    parameters: Json = field(default_factory=dict)
    data: Json = field(default_factory=dict)
    """What its sub-tasks have added to `additional_data`."""
    requested_by: str = ""
    """The name of the master's DAG that requested this DAG of a follower."""

    @property
    def id_kind(self) -> IdKind:
        return self.kind.id_kind

    @property
    def holds_lock(self) -> bool:
        """Whether it locks what it works on, also after a failure."""
        failed = self.state == "FAILED"
        return self.state != "SUCCEED" and not (failed and self.stage <= self.kind.maintenance.released_up_to)

    @property
    def current_node(self) -> Node:
        return self.nodes[self.stage - 1]

    @property
    def additional_data(self) -> Json | None:
        """The merged data of the sub-tasks: without any, the agent returns null for one, {} for several."""
        merged = len(self.nodes) > 1 or len(self.nodes[0].sub_tasks) > 1
        return dict(self.data) if merged or self.data else None

    def as_dict(self, format_id: FormatId, *, details: bool, maintenance_type: bool) -> Json:
        held = self.kind.maintenance
        maintenance = {"maintenance_type": held.type, "maintenance_key": held.key} if maintenance_type else {}
        return {
            "id": format_id(self.id_kind, self.id),
            "dag_id": self.id,
            "name": self.name,
            "stage": self.stage,
            "max_stage": len(self.nodes),
            **maintenance,
            **self.status(),
            "additional_data": self.additional_data if details else None,
            "nodes": [node.as_dict(self.id_kind, format_id) for node in self.nodes] if details else None,
        }
