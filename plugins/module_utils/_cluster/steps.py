# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one step: send its request and wait for its DAG, operate a DAG, or wait for DAGs of others."""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._agent.info import SINGLE
from .._dag.failures import explain, only_failed
from .._dag.model import Dag
from .._errors import AgentError, Ended, ObshellError, Unauthorized, Unreachable
from .._operation.conflicts import find_owner
from .._operation.foreign import ForeignAgents
from .._operation.operate import operate
from .._operation.record import OperationRequest
from .._operation.waiter import Checkpoint, SliceEnded, Waiter
from .._polling import PollResult
from .actions import Secrets, send
from .model import AWAIT_AGENTS, INIT, RETRY, ROLLBACK, DesiredCluster, Step
from .record import RunRecord
from .sessions import AgentPool


class RunPolicy(t.NamedTuple):
    """Which consequences of operators are accepted, whether to wait for the initialisation, whether only to predict."""

    accept: frozenset[str] = frozenset()
    wait: bool = True
    check: bool = False


class StepRunner:
    """Runs the steps of one run. `refused` is the error of the last one if its agent refused it."""

    def __init__(
        self,
        pool: AgentPool,
        desired: DesiredCluster,
        record: RunRecord,
        waiter: Waiter,
        *,
        policy: RunPolicy,
        secrets: Secrets,
    ) -> None:
        """Prepare; nothing is sent."""
        self.refused: AgentError | None = None
        self._pool = pool
        self._desired = desired
        self._record = record
        self._waiter = waiter
        self._policy = policy
        self._secrets = secrets

    def run(self, step: Step) -> None:
        """Run a step. For agents nothing can be done but to observe them again.

        :raises ObshellError: it cannot be done, or has failed.
        :raises SliceEnded: a time slice ended in the middle of it.
        """
        self.refused = None
        if step.dag or step.kind == INIT:
            self._record.progressed.waited_for_dag = True
        if step.kind == AWAIT_AGENTS:
            return
        if step.kind in (RETRY, ROLLBACK) and step.dag:
            self._operate(step, step.dag)
        elif step.dag:
            self._wait_for(step, step.dag)
        else:
            self._change(step)

    def resume(self, pending: Checkpoint) -> None:
        """Run the rest of a step in whose middle the last time slice ended.

        :raises ObshellError, SliceEnded: see :meth:`run`.
        """
        # Its request was sent, so its member is no longer needed.
        step = Step(pending["kind"], pending["text"], dag=Dag.from_api(pending["dag"]))
        self._pool.remember_dag(pending["dag"]["id"])
        if pending["operation"] and step.dag:
            self._operate(step, step.dag, checkpoint=pending["operation"])
        elif step.dag:
            self._wait_for(step, step.dag)

    def check(self, step: Step) -> None:
        """Check whether a step that operates a DAG would be refused.

        :raises Refused: it would be.
        """
        if step.kind in (RETRY, ROLLBACK) and step.dag:
            self._operate(step, step.dag)

    def _operate(self, step: Step, dag: Dag, *, checkpoint: Checkpoint | None = None) -> None:
        client = self._pool.any_of(self._record.observed)
        addresses = (member.address for member in self._record.observed.members)
        request = OperationRequest(
            operator="RETRY" if step.kind == RETRY else "ROLLBACK",
            id=dag.id,
            accept=self._policy.accept,
            foreign_agents=ForeignAgents(frozenset(address for address in addresses if address)),
            wait=self._policy.wait,
            check=self._policy.check,
        )
        try:
            self._record.operated(step, operate(client, request, self._waiter, checkpoint))
        except SliceEnded as ended:
            ended.checkpoint = _pending(step, dag, ended.checkpoint)
            ended.known = {"changing": step.text} if ended.known["changed"] else {}
            raise
        except ObshellError as error:
            self._record.operated(step, error.result)
            for name in ("changed", "unblocked", "diff", "elapsed", "msg"):
                error.result.pop(name, None)
            raise

    def _change(self, step: Step) -> None:
        if step.kind == INIT:
            self._record.progressed.init = True
        self._waiter.report_step(step.text)
        try:
            dag = send(step, self._record.observed, self._pool, self._desired, secrets=self._secrets)
        except Unreachable as error:
            self._record.lost(step, error)
        except Unauthorized:
            raise
        except AgentError as error:
            self.refused = error
            if not error.is_refusal:
                self._record.doubt(step)
        else:
            self._record.done(step)
            if dag and (self._policy.wait or step.kind != INIT):
                self._wait_for(step, dag)

    def _wait_for(self, step: Step, dag: Dag) -> None:
        result = self._follow(dag)
        last = self._record.dag = result.value or dag
        if not result.done:
            try:
                self._waiter.raise_if_slice_ended()
            except SliceEnded as ended:
                ended.checkpoint = _pending(step, last, None)
                raise
            raise self._waiter.timed_out(last, result.error)
        if step.changes and last.state == "FAILED" and not self._yields(last):
            raise Ended(f"{step.text} failed: {last}: {explain(last)}")

    def _yields(self, dag: Dag) -> bool:
        """Whether a failed initialisation leaves the cluster to another one that another client started beside it."""
        result = self._waiter.retry(lambda: find_owner(self._pool.any_of(self._record.observed), dag))
        if result.error:
            raise result.error
        self._record.dag = result.value or dag
        return result.value is not None

    def _follow(self, dag: Dag) -> PollResult[Dag]:
        """Follow a DAG until it is finished. Its owner is asked first; if that does not respond, the others are."""
        observed = self._record.observed
        owner = next((member for member in observed.members if member.address == dag.owner), None)
        if owner and owner.identity == SINGLE:
            return _follow_join(self._waiter, self._pool.clients[owner.server], dag)
        client = self._pool.any_of(observed, first=owner.server if owner else None)
        return self._waiter.follow(client, dag.id, lambda now: now.finished)


def _follow_join(waiter: Waiter, client: ObshellClient, dag: Dag) -> PollResult[Dag]:
    """Follow the DAG by which a single agent joins, until it is finished or the agent is no longer single.

    A follower of a master with an agent password accepts no password until the master is configured, but it returns its
    identity without one.
    """
    last = dag

    def read() -> Dag:
        nonlocal last
        joined = client.info().identity != SINGLE
        last = dataclasses.replace(last, state="SUCCEED") if joined else client.get_dag(dag.id)
        return last

    return waiter.watch(dag.id, read, lambda now: now.finished)


def _pending(step: Step, dag: Dag, operation: Checkpoint | None) -> Checkpoint:
    return {"kind": step.kind, "text": step.text, "dag": only_failed(dag), "operation": operation}
