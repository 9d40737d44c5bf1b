# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator means for a DAG as it is: the one place where that is decided. Pure.

The agent accepts some operators that harm a cluster; this table refuses them.
"""

from __future__ import annotations

import typing as t

from .model import OPERATORS, Attempt, Dag, Node

KNOWN_OPERATORS = ("RUN", *OPERATORS)
POST, WAIT, DONE, REFUSE = "post", "wait", "done", "refuse"
# (state, operator) of the end that each operator requests.
END_STATES = {
    "ROLLBACK": ("SUCCEED", "ROLLBACK"),
    "RETRY": ("SUCCEED", "RUN"),
    "PASS": ("SUCCEED", "PASS"),
    "CANCEL": ("FAILED", "CANCEL"),
}


class Decision(t.NamedTuple):
    """What to do about a requested operator, and why.

    `action` is POST (send it), WAIT (it is under way), DONE (nothing to do) or REFUSE. `may_change` is True for a
    refusal that no longer holds once the DAG has ended.
    """

    action: str
    reason: str
    may_change: bool = False


def decide(dag: Dag, operator: str) -> Decision:
    """Decide what an operator means for the state of a DAG; what it destroys is judged elsewhere, by its kind.

    :param dag: read with details; without them a half rolled back DAG cannot be recognised.
    :param operator: ROLLBACK, RETRY, PASS or CANCEL.
    """
    by_state = {"FAILED": _decide_failed, "SUCCEED": _decide_succeeded}
    return by_state.get(dag.state, _decide_unfinished)(dag, operator)


def reached_end_state(dag: Dag, operator: str) -> bool:
    """Whether a DAG has come to the end that the operator requests; no other end counts."""
    return (dag.state, dag.operator) == END_STATES[operator]


def _decide_failed(dag: Dag, operator: str) -> Decision:
    if operator == "CANCEL":
        return Decision(DONE, "it has ended, nothing can be cancelled")
    if dag.operator not in KNOWN_OPERATORS:
        return Decision(REFUSE, f"it failed with the unknown operator {dag.operator}")
    if operator == "ROLLBACK" or not dag.half_rolled_back:
        return Decision(POST, "it has failed")
    return Decision(REFUSE, "it is half rolled back, and the agent would skip the stages that are already undone")


def _decide_unfinished(dag: Dag, operator: str) -> Decision:
    if dag.operator == "ROLLBACK":
        if operator == "ROLLBACK":
            return Decision(WAIT, "its rollback is under way")
        if operator == "CANCEL":
            return Decision(REFUSE, "its rollback is under way, and the agent runs a cancelled rollback forward")
        return Decision(REFUSE, "its rollback is under way")
    if dag.operator == "CANCEL":
        if operator == "CANCEL":
            return Decision(WAIT, "its cancellation is under way")
        return Decision(REFUSE, "its cancellation is under way", may_change=True)
    if dag.operator != "RUN":
        return Decision(REFUSE, f"it is unfinished with the unknown operator {dag.operator}", may_change=True)
    if operator == "RETRY":
        return Decision(WAIT, "it is running")
    if operator == "CANCEL":
        return Decision(POST, "it is running")
    return Decision(REFUSE, f"it is running, and {operator} needs a failed DAG", may_change=True)


def _decide_succeeded(dag: Dag, operator: str) -> Decision:
    if operator == "CANCEL":
        return Decision(DONE, "it has ended, nothing can be cancelled")
    if reached_end_state(dag, operator):
        return Decision(DONE, "it is already in the requested end state")
    if (dag.operator, operator) in (("RUN", "PASS"), ("PASS", "RETRY")):
        return Decision(DONE, "it has succeeded, nothing is left to do")
    if dag.operator not in KNOWN_OPERATORS:
        return Decision(REFUSE, f"it succeeded with the unknown operator {dag.operator}")
    reasons = {
        "RUN": "it succeeded",
        "ROLLBACK": "it was rolled back; start a new one",
        "PASS": "it was passed",  # nosec B105
    }
    cancelled = "another client cancelled its rollback, and it ran forward: the agents are neither set up nor clean"
    return Decision(REFUSE, reasons.get(dag.operator, cancelled))


class SentOperator(t.NamedTuple):
    """An operator that was sent, and the DAG before that: a later read shows what became of it.

    `node_id` is the ID of the node if PASS was sent to one only.
    """

    operator: str
    attempt: Attempt
    node_operators: tuple[str, ...]
    node_id: str = ""

    @classmethod
    def to(cls, dag: Dag, operator: str, node: Node | None = None) -> SentOperator:
        """Record the DAG, read with details, to which, or to one node of which, an operator is about to be sent."""
        return cls(operator, dag.attempt, _node_operators(dag), node.id if node else "")

    def unchanged(self, dag: Dag) -> bool:
        """Whether the DAG is still at the attempt before the operator."""
        return dag.attempt == self.attempt

    def took_effect(self, dag: Dag) -> bool:
        """Whether the DAG moved and shows this operator, or the node does."""
        if self.node_id:
            return not self.unchanged(dag) and any(node.passed for node in dag.nodes if node.id == self.node_id)
        return not self.unchanged(dag) and dag.operator == END_STATES[self.operator][1]

    def superseded(self, dag: Dag) -> bool:
        """Whether another operator came in between, so that the effect of this one is no longer visible.

        A running DAG moves by itself; then its start time stays, or it had not started and no node shows an operator.
        Nothing can follow PASS of a DAG.
        """
        if self.operator == "PASS" and not self.node_id:
            return False
        if self.operator != "CANCEL":
            return not self.unchanged(dag)
        not_started = self.attempt.state == "READY" and _node_operators(dag) == self.node_operators
        return dag.operator != self.attempt.operator or (dag.start_time != self.attempt.start_time and not not_started)


def _node_operators(dag: Dag) -> tuple[str, ...]:
    return tuple(node.operator for node in dag.nodes)
