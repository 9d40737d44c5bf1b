# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ROLLBACK, RETRY, CANCEL and PASS: when the agent accepts an operator, and what that changes at once.

PASS of one node skips it, and the DAG continues.

The agent accepts some operators that do harm, for instance CANCEL of a rollback. So does the simulator.
"""

from __future__ import annotations

from collections.abc import Callable

from .clock import ZERO_TIME
from .dag import Dag, Node
from .errors import ApiError


def operate(dag: Dag, operator: str, *, now: int) -> None:
    """Apply an operator, given in upper or lower case. If the agent refuses it, raise ApiError and change nothing."""
    operators: dict[str, Callable[[], None]] = {
        "ROLLBACK": lambda: _rollback(dag),
        "RETRY": lambda: _retry(dag),
        "CANCEL": lambda: _cancel(dag),
        "PASS": lambda: _pass(dag, now=now),
    }
    if operator.upper() not in operators:
        raise ApiError("unknown_operator", operator)
    operators[operator.upper()]()


def pass_node(dag: Dag, node: Node, *, now: int) -> None:
    """Apply PASS to one node. If the agent refuses it, raise ApiError and change nothing."""
    if dag.state != "FAILED":
        raise ApiError("node_of_not_failed")
    if node.state != "FAILED":
        raise ApiError("node_not_failed", node.name)
    if not node.allows("PASS"):
        raise ApiError("node_not_allowed", node.name)
    _mark_passed(node, now=now)
    _reset_dag(dag, "RUN")


def _reset_dag(dag: Dag, operator: str) -> None:
    dag.state, dag.operator, dag.start_time, dag.end_time = "READY", operator, ZERO_TIME, ZERO_TIME


def _reset_node(node: Node, operator: str) -> None:
    node.state, node.operator, node.start_time, node.end_time = "PENDING", operator, ZERO_TIME, ZERO_TIME


def _rollback(dag: Dag) -> None:
    if dag.state != "FAILED":
        raise ApiError("rollback_not_failed")
    executed = _nodes_to_roll_back(dag)
    if not executed:
        raise ApiError("rollback_nothing")
    _reset_dag(dag, "ROLLBACK")
    for node in executed:
        if node.finished:
            _reset_node(node, "ROLLBACK")


def _nodes_to_roll_back(dag: Dag) -> list[Node]:
    """The executed nodes up to the failed one. Raise ApiError if one of them does not allow ROLLBACK."""
    executed = []
    for node in dag.nodes:
        if node.operator != "ROLLBACK" and node.state == "PENDING":
            break
        if not node.allows("ROLLBACK"):
            raise ApiError("rollback_not_allowed", node.name)
        executed.append(node)
        if node.state == "FAILED":
            break
    return executed


def _retry(dag: Dag) -> None:
    if dag.state != "FAILED":
        raise ApiError("retry_not_failed")
    if not dag.current_node.allows("RETRY"):
        raise ApiError("retry_not_allowed", dag.current_node.name)
    _reset_dag(dag, "RUN")
    _reset_node(dag.current_node, "RETRY")


def _cancel(dag: Dag) -> None:
    if dag.finished:
        raise ApiError("cancel_finished")
    last = dag.nodes[-1]
    for node in dag.nodes:
        last = node
        if not node.allows("CANCEL"):
            raise ApiError("cancel_not_allowed", node.name)
        if not node.finished:
            break
    _reset_dag(dag, "CANCEL")
    _reset_node(last, "CANCEL")


def _pass(dag: Dag, *, now: int) -> None:
    if dag.state != "FAILED":
        raise ApiError("pass_not_failed")
    for node in dag.nodes:
        if node.state != "SUCCEED" and not node.allows("PASS"):
            raise ApiError("pass_not_allowed", node.name)
    failed = [index for index, node in enumerate(dag.nodes) if node.state == "FAILED"]
    dag.state, dag.operator, dag.end_time = "SUCCEED", "PASS", now
    for node in dag.nodes[max(failed, default=len(dag.nodes)) :]:
        _mark_passed(node, now=now)


def _mark_passed(node: Node, *, now: int) -> None:
    node.state, node.operator, node.end_time = "SUCCEED", "PASS", now
    for sub_task in node.sub_tasks:
        if sub_task.state != "SUCCEED":
            sub_task.state, sub_task.operator, sub_task.end_time = "SUCCEED", "PASS", now
