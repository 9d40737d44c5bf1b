# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is requested of a DAG, and the state of the operation that carries it out."""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.decision import SentOperator
from .._dag.failures import failures, only_failed
from .._dag.kinds.definition import REFUSED, Context
from .._dag.model import Attempt, Dag
from .._dag.operators import Verdict, advice, allowed, operators
from .._dag.requested import Requested
from .._errors import ObshellError, OutcomeUnknown, Refused, Unreachable
from .context import ContextReader
from .foreign import NO_FOREIGN_AGENTS, ForeignAgents
from .waiter import Checkpoint, Waiter

UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True)
class OperationRequest:
    """Which operator to apply to which DAG, named by `id` or `name`.

    `node`, a name or an ID, restricts PASS to that node. `settle` waits for the end of a running DAG and decides again.
    `accept` names the consequences that may be brought about. With `check` nothing is sent and nothing waited for.
    """

    operator: str
    id: str | None = None
    name: str | None = None
    node: str | None = None
    settle: bool = False
    accept: frozenset[str] = frozenset()
    foreign_agents: ForeignAgents = NO_FOREIGN_AGENTS
    wait: bool = True
    check: bool = False

    @property
    def requested(self) -> Requested:
        """The operator, and the node if it is about one only."""
        return Requested(self.operator, self.node)


class Operation:
    """The state of one operation: the DAG as read last, and what was done to it.

    `sent` is the operator sent last, `applied` True, False or UNKNOWN. `may_be_ours` is True if an operator whose
    response was lost may have been applied, and `lost` is the error of the last lost response. `changed` is about the
    DAG itself, `changed_others` about DAGs that blocked it, which `unblocked` lists. `unneeded` are the accepted
    consequences that the operator does not have. `awaiting_end` is True once only the end remains to be waited for.
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
        self.unneeded: list[str] = []
        self.awaiting_end = False
        self._context = Context()
        self._context_of: Dag | None = None

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
            operator, attempt, node_operators, node_id = sent
            operation.sent = SentOperator(operator, Attempt(*attempt), tuple(node_operators), node_id)
        for name, value in known.items():
            setattr(operation, name, value)
        return operation

    def checkpoint(self) -> Checkpoint:
        """Everything that a later time slice needs to continue; JSON-serialisable."""
        names = ("applied", "may_be_ours", "changed", "changed_others", "before", "unblocked", "unneeded", "sent")
        known = {name: getattr(self, name) for name in names}
        return {**known, "awaiting_end": self.awaiting_end, "dag": only_failed(self.dag)}

    def read(self) -> Dag:
        """Read the DAG again, with details.

        :raises ObshellError: see :meth:`ObshellClient.get_dag`.
        """
        self.dag = self.client.get_dag(self.dag.id)
        return self.dag

    def look_around(self) -> None:
        """Read what else the effects of operators depend on, once for each read of the DAG."""
        if self._context_of is not self.dag:
            self._context_of, self._context = self.dag, ContextReader(self.client).context_of(self.dag)

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """What each operator would do to the DAG; what was not read for it counts as a risk."""
        return operators(self.dag, self._context if self._context_of is self.dag else Context())

    def result(self, message: str) -> dict[str, t.Any]:
        """Return the operation as `obshell_dag` documents it; `diff` is there also if nobody asked for it."""
        return {
            "changed": self.changed or self.changed_others,
            "applied": self.applied,
            "operator": self.request.operator,
            "dag": only_failed(self.dag),
            "failures": failures(self.dag),
            **advice(self.verdicts),
            "elapsed": round(self.waiter.deadline.elapsed, 3),
            "trace_ids": list(self.client.trace_ids),
            "unblocked": list(self.unblocked),
            "diff": {"before": self.before, "after": self._expected_summary()},
            "msg": message,
        }

    def require_consent(self) -> None:
        """Refuse an operator that its kind of DAG does not allow, or that has a consequence that is not accepted.

        :raises Refused: it is refused, or needs consent.
        """
        self.look_around()
        verdict, accepted = self.request.requested.judge(self.dag, self._context), self.request.accept
        if verdict.verdict == REFUSED:
            raise self.refused(verdict.reason)
        self.unneeded = sorted(accepted.difference(verdict.accept))
        missing = verdict.missing(accepted)
        if missing:
            consent = f"Set accept to [{', '.join(verdict.accept)}] to allow this"
            raise self.refused(f"{verdict.reason}. {consent}", missing_accept=list(missing))

    def refused(self, reason: str, *, declined: t.Sequence[str] = (), **result: t.Any) -> Refused:
        """Make the error that the DAG does not allow the operator. What is `declined` is not advised."""
        self.look_around()
        verdicts = {**self.verdicts, **{operator: Verdict(REFUSED, (), reason) for operator in declined}}
        message = f"{self.request.requested} is refused: {self.dag}: {reason}. {_allowed_now(allowed(verdicts))}"
        return Refused(message, **advice(verdicts), **result)

    def unknown(self, reason: str) -> OutcomeUnknown:
        """Make the error that it cannot be known whether the operator was applied."""
        return OutcomeUnknown(
            f"Cannot tell whether {self.request.requested} was applied: {reason}. The last known state: {self.dag}. "
            f"Run this task again to find out, or obshell_dag_info with id={self.dag.id} on {self.client.where}",
            applied=UNKNOWN,
        )

    def allowed_now(self) -> str:
        """Say which operators the DAG allows."""
        self.look_around()
        return _allowed_now(allowed(self.verdicts))

    def doubt_acceptance(self) -> None:
        """Take back that the operator was applied if the DAG never moved: the acceptance was not the agent's."""
        if self.applied is True and self.sent and self.sent.unchanged(self.dag):
            self.applied, self.changed = UNKNOWN, False

    @property
    def unneeded_consent(self) -> str:
        """Which accepted consequences the operator does not have, if any."""
        return f"; accept was not needed for {', '.join(self.unneeded)}" if self.unneeded else ""

    @property
    def caveat(self) -> str:
        """What cannot be known about an end, if anything."""
        if self.applied != UNKNOWN:
            return ""
        return f"; the response to {self.request.requested} was lost, so another client may have applied it"

    def _expected_summary(self) -> dict[str, t.Any]:
        after = _summary(self.dag)
        if self.request.check and self.changed:
            after["state"], after["operator"] = self.request.requested.end_state
        return after


def _allowed_now(names: list[str]) -> str:
    return f"Operators allowed now: {', '.join(names) or 'none'}"


def _summary(dag: Dag) -> dict[str, t.Any]:
    return {"id": dag.id, "name": dag.name, "state": dag.state, "operator": dag.operator, "stage": dag.stage}
