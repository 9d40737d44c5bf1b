# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a cluster to what is declared: read all agents, plan, do the first missing step, and read again.

Nothing is remembered between two runs, so that one that was cut off anywhere is gone on with by the next.
"""

from __future__ import annotations

import typing as t

from ._cluster import INITIALIZE, SINGLE, Declared, View, show
from ._cluster_follow import Follower, OnChange
from ._cluster_plan import (
    CONFIGURE_ALL,
    CONFIGURE_CLUSTER,
    CONFIGURE_SERVER,
    INIT,
    JOIN,
    RETRY,
    ROLLBACK,
    SETTLE,
    WAIT,
    Done,
    Step,
    plan_cluster,
)
from ._cluster_requests import Secrets, send
from ._cluster_result import describe, predicted, present, visible
from ._dag import Dag, explain, failures, only_failed
from ._errors import AgentError, Ended, ObshellError, OutcomeUnknown, TimedOut, Unauthorized, Unreachable
from ._ids import GenericId
from ._members import Members
from ._operate import operate
from ._plan import allowed_operators
from ._request import Request
from ._wait import Deadline, wait

MOST_LOST = 2
SETTLE_PAUSE = 0.5


class ClusterRun:
    """One run, from the first look to the last."""

    def __init__(
        self,
        members: Members,
        declared: Declared,
        *,
        secrets: Secrets,
        options: dict[str, t.Any],
        on_change: OnChange | None = None,
    ) -> None:
        """Prepare; nothing is sent. `options` are the module's."""
        self.members = members
        self.declared = declared
        self.secrets = secrets
        self.options = options
        self.on_change = on_change
        self.deadline = Deadline(options["wait_timeout"])
        self.follower = Follower(deadline=self.deadline, interval=options["wait_interval"], on_change=on_change)
        self.done = Done()
        self.view: View | None = None
        self.before: dict[str, t.Any] = {}
        self.steps: list[str] = []
        self.changed = False
        self.dag: Dag | None = None
        self._lost: dict[str, int] = {}

    def run(self) -> dict[str, t.Any]:
        """Do what is missing.

        :returns: what `obshell_cluster` documents as its return values.
        :raises ObshellError: of any kind; its `result` holds the same values as far as they are known.
        """
        try:
            return self.result(self._run())
        except ObshellError as error:
            error.result = {**self.result(error.message), **error.result}
            raise

    def _run(self) -> str:
        missing = self._plan()
        if self.options["check_mode"]:
            self.steps = [step.text for step in missing]
            self.changed = any(step.changes for step in missing)
            if missing and missing[0].kind in (RETRY, ROLLBACK):
                self._operate(missing[0])
            return f"{len(missing)} steps are missing" if missing else describe(self.declared)
        while missing:
            step = missing[0]
            if self.deadline.passed:
                raise TimedOut(
                    f"{step.text}: not done after {self.options['wait_timeout']:g} s; run the same task again to go on"
                )
            if not self.options["wait"] and step.dag and step.kind == WAIT and step.dag.name == INITIALIZE:
                return f"{step.text}: not waited for; run the same task again to go on"
            self._do(step)
            missing = self._plan()
        return describe(self.declared)

    def _plan(self) -> list[Step]:
        first = self.view is None
        self.view = self._read()
        if first:
            self.before = visible(self.view, self.declared, self.done)
        dags = [dag for dag in self.view.dags if dag.name == INITIALIZE] or self.view.dags
        if dags and not self.view.initialized:
            self.dag = dags[0]
        return plan_cluster(self.declared, self.view, self.done)

    def _read(self) -> View:
        """Read all; what a change has shaken may take a while to answer again."""
        if not self.changed:
            try:
                return self.members.read()
            except Unauthorized:
                if not self.members.maintained:
                    raise
        read = wait(
            self.members.read, lambda view: True, deadline=self.deadline, interval=self.options["wait_interval"]
        )
        if read.value is None:
            raise read.error or TimedOut("the agents did not answer in time")
        return read.value

    def _do(self, step: Step) -> None:
        if step.kind == SETTLE:
            self.deadline.pause(SETTLE_PAUSE)
        elif step.kind == WAIT and step.dag:
            self._wait_for(step.dag)
        elif step.kind in (RETRY, ROLLBACK):
            self.steps.append(step.text)
            self._operate(step)
        else:
            self._change(step)

    def _operate(self, step: Step) -> None:
        request = Request(
            operator="RETRY" if step.kind == RETRY else "ROLLBACK",
            id=step.dag.id if step.dag else None,
            accept_data_removal=self.options["accept_data_removal"],
            members=[show(member.address) for member in self._seen.members if member.address],
            wait=self.options["wait"],
            wait_timeout=max(self.deadline.left, 0.001),
            wait_interval=self.options["wait_interval"],
            check=self.options["check_mode"],
        )
        try:
            self._account_for(operate(self.members.anyone(self._seen), request, self.on_change))
        except ObshellError as error:
            self._account_for(error.result)
            for name in ("changed", "unblocked", "diff", "elapsed", "msg"):
                error.result.pop(name, None)
            raise

    def _account_for(self, operated: dict[str, t.Any]) -> None:
        self.changed = self.changed or bool(operated.get("changed"))
        self.steps += [f"rolled back first what blocked it: {dag}" for dag in operated.get("unblocked", ())]

    def _change(self, step: Step) -> None:
        """Send the one request of a step, and wait for its DAG. Where the answer was lost, the agents tell what is."""
        if step.kind == INIT:
            self.done.init = True
        try:
            raw = send(step, self._seen, self.members, self.declared, secrets=self.secrets)
        except Unreachable as error:
            self._count_lost(step, error)
            return
        except AgentError as error:
            if isinstance(error, Unauthorized) or self._still_first(step):
                raise
            return
        self.changed = True
        self.steps.append(step.text)
        self._remember(step)
        if raw and (self.options["wait"] or step.kind != INIT):
            self._wait_for(Dag.from_api(raw))
            if self.dag and self.dag.state == "FAILED":
                raise Ended(f"{step.text}: {self.dag}: {explain(self.dag)}")

    def _count_lost(self, step: Step, error: Unreachable) -> None:
        """Let the next look decide, unless that has been done often enough."""
        lost = self._lost[step.text] = self._lost.get(step.text, 0) + 1
        if lost == MOST_LOST or not error.sent:
            raise OutcomeUnknown(f"{step.text}: {error.message}; run the same task again to go on") from error
        self.changed = True

    def _still_first(self, step: Step) -> bool:
        """Whether a step that was refused is still the next one, so that the agent meant what it said."""
        self.view = self._read()
        missing = plan_cluster(self.declared, self.view, self.done)
        return bool(missing) and (missing[0].kind, missing[0].text) == (step.kind, step.text)

    def _remember(self, step: Step) -> None:
        if step.kind == CONFIGURE_ALL:
            self.done.configured.add("")
        elif step.kind == CONFIGURE_SERVER:
            self.done.configured.add(str(step.member))
        elif step.kind == CONFIGURE_CLUSTER:
            self.done.cluster = True
        elif step.kind == JOIN:
            self.done.joined = True

    def _wait_for(self, dag: Dag) -> None:
        owner = next((m for m in self._seen.members if m.address == GenericId.parse(dag.id).agent), None)
        if owner and owner.identity == SINGLE:
            waited = self.follower.follow_single(self.members.client(owner.server), dag)
        else:
            anyone = self.members.anyone(self._seen, first=owner.server if owner else None)
            waited = self.follower.follow(anyone, dag)
        self.dag = waited.value or dag
        if not waited.done:
            trouble = f"; the last read failed: {waited.error.message}" if waited.error else ""
            raise TimedOut(
                f"{self.dag} after {self.options['wait_timeout']:g} s{trouble}; it goes on without us: run the same "
                "task again to go on waiting, nothing will be sent twice"
            )

    @property
    def _seen(self) -> View:
        return self.view or View(())

    def result(self, message: str) -> dict[str, t.Any]:
        """All that is known so far, as the module returns it."""
        dag = self.dag
        after = visible(self._seen, self.declared, self.done)
        if self.options["check_mode"] and self.changed:
            after = predicted(self._seen, self.declared)
        return {
            "changed": self.changed,
            "steps": list(self.steps),
            **present(self._seen),
            "dag": only_failed(dag) if dag else None,
            "failures": failures(dag) if dag else [],
            "allowed_operators": allowed_operators(dag) if dag else [],
            "elapsed": round(self.deadline.elapsed, 3),
            "trace_ids": list(self.members.trace_ids),
            "diff": {"before": self.before, "after": after},
            "msg": message,
        }
