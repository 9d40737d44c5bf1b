# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator means for a DAG as it is: the one place where that is decided.

Pure. The agent accepts more than is good for a cluster; where it does, this table is stricter. An operator that was
sent: what a later look at the DAG tells of it, whatever became of the answer. Pure.
"""

from __future__ import annotations

import typing as t

from .failures import WORKDIR_NODE, data_at_risk
from .model import OPERATORS, Attempt, Dag

POST, WAIT, DONE, REFUSE = "post", "wait", "done", "refuse"
FULFILLED = {
    "ROLLBACK": ("SUCCEED", "ROLLBACK"),
    "RETRY": ("SUCCEED", "RUN"),
    "PASS": ("SUCCEED", "PASS"),
    "CANCEL": ("FAILED", "CANCEL"),
}


class Decision(t.NamedTuple):
    """What to do about a wish, and why.

    `action` is POST (possible), WAIT (under way), DONE (already true, or ended) or REFUSE. `settles` tells of a refusal
    that the DAG's own end may turn into something else; `data_at_risk` lists the agents of one that
    `accept_data_removal` would.
    """

    action: str
    reason: str
    settles: bool = False
    data_at_risk: tuple[str, ...] = ()


def plan(dag: Dag, operator: str, *, accept_data_removal: bool = False) -> Decision:
    """Decide what an operator means for a DAG.

    :param dag: read with details; without them a half rolled back DAG cannot be told.
    :param operator: ROLLBACK, RETRY, PASS or CANCEL.
    :param accept_data_removal: whether directories may be deleted that hold what the observer did not write.
    """
    if dag.state == "FAILED":
        decision = _plan_failed(dag, operator)
    elif dag.state == "SUCCEED":
        decision = _plan_succeeded(dag, operator)
    else:
        decision = _plan_unfinished(dag, operator)
    at_risk = data_at_risk(dag)
    if decision.action == POST and operator in ("RETRY", "ROLLBACK") and at_risk and not accept_data_removal:
        return Decision(
            REFUSE,
            f'{operator} goes through the failed node "{WORKDIR_NODE}", where the agent deletes the data and redo '
            "directories of the observer, whatever is in them and what its links point to, its logs and its "
            f"configuration, on {', '.join(at_risk)}; save what is in the directories, then set accept_data_removal",
            data_at_risk=tuple(at_risk),
        )
    return decision


def allowed_operators(dag: Dag) -> list[str]:
    """List the operators that could be posted now (the agent may still refuse: not every node can be passed)."""
    return [operator for operator in OPERATORS if plan(dag, operator, accept_data_removal=True).action == POST]


def _plan_failed(dag: Dag, operator: str) -> Decision:
    if operator == "CANCEL":
        return Decision(DONE, "it has ended, there is nothing to cancel")
    if operator == "ROLLBACK" or not dag.half_rolled_back:
        return Decision(POST, "it has failed")
    return Decision(REFUSE, "it is half rolled back, and the agent would skip the stages already undone")


def _plan_unfinished(dag: Dag, operator: str) -> Decision:
    if dag.operator == "ROLLBACK":
        if operator == "ROLLBACK":
            return Decision(WAIT, "its rollback is under way")
        if operator == "CANCEL":
            return Decision(
                REFUSE, "it is being rolled back, and the agent would go on forward from a cancelled rollback"
            )
        return Decision(REFUSE, "it is being rolled back")
    if dag.operator == "CANCEL":
        if operator == "CANCEL":
            return Decision(WAIT, "its cancellation is under way")
        return Decision(REFUSE, "it is being cancelled", settles=True)
    if dag.operator != "RUN":
        return Decision(
            REFUSE, f"what its operator {dag.operator} means while it is unfinished is not known", settles=True
        )
    if operator == "RETRY":
        return Decision(WAIT, "it is running")
    if operator == "CANCEL":
        return Decision(POST, "it is running")
    return Decision(REFUSE, "it is running, and only a failed DAG takes this operator", settles=True)


def _plan_succeeded(dag: Dag, operator: str) -> Decision:
    if operator == "CANCEL":
        return Decision(DONE, "it has ended, there is nothing to cancel")
    if FULFILLED[operator] == (dag.state, dag.operator):
        return Decision(DONE, "it is already so")
    if dag.operator == "RUN":
        return (
            Decision(DONE, "it has succeeded, there is nothing to pass")
            if operator == "PASS"
            else _refuse("it succeeded")
        )
    if dag.operator == "ROLLBACK":
        return _refuse("it was rolled back; start it anew")
    if dag.operator == "PASS":
        return (
            Decision(DONE, "it was passed, nothing is left to run") if operator == "RETRY" else _refuse("it was passed")
        )
    return _refuse(
        "its rollback was cancelled by somebody else and then ran forward: the agents are neither set up nor clean"
    )


def _refuse(reason: str) -> Decision:
    return Decision(REFUSE, reason)


def fulfilled(dag: Dag, operator: str) -> bool:
    """Whether a DAG has come to the operator's own end: of a wish that was applied nothing else counts."""
    return (dag.state, dag.operator) == FULFILLED[operator]


class Posted(t.NamedTuple):
    """An operator, and the DAG as it was before it was sent: its attempt, and what operators its nodes showed."""

    operator: str
    attempt: Attempt
    node_operators: tuple[str, ...]

    @classmethod
    def to(cls, dag: Dag, operator: str) -> Posted:
        """Take note of a DAG, read with details, to which an operator is about to be sent."""
        return cls(operator, dag.attempt, _node_operators(dag))

    def stands(self, dag: Dag) -> bool:
        """Whether the DAG is still as it was."""
        return dag.attempt == self.attempt

    def took_effect(self, dag: Dag) -> bool:
        """Whether the DAG moved, and shows this operator."""
        return not self.stands(dag) and dag.operator == FULFILLED[self.operator][1]

    def overtaken(self, dag: Dag) -> bool:
        """Whether another operator came in between, behind which this one cannot be seen any more.

        A running DAG moves by itself: then its start time stays, or was none yet and no node has seen an operator.
        Nothing comes after PASS.
        """
        if self.operator == "PASS":
            return False
        if self.operator != "CANCEL":
            return not self.stands(dag)
        not_started = self.attempt.state == "READY" and _node_operators(dag) == self.node_operators
        return dag.operator != self.attempt.operator or (dag.start_time != self.attempt.start_time and not not_started)


def _node_operators(dag: Dag) -> tuple[str, ...]:
    return tuple(node["operator"] for node in dag.nodes)
