# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is requested of a DAG: an operator, or PASS of one node, after which the DAG continues. Pure."""

from __future__ import annotations

import dataclasses

from .decision import END_STATES, POST, REFUSE, WAIT, Decision, SentOperator, decide, reached_end_state
from .kinds.definition import PASS, PASS_NODE, REFUSED, RETRY, Context
from .model import Dag, Node
from .operators import Verdict, judge, judge_by_kind

TOO_OLD = "agents before 4.3.2 cannot pass one node"


@dataclasses.dataclass(frozen=True)
class Requested:
    """An operator for a DAG; with `node`, its name or its ID, PASS of that node."""

    operator: str
    node: str | None = None

    def __str__(self) -> str:
        """Name it in a message."""
        return self.operator if self.node is None else f'{self.operator} of the node "{self.node}"'

    @property
    def end_state(self) -> tuple[str, str]:
        """State and operator of the DAG's end that it requests."""
        return END_STATES[self.operator if self.node is None else RETRY]

    def decide(self, dag: Dag) -> Decision:
        """Decide what it means for the state of a DAG that was read with details."""
        return decide(dag, self.operator) if self.node is None else _decide_node(dag, self.node)

    def judge(self, dag: Dag, context: Context) -> Verdict:
        """Judge it: the state first, then what the agent and other DAGs forbid, then the consequences."""
        if self.node is None:
            return judge(dag, self.operator, context)
        decision = self.decide(dag)
        if decision.action != POST:
            return Verdict(REFUSED, (), decision.reason)
        # Agents return this field since the version that has the route.
        if "maintenance_type" not in dag.raw:
            return Verdict(REFUSED, (), TOO_OLD)
        return judge_by_kind(dag, PASS_NODE, context)

    def reached_end(self, dag: Dag) -> bool:
        """Whether a DAG, read with details, has come to the requested end."""
        if self.node is None:
            return reached_end_state(dag, self.operator)
        node = find_node(dag, self.node)
        return (dag.state, dag.operator) == self.end_state and isinstance(node, Node) and node.passed

    def send_to(self, dag: Dag) -> SentOperator:
        """Record that it is about to be sent to a DAG."""
        return SentOperator.to(dag, self.operator, self.node_of(dag))

    def node_of(self, dag: Dag) -> Node | None:
        """The one node that it is about, None if it is about the whole DAG."""
        node = None if self.node is None else find_node(dag, self.node)
        return node if isinstance(node, Node) else None


def find_node(dag: Dag, wanted: str) -> Node | str:
    """Find a node by its name or ID, or say why there is not exactly one."""
    found = [node for node in dag.nodes if wanted in (node.name, node.id)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{node.id} ({node.state})" for node in found)
        return f'several nodes are named "{wanted}"; name one by its ID: {ids}'
    return f'it has no node "{wanted}"; its nodes are {", ".join(node.name for node in dag.nodes) or "unknown"}'


def _decide_node(dag: Dag, wanted: str) -> Decision:
    of_dag = decide(dag, PASS)
    if not dag.finished and (dag.operator != "RUN" or len(dag.nodes) != dag.max_stage):
        return of_dag
    node = find_node(dag, wanted)
    if isinstance(node, str):
        return Decision(REFUSE, node)
    if dag.state == "FAILED" and of_dag.action == POST:
        return _decide_failed(dag, node)
    if not dag.finished and node.passed:
        return Decision(WAIT, f'the node "{node.name}" is already passed, and the DAG is running')
    return of_dag


def _decide_failed(dag: Dag, node: Node) -> Decision:
    failed = ", ".join(f'"{other.name}"' for other in dag.nodes if other.state == "FAILED") or "an unknown node"
    if node.passed:
        return Decision(REFUSE, f'the node "{node.name}" is already passed, and then the DAG failed at {failed}')
    if node.state != "FAILED":
        return Decision(REFUSE, f'the node "{node.name}" has not failed; the DAG failed at {failed}')
    return Decision(POST, "it has failed at this node")
