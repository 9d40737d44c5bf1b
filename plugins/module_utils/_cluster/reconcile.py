# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconcile a cluster with its declaration: observe all agents, plan, run the first step, and observe again.

Nothing is remembered between two runs, so the next run continues one that was interrupted anywhere.
"""

from __future__ import annotations

import typing as t

from .._dag.model import INITIALIZE
from .._errors import Ended, ObshellError, Refused, TimedOut, Unauthorized, wrap_unexpected
from .._operation.waiter import SliceEnded, Waiter
from .actions import Secrets
from .model import AWAIT_DAG, DesiredCluster, ObservedCluster, Step
from .observe import observe
from .plan import plan_cluster
from .record import RunRecord
from .report import describe, recovery
from .sessions import AgentPool
from .steps import RunPolicy, StepRunner

# Seconds before a step is run, or waited for, again.
AWAIT_PAUSE = 0.5


class Reconciler:
    """One run, from the first observation to the last."""

    def __init__(
        self, pool: AgentPool, desired: DesiredCluster, waiter: Waiter, *, policy: RunPolicy, secrets: Secrets
    ) -> None:
        """Prepare, or continue where the last time slice ended; nothing is sent."""
        self._pool = pool
        self._desired = desired
        self._waiter = waiter
        self._policy = policy
        checkpoint = waiter.checkpoint
        self._pending = checkpoint["pending"] if checkpoint else None
        self._record = RunRecord.from_checkpoint(checkpoint["record"], desired) if checkpoint else RunRecord(desired)
        # What an earlier time slice has read was verified there.
        pool.verified.update(member.server for member in self._record.observed.members if member.address)
        self._runner = StepRunner(pool, desired, self._record, waiter, policy=policy, secrets=secrets)

    def run(self) -> dict[str, t.Any]:
        """Run all steps that remain.

        :returns: what `obshell_cluster` documents as its return values.
        :raises ObshellError: of any class; its `result` holds the same values as far as they are known.
        :raises SliceEnded: a time slice ended first.
        """
        try:
            with wrap_unexpected():
                return self._result(self._predict() if self._policy.check else self._reconcile())
        except SliceEnded as ended:
            self._complete(ended)
            raise
        except ObshellError as error:
            error.message += self._record.caveat
            error.result = {**self._result(error.message), **error.result, "outcome": "failed"}
            error.result["recovery"] = recovery(error.result["dag"], self._record.observed)
            raise

    def _predict(self) -> str:
        remaining = self._plan()
        if not remaining:
            return describe(self._desired, self._record.observed)
        self._runner.check(remaining[0])
        self._record.steps = [step.text for step in remaining]
        self._record.changed = any(step.changes for step in remaining)
        return f"remaining steps: {', '.join(self._record.steps)}"

    def _reconcile(self) -> str:
        record, waiter = self._record, self._waiter
        if self._pending:
            self._runner.resume(self._pending)
        remaining = self._plan()
        while remaining:
            step = remaining[0]
            if waiter.deadline.passed:
                raise TimedOut(
                    f"Timed out after {waiter.timeout:g} s, before: {step.text}. Run this task again to continue"
                )
            if not self._policy.wait and step.kind == AWAIT_DAG and step.dag and step.dag.name == INITIALIZE:
                return f"{step.text}: this task did not wait; run it again to continue"
            remaining = self._run_and_plan(step)
            if remaining and waiter.time_slice and waiter.time_slice.ended:
                raise SliceEnded
        return describe(self._desired, record.observed)

    def _run_and_plan(self, step: Step) -> list[Step]:
        record = self._record
        record.agents_may_restart = record.agents_may_restart or step.changes or step.dag is not None
        before = record.observed.last_maintenance_dag
        self._runner.run(step)
        remaining = self._plan()
        same_step = bool(remaining) and remaining[0].text == step.text
        if self._runner.refused and same_step and record.observed.last_maintenance_dag == before:
            # No DAG of another client locked the agent meanwhile, so the refusal is final.
            raise self._runner.refused
        if same_step:
            self._waiter.deadline.pause(AWAIT_PAUSE)
        return remaining

    def _plan(self) -> list[Step]:
        record = self._record
        record.observe(self._observe())
        while True:
            try:
                remaining = plan_cluster(self._desired, record.observed, record.progressed)
            except Ended:
                record.resolve_doubt([])
                raise
            except Refused:
                # The agents are read one after the other: only what two observations agree on is true at one time.
                first = record.observed
                record.observe(self._observe())
                if record.observed.agrees_with(first) or self._waiter.deadline.passed:
                    raise
            else:
                record.resolve_doubt(remaining)
                return remaining

    def _observe(self) -> ObservedCluster:
        """Observe all agents; after a change they may need a while to respond again."""
        if not self._record.agents_may_restart:
            try:
                return observe(self._pool)
            except Unauthorized:
                if not self._pool.locked:
                    raise
        result = self._waiter.retry(lambda: observe(self._pool))
        if result.value is None:
            raise result.error or TimedOut("the agents did not respond in time")
        return result.value

    def _complete(self, ended: SliceEnded) -> None:
        """Add the record of the run to what a time slice ended with."""
        steps = list(self._record.steps)
        changing = ended.known.get("changing")
        ended.known = {
            "changed": self._record.changed or changing is not None,
            "steps": [*steps, changing] if changing else steps,
        }
        ended.checkpoint = {"record": self._record.to_checkpoint(), "pending": ended.checkpoint or None}

    def _result(self, message: str) -> dict[str, t.Any]:
        return self._record.result(
            message,
            check=self._policy.check,
            elapsed=self._waiter.deadline.elapsed,
            trace_ids=self._pool.trace_ids,
        )
