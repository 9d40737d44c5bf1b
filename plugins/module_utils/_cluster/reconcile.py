# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a cluster to what is declared: read all agents, plan, do the first missing step, and read again.

Nothing is remembered between two runs, so that one that was cut off anywhere is gone on with by the next.
"""

from __future__ import annotations

import typing as t

from .._dag.model import INITIALIZE, OnChange
from .._errors import Ended, ObshellError, Refused, TimedOut, Unauthorized, unexpected_explained
from .._operation.waiter import Part
from .._polling import Deadline, wait
from .actions import Secrets
from .model import WAIT, Declared, Step, View
from .observe import Members
from .plan import plan_cluster
from .record import ClusterAccount
from .report import describe
from .steps import Doer


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
        """Prepare; nothing is sent. `options` are the module's, with `check_mode` and `part` beside them."""
        self._part: Part | None = options["part"]
        self._members = members
        self._declared = declared
        self._options = options
        self._deadline = Deadline(options["wait_timeout"], self._part.gone if self._part else 0.0)
        self._account = ClusterAccount(declared)
        self._doer = Doer(
            members,
            declared,
            self._account,
            secrets=secrets,
            options=options,
            deadline=self._deadline,
            on_change=on_change or self._part,
        )

    def run(self) -> dict[str, t.Any]:
        """Do what is missing.

        :returns: what `obshell_cluster` documents as its return values.
        :raises ObshellError: of any kind; its `result` holds the same values as far as they are known.
        :raises PartIsOver: it is done in parts, and one is over.
        """
        try:
            with unexpected_explained():
                return self._result(self._check() if self._options["check_mode"] else self._run())
        except ObshellError as error:
            error.message += self._account.doubts
            error.result = {**self._result(error.message), **error.result}
            raise

    def _check(self) -> str:
        missing = self._plan()
        if not missing:
            return describe(self._declared, self._account.view)
        self._doer.check(missing[0])
        self._account.steps = [step.text for step in missing]
        self._account.changed = any(step.changes for step in missing)
        return f"missing: {', '.join(self._account.steps)}"

    def _run(self) -> str:
        part, account = self._part, self._account
        if part and part.state:
            account.take(part.state["account"])
            if part.state["pending"]:
                self._doer.go_on(part.state["pending"])
        missing = self._plan()
        while missing:
            step = missing[0]
            if self._deadline.passed:
                raise TimedOut(
                    f"{step.text}: not done after {self._options['wait_timeout']:g} s; run the same task again to go on"
                )
            if not self._options["wait"] and step.kind == WAIT and step.dag and step.dag.name == INITIALIZE:
                return f"{step.text}: not waited for; run the same task again to go on"
            account.shaken = account.shaken or step.changes or step.dag is not None
            before = account.view
            self._doer.do(step)
            missing = self._plan()
            still = bool(missing) and missing[0].text == step.text
            if self._doer.refused and still and account.view.last == before.last:
                # No DAG of another's kept it out, so that the agent meant what it said.
                raise self._doer.refused
            if part and part.over and missing:
                raise account.over(part)
        return describe(self._declared, self._account.view)

    def _plan(self) -> list[Step]:
        account = self._account
        account.see(self._read())
        while True:
            try:
                missing = plan_cluster(self._declared, account.view, account.done)
            except Ended:
                account.settle([])
                raise
            except Refused:
                # The agents are read one after the other: only what two reads in a row show is at one time.
                seen = account.view
                account.see(self._read())
                if account.view.agrees(seen) or self._deadline.passed:
                    raise
            else:
                account.settle(missing)
                return missing

    def _read(self) -> View:
        """Read all; what a change has shaken may take a while to answer again."""
        if not self._account.shaken:
            try:
                return self._members.read()
            except Unauthorized:
                if not self._members.maintained:
                    raise
        read = wait(
            self._members.read, lambda view: True, deadline=self._deadline, interval=self._options["wait_interval"]
        )
        if read.value is None:
            raise read.error or TimedOut("the agents did not answer in time")
        return read.value

    def _result(self, message: str) -> dict[str, t.Any]:
        return self._account.result(
            message,
            check=self._options["check_mode"],
            elapsed=self._deadline.elapsed,
            trace_ids=self._members.trace_ids,
        )
