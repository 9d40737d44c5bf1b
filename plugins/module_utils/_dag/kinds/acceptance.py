# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the agent itself accepts an operator, by what each node allows. Pure.

The agent keeps what a node allows, but no route returns it.
"""

from __future__ import annotations

from ..model import Dag, Node
from .definition import CANCEL, PASS, PASS_NODE, RETRY, ROLLBACK, Kind


def refusal(dag: Dag, kind: Kind, operator: str) -> str:
    """Say why the agent refuses an operator that the state of the DAG allows, or return "" if it accepts it."""
    if operator == ROLLBACK and not _can_begin_rollback(dag):
        return "its rollback was cancelled, so the agent finds no failed node and refuses ROLLBACK"
    concerned = {
        ROLLBACK: _rolled_back,
        RETRY: _retried,
        PASS: _passed,
        PASS_NODE: _skipped,
        CANCEL: _cancelled,
    }[operator](dag)
    node = next((node for node in concerned if not kind.allows(operator, node)), None)
    return f'the agent does not allow {operator} at the node "{node.name}"' if node else ""


def _untouched(node: Node) -> bool:
    return node.state == "PENDING" and node.operator != "ROLLBACK"


def _can_begin_rollback(dag: Dag) -> bool:
    return not _untouched(dag.nodes[0])


def _rolled_back(dag: Dag) -> list[Node]:
    """The nodes up to the failed one; the agent stops at one that was never begun."""
    nodes: list[Node] = []
    for node in dag.nodes:
        if _untouched(node):
            break
        nodes.append(node)
        if node.state == "FAILED":
            break
    return nodes


def _retried(dag: Dag) -> list[Node]:
    """The node of the present stage."""
    return [dag.nodes[min(max(dag.stage, 1), len(dag.nodes)) - 1]]


def _passed(dag: Dag) -> list[Node]:
    """The nodes that have not succeeded."""
    return [node for node in dag.nodes if node.state != "SUCCEED"]


def _skipped(dag: Dag) -> list[Node]:
    """The node that failed."""
    return [node for node in dag.nodes if node.state == "FAILED"]


def _cancelled(dag: Dag) -> list[Node]:
    """The nodes up to the first one that has not ended."""
    nodes: list[Node] = []
    for node in dag.nodes:
        nodes.append(node)
        if node.state not in ("SUCCEED", "FAILED"):
            break
    return nodes
