# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ROLLBACK, RETRY, CANCEL and PASS: what the agent accepts, harmful as it may be, and what changes at once."""

from __future__ import annotations

from collections.abc import Callable

from ._clock import ZERO
from ._errors import ApiError
from ._model import Dag, Node


def operate(dag: Dag, operator: str, *, now: int) -> None:
    """Apply an operator, in any case, or raise and change nothing."""
    operators: dict[str, Callable[[], None]] = {
        "ROLLBACK": lambda: _rollback(dag),
        "RETRY": lambda: _retry(dag),
        "CANCEL": lambda: _cancel(dag),
        "PASS": lambda: _pass(dag, now=now),
    }
    if operator.upper() not in operators:
        raise ApiError("operator", operator)
    operators[operator.upper()]()


def _reset(dag: Dag, operator: str) -> None:
    dag.state, dag.operator, dag.start, dag.end = "READY", operator, ZERO, ZERO


def _await(node: Node, operator: str) -> None:
    node.state, node.operator, node.start, node.end = "PENDING", operator, ZERO, ZERO


def _rollback(dag: Dag) -> None:
    if dag.state != "FAILED":
        raise ApiError("rollback_not_failed")
    executed = 0
    for executed, node in enumerate(dag.nodes):
        if node.operator != "ROLLBACK" and node.state == "PENDING":
            break
        if "ROLLBACK" not in node.can:
            raise ApiError("rollback_not_allowed", node.name)
        if node.state == "FAILED":
            executed += 1
            break
    if not executed:
        raise ApiError("rollback_nothing")
    _reset(dag, "ROLLBACK")
    for node in dag.nodes[:executed]:
        if node.finished:
            _await(node, "ROLLBACK")


def _retry(dag: Dag) -> None:
    if dag.state != "FAILED":
        raise ApiError("retry_not_failed")
    if "RETRY" not in dag.node.can:
        raise ApiError("retry_not_allowed", dag.node.name)
    _reset(dag, "RUN")
    _await(dag.node, "RETRY")


def _cancel(dag: Dag) -> None:
    if dag.finished:
        raise ApiError("cancel_finished")
    current = dag.nodes[-1]
    for node in dag.nodes:
        current = node
        if "CANCEL" not in node.can:
            raise ApiError("cancel_not_allowed", node.name)
        if not node.finished:
            break
    _reset(dag, "CANCEL")
    _await(current, "CANCEL")


def _pass(dag: Dag, *, now: int) -> None:
    if dag.state != "FAILED":
        raise ApiError("pass_not_failed")
    first = len(dag.nodes)
    for index, node in enumerate(dag.nodes):
        if node.state == "SUCCEED":
            continue
        if node.state == "FAILED":
            first = index
        if "PASS" not in node.can:
            raise ApiError("pass_not_allowed", node.name)
    dag.state, dag.operator, dag.end = "SUCCEED", "PASS", now
    for node in dag.nodes[first:]:
        node.state, node.operator, node.end = "SUCCEED", "PASS", now
        for sub_task in node.sub_tasks:
            if sub_task.state != "SUCCEED":
                sub_task.state, sub_task.operator, sub_task.end = "SUCCEED", "PASS", now
