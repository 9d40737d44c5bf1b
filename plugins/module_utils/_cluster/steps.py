# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a DAG to its end, whichever agent can tell of it.

Do one missing step: send its one request and wait for its DAG, operate a DAG, or wait for what others do.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.failures import explain
from .._dag.model import Dag, OnChange
from .._dag.progress import ASKING
from .._errors import AgentError, Ended, ObshellError, TimedOut, Unauthorized, Unreachable
from .._operation.conflicts import owner
from .._operation.operate import operate
from .._operation.record import Request
from .._operation.waiter import Part, PartIsOver, follow, watch
from .._polling import Deadline, Waited
from .actions import Secrets, send
from .model import INIT, RETRY, ROLLBACK, SETTLE, SINGLE, Declared, Step, View, show
from .observe import Members
from .record import ClusterAccount, Handed, hand_step, take_step


def follow_to_end(
    dag: Dag,
    view: View,
    members: Members,
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None,
    part: Part | None,
) -> Waited[Dag]:
    """Follow a DAG until it is finished; its owner is asked first, and where that does not answer, the others.

    :param part: what this is a part of, if it is one; then it ends with it, done or not.
    :raises ObshellError: of a read, where the same kind came more often in a row than its `tolerance` allows.
    """
    own = next((member for member in view.members if member.address == owner(dag)), None)
    if own and own.identity == SINGLE:
        client = members.client(own.server)
        return _follow_single(client, dag, deadline=deadline, interval=interval, on_change=on_change, part=part)
    anyone = members.anyone(view, first=own.server if own else None)
    return follow(
        anyone,
        dag.id,
        lambda now: now.finished,
        deadline=deadline,
        interval=interval,
        on_change=on_change,
        part=part,
    )


def _follow_single(
    client: ObshellClient,
    dag: Dag,
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None,
    part: Part | None,
) -> Waited[Dag]:
    """Read the DAG by which a single agent joins, until it is finished or the agent is single no more.

    A follower of a master with an agent password takes no password at all until the master is configured, but it says
    without one what it is.
    """
    last = dag

    def read() -> Dag:
        nonlocal last
        if client.info().get("identity") == SINGLE:
            last = Dag.from_api(client.get_dag(dag.id))
        else:
            last = dataclasses.replace(last, state="SUCCEED")
        return last

    return watch(
        dag.id,
        read,
        lambda now: now.finished,
        deadline=deadline,
        interval=interval,
        on_change=on_change,
        part=part,
    )


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
        """Prepare; nothing is sent. `options` are the module's, with `part` beside them."""
        self.refused: AgentError | None = None
        self._members = members
        self._declared = declared
        self._account = account
        self._secrets = secrets
        self._options = options
        self._deadline = deadline
        self._on_change = on_change
        self._part: Part | None = options["part"]

    def do(self, step: Step) -> None:
        """Do a step.

        :raises ObshellError: it cannot be done, or has failed.
        """
        self.refused = None
        if step.dag or step.kind == INIT:
            self._account.done.followed = True
        if step.kind == SETTLE:
            self._deadline.pause(SETTLE_PAUSE)
        elif step.kind in (RETRY, ROLLBACK) and step.dag:
            self._operate(step, step.dag)
        elif step.dag:
            self._wait_for(step, step.dag)
        else:
            self._change(step)

    def go_on(self, pending: Handed) -> None:
        """Do the rest of a step in whose middle the last part was over.

        :raises ObshellError: as :meth:`do`.
        """
        step = take_step(pending)
        if pending["operation"] and step.dag:
            self._operate(step, step.dag, state=pending["operation"])
        elif step.dag:
            self._wait_for(step, step.dag)

    def check(self, step: Step) -> None:
        """Find out whether a step that operates a DAG would be refused.

        :raises Refused: it would be.
        """
        if step.kind in (RETRY, ROLLBACK) and step.dag:
            self._operate(step, step.dag, check=True)

    def _operate(self, step: Step, dag: Dag, *, check: bool = False, state: Handed | None = None) -> None:
        client = self._members.anyone(self._account.view)
        request = self._request(step, dag, check=check, state=state)
        try:
            self._account.operated(step, operate(client, request, self._on_change, self._deadline))
        except PartIsOver as over:
            pending = hand_step(step, dag, over.state)
            changing = step.text if over.known["changed"] else None
            raise self._account.over(over.part, pending, changing=changing) from None
        except ObshellError as error:
            self._account.operated(step, error.result)
            for name in ("changed", "unblocked", "diff", "elapsed", "msg"):
                error.result.pop(name, None)
            raise

    def _request(self, step: Step, dag: Dag, *, check: bool, state: Handed | None) -> Request:
        return Request(
            operator="RETRY" if step.kind == RETRY else "ROLLBACK",
            id=dag.id,
            accept_data_removal=self._options["accept_data_removal"],
            members=[show(member.address) for member in self._account.view.members if member.address],
            wait=self._options["wait"],
            wait_timeout=self._options["wait_timeout"],
            wait_interval=self._options["wait_interval"],
            check=check,
            part=self._part,
            state=state,
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
            if not error.is_refusal:
                self._account.doubt(step)
        else:
            self._account.did(step)
            if raw and (self._options["wait"] or step.kind != INIT):
                self._wait_for(step, Dag.from_api(raw))

    def _wait_for(self, step: Step, dag: Dag) -> None:
        part = self._part
        waited = follow_to_end(
            dag,
            self._account.view,
            self._members,
            deadline=self._deadline,
            interval=self._options["wait_interval"],
            on_change=self._on_change,
            part=part,
        )
        last = self._account.dag = waited.value or dag
        if part and not waited.done and not self._deadline.passed:
            raise self._account.over(part, hand_step(step, last, None))
        if not waited.done:
            trouble = f"; the last read failed: {waited.error.message}" if waited.error else ""
            raise TimedOut(
                f"{last} after {self._options['wait_timeout']:g} s{trouble}; it goes on without us: run "
                "the same task again to go on waiting, nothing will be sent twice"
            )
        if step.changes and last.state == "FAILED":
            raise Ended(f"{step.text}: {last}: {explain(last)}")


def _announced(step: Step) -> Dag:
    """Tell of a request that will start a DAG as progress tells of a DAG."""
    return Dag(step.text, step.text, ASKING, "", start_time="", stage=0, max_stage=0, nodes=(), raw={})
