# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of one run: what was observed and done, as a result and as a checkpoint for a later time slice. Pure."""

from __future__ import annotations

import typing as t

from .._agent.info import ClusterInfo
from .._dag.failures import failures, only_failed
from .._dag.kinds.definition import Context
from .._dag.model import INITIALIZE, Dag
from .._dag.operators import advice, operators
from .._errors import OutcomeUnknown, Unreachable
from .._ids import Address
from .._operation.waiter import Checkpoint
from .model import DesiredCluster, Member, ObservedCluster, Progressed, Step
from .report import expected_summary, present, summary

MAX_LOST = 2
# How often the agents may accept the same step without an effect.
MAX_ACCEPTED = 3


class RunRecord:
    """What was observed last, and what was done so far.

    `steps` describes what was done (in check mode: what remains); `dag` is the DAG that was waited for last, or that is
    in the way. `agents_may_restart` is True once a step may have kept agents from responding for a while.
    """

    def __init__(self, desired: DesiredCluster) -> None:
        """Begin, before anything was read."""
        self.observed = ObservedCluster(())
        self.progressed = Progressed()
        self.steps: list[str] = []
        self.changed = False
        self.dag: Dag | None = None
        self.agents_may_restart = False
        self._desired = desired
        self._before: dict[str, t.Any] | None = None
        self._in_doubt: Step | None = None
        # Texts of steps, one for each time.
        self._lost: list[str] = []
        self._accepted: list[str] = []

    def observe(self, observed: ObservedCluster) -> None:
        """Record what was read."""
        self.observed = observed
        if self._before is None:
            self._before = self._summary()
        dags = [dag for dag in observed.dags if dag.name == INITIALIZE] or observed.dags
        if dags and not observed.initialized:
            self.dag = dags[0]

    def done(self, step: Step) -> None:
        """Record a step whose request the agent accepted.

        :raises OutcomeUnknown: the agents accepted it as often as is allowed, without an effect.
        """
        self._record_change(step)
        self.progressed.record(step)
        self._accepted.append(step.text)
        if self._accepted.count(step.text) > MAX_ACCEPTED:
            raise OutcomeUnknown(
                f"{step.text}: the agents accepted this {MAX_ACCEPTED + 1} times, but it shows no effect. Check the "
                "logs of the agents, then run this task again"
            )

    def operated(self, step: Step, result: dict[str, t.Any]) -> None:
        """Record the result of an operator."""
        self.steps += [f"roll back first what blocked it: {dag}" for dag in result.get("unblocked", ())]
        if result.get("changed"):
            self.done(step)
        if result.get("dag", {}).get("state") == "SUCCEED":
            self.dag = Dag.from_api(result["dag"])

    def lost(self, step: Step, error: Unreachable) -> None:
        """Record a request whose response was lost; what is observed next decides.

        :raises OutcomeUnknown: that happened as often as is allowed.
        """
        self._lost.append(step.text)
        if self._lost.count(step.text) == MAX_LOST:
            raise OutcomeUnknown(f"{step.text}: {error.message}; run this task again to continue") from error
        self._in_doubt = step if error.sent else None

    def doubt(self, step: Step) -> None:
        """Record a step at which the agent failed, perhaps after it was done; what is observed next decides."""
        self._in_doubt = step

    @property
    def caveat(self) -> str:
        """Which step may or may not have been done; empty if all is known."""
        return f"; it is unknown whether this was done: {self._in_doubt.text}" if self._in_doubt else ""

    def resolve_doubt(self, remaining: list[Step]) -> None:
        """Count a step that is in doubt as done if it is no longer the next one."""
        step, self._in_doubt = self._in_doubt, None
        if step and not (remaining and remaining[0].text == step.text):
            self._record_change(step)

    def result(self, message: str, *, check: bool, elapsed: float, trace_ids: list[str]) -> dict[str, t.Any]:
        """Return the run as `obshell_cluster` documents it."""
        dag = self.dag
        after = expected_summary(self.observed, self._desired) if check and self.changed else self._summary()
        initialized = self.observed.initialized and not (check and self.steps)
        return {
            "changed": self.changed,
            "outcome": "initialized" if initialized else "unfinished",
            "recovery": None,
            "steps": list(self.steps),
            **present(self.observed),
            "dag": only_failed(dag) if dag else None,
            "failures": failures(dag) if dag else [],
            **advice(operators(dag, Context()) if dag else {}),
            "elapsed": round(elapsed, 3),
            "trace_ids": list(trace_ids),
            "diff": {"before": self._before or {}, "after": after},
            "msg": message,
        }

    def to_checkpoint(self) -> Checkpoint:
        """Everything that a later time slice needs to continue; JSON-serialisable, without passwords."""
        return {
            "members": [_member_to_checkpoint(member) for member in self.observed.members],
            "cluster": self.observed.cluster and [self.observed.cluster.name, self.observed.cluster.cluster_id],
            "progressed": {**vars(self.progressed), "configured": sorted(self.progressed.configured)},
            "dag": only_failed(self.dag) if self.dag else None,
            "before": self._before,
            "lost": self._lost,
            "accepted": self._accepted,
            **{name: getattr(self, name) for name in ("steps", "changed", "agents_may_restart")},
        }

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint, desired: DesiredCluster) -> RunRecord:
        """Continue where an earlier time slice ended; members are in the order of the servers."""
        record = cls(desired)
        pairs = zip(desired.servers, checkpoint["members"])
        members = [
            Member(server, **{**raw, "address": raw["address"] and Address(*raw["address"])}) for server, raw in pairs
        ]
        cluster = ClusterInfo((), *checkpoint["cluster"]) if checkpoint["cluster"] else None
        record.observed = ObservedCluster(tuple(members), cluster)
        progressed = checkpoint["progressed"]
        record.progressed = Progressed(**{**progressed, "configured": set(progressed["configured"])})
        record.dag = Dag.from_api(checkpoint["dag"]) if checkpoint["dag"] else None
        record._before = checkpoint["before"]
        record._lost, record._accepted = checkpoint["lost"], checkpoint["accepted"]
        for name in ("steps", "changed", "agents_may_restart"):
            setattr(record, name, checkpoint[name])
        return record

    def _record_change(self, step: Step) -> None:
        self.changed = True
        if step.text not in self.steps:
            self.steps.append(step.text)

    def _summary(self) -> dict[str, t.Any]:
        return summary(self.observed, self._desired, self.progressed)


def _member_to_checkpoint(member: Member) -> Checkpoint:
    """Leave out what only a plan reads, which observes again: a checkpoint is printed at -vvvv, and is not masked."""
    return {name: value for name, value in vars(member).items() if name not in ("server", "resolved", "ob_version")}
