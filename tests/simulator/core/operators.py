# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ROLLBACK, RETRY, CANCEL and PASS: when the agent accepts an operator, and what that changes at once.

The agent accepts some operators that do harm, for instance CANCEL of a rollback. So does the simulator.
"""

from __future__ import annotations

from collections.abc import Callable

from .clock import ZERO_TIME
from .dag import Dag, Node
from .errors import ApiError


def take_no_lock() -> None:
    """Do nothing before a DAG starts again."""


def operate(dag: Dag, operator: str, *, now: int, take_lock: Callable[[], None] = take_no_lock) -> None:
    """Apply an operator, given in upper or lower case. If the agent refuses it, raise ApiError and change nothing.

    :param take_lock: called before the DAG starts again. It can raise ApiError.
    """
    operators: dict[str, Callable[[], None]] = {
        "ROLLBACK": lambda: _rollback(dag, take_lock),
        "RETRY": lambda: _retry(dag, take_lock),
        "CANCEL": lambda: _cancel(dag),
        "PASS": lambda: _pass(dag, now=now),
    }
    if operator.upper() not in operators:
        raise ApiError("unknown_operator", operator)
    operators[operator.upper()]()


def _reset_dag(dag: Dag, operator: str) -> None:
    dag.state, dag.operator, dag.start_time, dag.end_time = "READY", operator, ZERO_TIME, ZERO_TIME


def _reset_node(node: Node, operator: str) -> None:
    node.state, node.operator, node.start_time, node.end_time = "PENDING", operator, ZERO_TIME, ZERO_TIME


def _rollback(dag: Dag, take_lock: Callable[[], None]) -> None:
    if dag.state != "FAILED":
        raise ApiError("rollback_not_failed")
    executed = _nodes_to_roll_back(dag)
    if not executed:
        raise ApiError("rollback_nothing")
    take_lock()
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


def _retry(dag: Dag, take_lock: Callable[[], None]) -> None:
    if dag.state != "FAILED":
        raise ApiError("retry_not_failed")
    if not dag.current_node.allows("RETRY"):
        raise ApiError("retry_not_allowed", dag.current_node.name)
    take_lock()
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
        _end_as_passed(node, now=now)


def _end_as_passed(node: Node, *, now: int) -> None:
    node.state, node.operator, node.end_time = "SUCCEED", "PASS", now
    for sub_task in node.sub_tasks:
        if sub_task.state != "SUCCEED":
            sub_task.state, sub_task.operator, sub_task.end_time = "SUCCEED", "PASS", now


def pass_node(dag: Dag, node: Node, operator: str, *, now: int, take_lock: Callable[[], None] = take_no_lock) -> None:
    """Skip a failed node: the DAG continues with the next one. If the agent refuses that, raise ApiError."""
    if operator.upper() != "PASS":
        raise ApiError("unknown_node_operator", operator)
    if dag.state != "FAILED":
        raise ApiError("pass_node_of_unfailed_dag")
    if node.state != "FAILED":
        raise ApiError("pass_unfailed_node", node.name)
    if not node.allows("PASS"):
        raise ApiError("pass_of_node_not_allowed", node.name)
    take_lock()
    _end_as_passed(node, now=now)
    _reset_dag(dag, "RUN")
