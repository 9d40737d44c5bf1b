# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sub-task executes next: it depends on the operator of its node, and on its last execution."""

from __future__ import annotations

from typing import Literal

from .dag import Node, SubTask

NextOperator = Literal["RUN", "ROLLBACK", ""]
"""The operator of the next execution. An empty one means that the sub-task has nothing left to execute."""


def next_operator(node: Node, sub_task: SubTask) -> NextOperator:
    if node.operator == "ROLLBACK":
        return _next_of_rollback(node, sub_task)
    if node.operator == "RETRY":
        return _next_of_retry(node, sub_task)
    return "RUN" if node.operator != "CANCEL" and sub_task.state == "PENDING" else ""


def _next_of_rollback(node: Node, sub_task: SubTask) -> NextOperator:
    """Roll back a sub-task that was executed, unless it was rolled back since the node started."""
    if sub_task.operator == "RUN" and sub_task.state == "PENDING":
        return ""
    return "ROLLBACK" if sub_task.operator != "ROLLBACK" or sub_task.start_time < node.start_time else ""


def _next_of_retry(node: Node, sub_task: SubTask) -> NextOperator:
    """Roll back a failed sub-task first, then run it."""
    if sub_task.state == "PENDING":
        return "RUN"
    if sub_task.state == "FAILED" and sub_task.start_time < node.start_time:
        return "ROLLBACK"
    succeeded = sub_task.state == "SUCCEED" and sub_task.start_time > node.start_time
    return "RUN" if succeeded and sub_task.operator == "ROLLBACK" else ""
