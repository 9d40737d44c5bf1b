# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for DAGs to end, one after the other, without operating them."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.decision import reached_end_state
from .._dag.failures import explain, failures, only_failed
from .._dag.model import Dag
from .._dag.operators import Verdict, advice, allowed, operators
from .._dag.recovery import outcome
from .._errors import Ended, NotFound, ObshellError, TimedOut, wrap_unexpected
from .context import ContextReader
from .selection import Selection, WaitRequest, select
from .waiter import Checkpoint, SliceEnded, Waiter

REASONS = {"rolled_back": "it was rolled back", "passed": "it was passed, so its last steps were not run"}


def wait_for_end(
    client: ObshellClient, request: WaitRequest, waiter: Waiter, checkpoint: Checkpoint | None = None
) -> dict[str, t.Any]:
    """Wait until the requested DAGs have ended.

    :param checkpoint: what an earlier time slice ended with.
    :returns: what the module `obshell_dag_wait` documents as its return values.
    :raises ObshellError: of any class; its `result` holds the same values.
    :raises SliceEnded: the time slice ended first.
    """
    wait = Wait(client, request, waiter, checkpoint)
    try:
        with wrap_unexpected():
            return wait.result(wait.run())
    except SliceEnded as ended:
        ended.checkpoint = wait.checkpoint()
        ended.known = {"changed": False}
        raise
    except ObshellError as error:
        error.result = {**wait.result(error.message), **error.result}
        raise


class Wait:
    """The state of one wait.

    `running` and `ended` are the IDs of the DAGs that it has to wait for, and of the others; `running` is None until
    they are selected. `dags` are those that this time slice has read, by their IDs.
    """

    def __init__(
        self, client: ObshellClient, request: WaitRequest, waiter: Waiter, checkpoint: Checkpoint | None
    ) -> None:
        """Begin, or continue where :meth:`checkpoint` left off."""
        known = checkpoint or {}
        self.client = client
        self.request = request
        self.waiter = waiter
        self.running: list[str] | None = known.get("running")
        self.ended: list[str] = known.get("ended", [])
        self.incomplete: str = known.get("incomplete", "")
        self.dags: dict[str, Dag] = {}
        self._resumed = checkpoint is not None
        self._contexts: ContextReader | None = None
        for dag_id in (*(self.running or ()), *self.ended):
            client.remember_dag(dag_id)

    def checkpoint(self) -> Checkpoint:
        """Everything that a later time slice needs to continue; JSON-serialisable."""
        state = {"running": self.running, "ended": self.ended, "incomplete": self.incomplete}
        return {**state, "awaiting_end": True}

    def run(self) -> str:
        """Wait, and return what happened."""
        if self.running is None:
            self._select()
        if not (self.running or self.ended):
            return self._nothing_found()
        if not self.request.check:
            self._wait_for_all()
        return self._judge()

    def result(self, message: str) -> dict[str, t.Any]:
        """Return the wait as `obshell_dag_wait` documents it."""
        dags = self._in_order()
        verdicts = {dag.id: advice(self._verdicts(dag)) for dag in dags}
        return {
            "changed": False,
            "dags": [
                {**only_failed(dag), "outcome": outcome(dag), "failures": failures(dag), **verdicts[dag.id]}
                for dag in dags
            ],
            "failures": [failure for dag in dags for failure in failures(dag)],
            "incomplete": self.incomplete,
            "elapsed": round(self.waiter.deadline.elapsed, 3),
            "trace_ids": list(self.client.trace_ids),
            "msg": message,
            **({"dag": only_failed(dags[0]), **verdicts[dags[0].id]} if self.request.id is not None and dags else {}),
        }

    def _in_order(self) -> list[Dag]:
        """The DAGs that were read, in the order in which they ended."""
        return [self.dags[dag_id] for dag_id in (*self.ended, *(self.running or ())) if dag_id in self.dags]

    def _select(self) -> None:
        """Select the DAGs. An error of the first read is not survived, since the address may be wrong."""
        selection = None if self._resumed else select(self.client, self.request)
        if selection is None or not (selection.is_conclusive or self.request.check):
            selection = self._poll_selection()
        self.incomplete = selection.incomplete
        self.dags = {dag.id: dag for dag in selection.dags}
        self.running = [dag.id for dag in selection.dags if not dag.finished]
        self.ended = [dag.id for dag in selection.dags if dag.finished]

    def _poll_selection(self) -> Selection:
        """Select again until the lists are complete, or show a DAG to wait for."""
        result = self.waiter.until(lambda: select(self.client, self.request), lambda selection: selection.is_conclusive)
        if result.value and result.done:
            return result.value
        self.waiter.raise_if_slice_ended()
        self.incomplete = result.value.incomplete if result.value else ""
        raise self.waiter.timed_out("no DAG was found", result.error or ObshellError(self.incomplete))

    def _nothing_found(self) -> str:
        wanted = f"unfinished DAG{self.request}"
        if self.incomplete:
            return f"No {wanted} was found yet, the task would continue to search: {self.incomplete}"
        if self.request.must_succeed:
            raise NotFound(
                f"{self.client.where} lists no DAG{self.request}, so nothing shows that one succeeded. Check the name, "
                "or set until to ended"
            )
        return f"{self.client.where} lists no {wanted}: there is nothing to wait for"

    def _wait_for_all(self) -> None:
        for dag_id in list(self.running or ()):
            self._follow(dag_id, self.waiter)
        # Those that ended in an earlier time slice were reported then.
        silent = dataclasses.replace(self.waiter, on_change=None)
        for dag_id in self.ended:
            if dag_id not in self.dags:
                self._follow(dag_id, silent)

    def _follow(self, dag_id: str, waiter: Waiter) -> None:
        result = waiter.follow(self.client, dag_id, lambda dag: dag.finished)
        if result.value:
            self.dags[dag_id] = result.value
        if not result.done:
            waiter.raise_if_slice_ended()
            raise self._timed_out(dag_id, result.error)
        if self.running and dag_id in self.running:
            self.running.remove(dag_id)
            self.ended.append(dag_id)

    def _timed_out(self, dag_id: str, error: ObshellError | None) -> TimedOut:
        """Make the error that the deadline passed; read what the result lacks, if the agent responds."""
        missing = () if error else (dag_id, *(other for other in self.ended if other not in self.dags))
        for other in missing:
            with contextlib.suppress(ObshellError):
                self.dags[other] = self.client.get_dag(other)
        return self.waiter.timed_out(self.dags.get(dag_id, f"DAG {dag_id} was not read"), error)

    def _judge(self) -> str:
        if self.request.must_succeed:
            failed = [dag for dag in self._in_order() if dag.finished and not reached_end_state(dag, "RETRY")]
            if failed:
                raise Ended(" ".join(self._explain(dag) for dag in failed))
        states = "; ".join(str(dag) for dag in self._in_order())
        would_wait = "; the task would wait for the end" if self.running else ""
        return f"{states}{would_wait}{self.incomplete and f'. Other DAGs may be hidden: {self.incomplete}'}"

    def _explain(self, dag: Dag) -> str:
        reason = explain(dag) or REASONS.get(outcome(dag), "no sub-task failed")
        names = ", ".join(allowed(self._verdicts(dag))) or "none"
        return f"{dag}, it did not succeed: {reason}. Operators allowed now: {names}."

    def _verdicts(self, dag: Dag) -> dict[str, Verdict]:
        if self._contexts is None:
            self._contexts = ContextReader(self.client, list(self.dags.values()))
        return operators(dag, self._contexts.context_of(dag))
