# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wished of a DAG. What is known of one operation, and how its task accounts for it."""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.decision import FULFILLED, Posted, allowed_operators
from .._dag.failures import failures, only_failed
from .._dag.model import Attempt, Dag
from .._errors import OutcomeUnknown, Refused
from .waiter import Part, PartIsOver


@dataclasses.dataclass(frozen=True)
class Request:
    """A wish: which DAG, by `id` or `name`, shall come to which operator's end, and how long to wait for it.

    `wait_timeout` and `wait_interval` are seconds. With `check` nothing is posted and nothing is waited for. `part` is
    there where it is done in parts, and `state` what the last part handed over, if it is not the first.
    """

    operator: str
    id: str | None = None
    name: str | None = None
    settle: bool = False
    accept_data_removal: bool = False
    members: list[str] | None = None
    allow_foreign_agent: bool = False
    wait: bool = True
    wait_timeout: float = 1800
    wait_interval: float = 10
    check: bool = False
    part: Part | None = None
    state: dict[str, t.Any] | None = None

    @classmethod
    def from_params(cls, params: dict[str, t.Any]) -> Request:
        """Read a wish from the options of `obshell_dag`, with `check_mode` and `part` beside them."""
        names = [field.name for field in dataclasses.fields(cls) if field.name not in ("check", "state")]
        part = params["part"]
        return cls(
            **{name: params[name] for name in names},
            check=params["check_mode"],
            state=part.state if part else None,
        )


UNKNOWN = "unknown"


class Account:
    """What is known so far: the DAG as last read, and what was done to it.

    `posted` is the operator sent last, `applied` True, False or UNKNOWN. `changed` tells of the DAG itself,
    `changed_others` of what other agents had left of it; `unblocked` names what was rolled back of that. `decided` says
    that only the end is to be waited for.
    """

    def __init__(self, client: ObshellClient, request: Request, dag: Dag) -> None:
        """Begin with the DAG as it was found, or where the last part of a request left off."""
        self.client = client
        self.request = request
        self.dag = dag
        self.before = _visible(dag)
        self.posted: Posted | None = None
        self.applied: bool | str = False
        self.changed = False
        self.changed_others = False
        self.unblocked: list[str] = []
        self.decided = False
        if request.state:
            self._resume(**request.state)

    def read(self) -> Dag:
        """Read the DAG again, with details.

        :raises ObshellError: of :meth:`ObshellClient.get_dag`.
        """
        self.dag = Dag.from_api(self.client.get_dag(self.dag.id))
        return self.dag

    def doubt(self) -> None:
        """Take back that it was applied where the DAG stands as before: the acceptance was not the agent's."""
        if self.applied is True and self.posted and self.posted.stands(self.dag):
            self.applied, self.changed = UNKNOWN, False

    def doubts(self) -> str:
        """Say what nobody can know of an end, if anything."""
        if self.applied != UNKNOWN:
            return ""
        return f"; the answer to {self.request.operator} was lost, so that it may have been somebody else's"

    def refused(self, reason: str, *, declined: t.Sequence[str] = (), **result: t.Any) -> Refused:
        """Make the error that the DAG does not take the operator; those that the agent `declined` are no advice."""
        takes = [operator for operator in allowed_operators(self.dag) if operator not in declined]
        message = f"{self.request.operator} is refused: {self.dag}: {reason}. {_takes(takes)}"
        return Refused(message, allowed_operators=takes, **result)

    def unknown(self, what: str) -> OutcomeUnknown:
        """Make the error that nobody can know whether the operator was applied."""
        return OutcomeUnknown(
            f"whether {self.request.operator} was applied is unknown: {what}. When last seen {self.dag}. Look with "
            f"obshell_dag_info id={self.dag.id} on {self.client.where}; running this task again decides anew",
            applied=UNKNOWN,
        )

    def allowed(self) -> str:
        """Say which operators the DAG takes."""
        return _takes(allowed_operators(self.dag))

    def result(self, message: str, *, elapsed: float) -> dict[str, t.Any]:
        """Tell all of it, as `obshell_dag` returns it."""
        return {
            "changed": self.changed or self.changed_others,
            "applied": self.applied,
            "operator": self.request.operator,
            "dag": only_failed(self.dag),
            "failures": failures(self.dag),
            "allowed_operators": allowed_operators(self.dag),
            "elapsed": round(elapsed, 3),
            "trace_ids": list(self.client.trace_ids),
            "unblocked": list(self.unblocked),
            "diff": {"before": self.before, "after": self._visible_after()},
            "msg": message,
        }

    def over(self, part: Part) -> PartIsOver:
        """Make what ends a part: with all that the next part of the request needs."""
        names = ("decided", "applied", "changed", "changed_others", "before", "unblocked", "posted")
        known = {name: getattr(self, name) for name in names}
        return PartIsOver(part, {**known, "dag": only_failed(self.dag)}, changed=self.changed or self.changed_others)

    def _resume(self, *, dag: dict[str, t.Any], posted: list[t.Any] | None, **known: t.Any) -> None:
        if posted:
            operator, attempt, node_operators = posted
            self.posted = Posted(operator, Attempt(*attempt), tuple(node_operators))
        for name, value in known.items():
            setattr(self, name, value)

    def _visible_after(self) -> dict[str, t.Any]:
        after = _visible(self.dag)
        if self.request.check and self.changed:
            after["state"], after["operator"] = FULFILLED[self.request.operator]
        return after


def _takes(operators: list[str]) -> str:
    return f"What the DAG takes now: {', '.join(operators) or 'no operator'}."


def _visible(dag: Dag) -> dict[str, t.Any]:
    return {"id": dag.id, "name": dag.name, "state": dag.state, "operator": dag.operator, "stage": dag.stage}
