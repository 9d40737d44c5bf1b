# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that read and operate one DAG, node or sub-task by its ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.agent import OBSERVER_RUNNING
from ...core.clock import rfc3339
from ...core.dag import Dag, Json, Node, SubTask
from ...core.errors import ApiError
from ...core.generic_id import GenericId
from ...core.operators import operate, pass_node
from ...core.storm import starts_storm
from ..call import Call, Contents

if TYPE_CHECKING:
    from ...core.agent import AgentModel


class DagNotFound(ApiError):
    """The agent that would store the DAG, which is now that of the call, does not have it."""


def _find_dag(call: Call, parsed: GenericId) -> tuple[AgentModel, Dag]:
    """The agent that stores the DAG, and the DAG."""
    owner = call.owner_of(parsed)
    if parsed.address not in (None, owner.location):
        # The request was forwarded to the master, which forwards it to the agent in the ID.
        call.agent = owner
        return _find_dag(call, call.parse_id())
    call.agent = owner
    if parsed.kind == "cluster" and owner.database_state <= OBSERVER_RUNNING:
        raise DagNotFound("no_oceanbase_dag")
    found = owner.engine.find(parsed.kind, parsed.number)
    if found is None:
        raise DagNotFound("not_found", "record not found")
    return owner, found


def dag(call: Call) -> Json:
    parsed = call.parse_id()
    try:
        owner, found = _find_dag(call, parsed)
    except DagNotFound:
        if starts_storm(call.agent, parsed):
            call.agent.network.begin_storm(call.agent, f"{call.method} {call.uri}")
        raise
    return owner.render(found, details=call.details)


def operate_dag(call: Call) -> None:
    parsed = call.parse_id()
    operator = str(call.required("operator", structure="DagOperator"))
    owner, found = _find_dag(call, parsed)
    operate(found, operator, now=owner.clock.now())
    owner.network.count_change()


def _find_node(call: Call) -> tuple[AgentModel, Dag, Node]:
    """The agent that stores the node, the DAG, and the node."""
    parsed = call.parse_id()
    owner = call.owner_of(parsed)
    if parsed.address not in (None, owner.location):
        # As for a DAG: the master forwards what a follower forwarded to it.
        call.agent = owner
        return _find_node(call)
    for found in owner.engine.dags:
        if found.id_kind == parsed.kind:
            for node_of_dag in found.nodes:
                if node_of_dag.id == parsed.number:
                    return owner, found, node_of_dag
    raise ApiError("not_found", "record not found")


def node(call: Call) -> Json:
    owner, found, node_of_dag = _find_node(call)
    return node_of_dag.as_dict(found.id_kind, owner.format_id, details=call.details)


def operate_node(call: Call) -> None:
    """The agent checks the operator before it looks for the node."""
    call.parse_id()
    operator = str(call.required("operator", structure="DagOperator"))
    if operator.upper() != "PASS":
        raise ApiError("unknown_node_operator", operator)
    owner, found, node_of_dag = _find_node(call)
    pass_node(found, node_of_dag, now=owner.clock.now())
    owner.network.count_change()


def _find_sub_task(call: Call) -> tuple[AgentModel, SubTask]:
    parsed = call.parse_id()
    owner = call.owner_of(parsed)
    sub_tasks = owner.engine.sub_tasks(parsed.kind)
    found = next((sub_task for sub_task in sub_tasks if sub_task.id == parsed.number), None)
    if found is None:
        raise ApiError("not_found", "record not found")
    return owner, found


def sub_task(call: Call) -> Json:
    owner, found = _find_sub_task(call)
    return found.as_dict(call.parse_id().kind, owner.format_id)


def sub_task_logs(call: Call) -> Contents:
    _owner, found = _find_sub_task(call)
    return Contents(
        [
            {
                "id": line.number,
                "sub_task_id": found.id,
                "execute_times": line.execute_times,
                "log_content": line.text,
                "is_sync": True,
                "create_time": rfc3339(line.time),
                "update_time": rfc3339(line.time),
            }
            for line in found.log
        ]
    )
