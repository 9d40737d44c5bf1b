# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is requested of a DAG, and the state of the operation that carries it out."""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.decision import END_STATES, SentOperator, allowed_operators
from .._dag.failures import failures, only_failed
from .._dag.model import Attempt, Dag
from .._errors import ObshellError, OutcomeUnknown, Refused, Unreachable
from .foreign import NO_FOREIGN_AGENTS, ForeignAgents
from .waiter import Checkpoint, Waiter

UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True)
class OperationRequest:
    """Which operator to apply to which DAG, named by `id` or `name`.

    `settle` waits for the end of a running DAG and decides again. With `check` nothing is sent and nothing waited for.
    """

    operator: str
    id: str | None = None
    name: str | None = None
    settle: bool = False
    accept_data_removal: bool = False
    foreign_agents: ForeignAgents = NO_FOREIGN_AGENTS
    wait: bool = True
    check: bool = False


class Operation:
    """The state of one operation: the DAG as read last, and what was done to it.

    `sent` is the operator sent last, `applied` True, False or UNKNOWN. `may_be_ours` is True if an operator whose
    response was lost may have been applied, and `lost` is the error of the last lost response. `changed` is about the
    DAG itself, `changed_others` about DAGs that blocked it, which `unblocked` lists. `awaiting_end` is True once only
    the end remains to be waited for.
    """

    def __init__(self, client: ObshellClient, request: OperationRequest, waiter: Waiter, dag: Dag) -> None:
        """Begin with the DAG as it was found."""
        self.client = client
        self.request = request
        self.waiter = waiter
        self.dag = dag
        self.before = _summary(dag)
        self.sent: SentOperator | None = None
        self.applied: bool | str = False
        self.may_be_ours = False
        self.lost: ObshellError = Unreachable("nothing was sent", sent=False)
        self.changed = False
        self.changed_others = False
        self.unblocked: list[str] = []
        self.awaiting_end = False

    @classmethod
    def resume(
        cls, client: ObshellClient, request: OperationRequest, waiter: Waiter, checkpoint: Checkpoint
    ) -> Operation:
        """Continue where :meth:`checkpoint` left off."""
        known = dict(checkpoint)
        operation = cls(client, request, waiter, Dag.from_api(known.pop("dag")))
        client.remember_dag(operation.dag.id)
        sent = known.pop("sent")
        if sent:
            operator, attempt, node_operators = sent
            operation.sent = SentOperator(operator, Attempt(*attempt), tuple(node_operators))
        for name, value in known.items():
            setattr(operation, name, value)
        return operation

    def checkpoint(self) -> Checkpoint:
        """Everything that a later time slice needs to continue; JSON-serialisable."""
        names = ("applied", "may_be_ours", "changed", "changed_others", "before", "unblocked", "awaiting_end", "sent")
        return {**{name: getattr(self, name) for name in names}, "dag": only_failed(self.dag)}

    def read(self) -> Dag:
        """Read the DAG again, with details.

        :raises ObshellError: see :meth:`ObshellClient.get_dag`.
        """
        self.dag = self.client.get_dag(self.dag.id)
        return self.dag

    def result(self, message: str) -> dict[str, t.Any]:
        """Return the operation as `obshell_dag` documents it; `diff` is there also if nobody asked for it."""
        return {
            "changed": self.changed or self.changed_others,
            "applied": self.applied,
            "operator": self.request.operator,
            "dag": only_failed(self.dag),
            "failures": failures(self.dag),
            "allowed_operators": allowed_operators(self.dag),
            "elapsed": round(self.waiter.deadline.elapsed, 3),
            "trace_ids": list(self.client.trace_ids),
            "unblocked": list(self.unblocked),
            "diff": {"before": self.before, "after": self._expected_summary()},
            "msg": message,
        }

    def refused(self, reason: str, *, declined: t.Sequence[str] = (), **result: t.Any) -> Refused:
        """Make the error that the DAG does not allow the operator. What the agent `declined` is not advised."""
        allowed = [operator for operator in allowed_operators(self.dag) if operator not in declined]
        message = f"{self.request.operator} is refused: {self.dag}: {reason}. {_allowed_now(allowed)}"
        return Refused(message, allowed_operators=allowed, **result)

    def unknown(self, reason: str) -> OutcomeUnknown:
        """Make the error that it cannot be known whether the operator was applied."""
        return OutcomeUnknown(
            f"Cannot tell whether {self.request.operator} was applied: {reason}. The last known state: {self.dag}. Run "
            f"this task again to find out, or obshell_dag_info with id={self.dag.id} on {self.client.where}",
            applied=UNKNOWN,
        )

    def allowed_now(self) -> str:
        """Say which operators the DAG allows."""
        return _allowed_now(allowed_operators(self.dag))

    def doubt_acceptance(self) -> None:
        """Take back that the operator was applied if the DAG never moved: the acceptance was not the agent's."""
        if self.applied is True and self.sent and self.sent.unchanged(self.dag):
            self.applied, self.changed = UNKNOWN, False

    @property
    def caveat(self) -> str:
        """What cannot be known about an end, if anything."""
        if self.applied != UNKNOWN:
            return ""
        return f"; the response to {self.request.operator} was lost, so another client may have applied it"

    def _expected_summary(self) -> dict[str, t.Any]:
        after = _summary(self.dag)
        if self.request.check and self.changed:
            after["state"], after["operator"] = END_STATES[self.request.operator]
        return after


def _allowed_now(operators: list[str]) -> str:
    return f"Operators allowed now: {', '.join(operators) or 'none'}"


def _summary(dag: Dag) -> dict[str, t.Any]:
    return {"id": dag.id, "name": dag.name, "state": dag.state, "operator": dag.operator, "stage": dag.stage}
