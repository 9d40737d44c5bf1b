# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do one missing step: send its one request and wait for its DAG, operate a DAG, or wait for what others do."""

from __future__ import annotations

import typing as t

from ._cluster import Declared, show
from ._cluster_account import ClusterAccount
from ._cluster_follow import follow_to_end
from ._cluster_plan import INIT, RETRY, ROLLBACK, SETTLE, Step
from ._cluster_requests import Secrets, send
from ._dag import Dag, OnChange, explain
from ._errors import AgentError, Ended, ObshellError, TimedOut, Unauthorized, Unreachable
from ._members import Members
from ._operate import operate
from ._progress import ASKING
from ._request import Request
from ._wait import Deadline

SETTLE_PAUSE = 0.5


class Doer:
    """Does the steps of one run. `refused` is the error of the last one where its agent refused it."""

    def __init__(
        self,
        members: Members,
        declared: Declared,
        account: ClusterAccount,
        *,
        secrets: Secrets,
        options: dict[str, t.Any],
        deadline: Deadline,
        on_change: OnChange | None,
    ) -> None:
        """Prepare; nothing is sent. `options` are the module's."""
        self.refused: AgentError | None = None
        self._members = members
        self._declared = declared
        self._account = account
        self._secrets = secrets
        self._options = options
        self._deadline = deadline
        self._on_change = on_change

    def do(self, step: Step) -> None:
        """Do a step.

        :raises ObshellError: it cannot be done, or has failed.
        """
        self.refused = None
        if step.kind == SETTLE:
            self._deadline.pause(SETTLE_PAUSE)
        elif step.kind in (RETRY, ROLLBACK) and step.dag:
            self._operate(step, step.dag)
        elif step.dag:
            self._wait_for(step.dag)
        else:
            self._change(step)

    def check(self, step: Step) -> None:
        """Find out whether a step that operates a DAG would be refused.

        :raises Refused: it would be.
        """
        if step.kind in (RETRY, ROLLBACK) and step.dag:
            self._operate(step, step.dag, check=True)

    def _operate(self, step: Step, dag: Dag, *, check: bool = False) -> None:
        client = self._members.anyone(self._account.view)
        try:
            self._account.operated(step, operate(client, self._request(step, dag, check=check), self._on_change))
        except ObshellError as error:
            self._account.operated(step, error.result)
            for name in ("changed", "unblocked", "diff", "elapsed", "msg"):
                error.result.pop(name, None)
            raise

    def _request(self, step: Step, dag: Dag, *, check: bool) -> Request:
        return Request(
            operator="RETRY" if step.kind == RETRY else "ROLLBACK",
            id=dag.id,
            accept_data_removal=self._options["accept_data_removal"],
            members=[show(member.address) for member in self._account.view.members if member.address],
            wait=self._options["wait"],
            wait_timeout=max(self._deadline.left, 0.001),
            wait_interval=self._options["wait_interval"],
            check=check,
        )

    def _change(self, step: Step) -> None:
        if step.kind == INIT:
            self._account.done.init = True
        if self._on_change:
            self._on_change(_announced(step))
        try:
            raw = send(step, self._account.view, self._members, self._declared, secrets=self._secrets)
        except Unreachable as error:
            self._account.lost(step, error)
        except Unauthorized:
            raise
        except AgentError as error:
            self.refused = error
        else:
            self._account.did(step)
            if raw and (self._options["wait"] or step.kind != INIT):
                self._wait_for(Dag.from_api(raw))
                if self._account.dag and self._account.dag.state == "FAILED":
                    raise Ended(f"{step.text}: {self._account.dag}: {explain(self._account.dag)}")

    def _wait_for(self, dag: Dag) -> None:
        waited = follow_to_end(
            dag,
            self._account.view,
            self._members,
            deadline=self._deadline,
            interval=self._options["wait_interval"],
            on_change=self._on_change,
        )
        self._account.dag = waited.value or dag
        if not waited.done:
            trouble = f"; the last read failed: {waited.error.message}" if waited.error else ""
            raise TimedOut(
                f"{self._account.dag} after {self._options['wait_timeout']:g} s{trouble}; it goes on without us: run "
                "the same task again to go on waiting, nothing will be sent twice"
            )


def _announced(step: Step) -> Dag:
    """Tell of a request that will start a DAG as progress tells of a DAG."""
    return Dag(step.text, step.text, ASKING, "", start_time="", stage=0, max_stage=0, nodes=(), raw={})
