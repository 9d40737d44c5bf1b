# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a DAG to the end that an operator stands for: read, plan, post once, settle, wait."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.decision import DONE, POST, REFUSE, WAIT, Decision, Posted, fulfilled, plan
from .._dag.failures import explain
from .._dag.model import JOIN_MASTER, Dag, OnChange
from .._dag.progress import ASKING
from .._errors import AgentError, Ended, ObshellError, Refused, TimedOut, Unreachable, unexpected_explained
from .._polling import Deadline
from .conflicts import blockers, successor
from .foreign import refuse_stranger
from .lookup import find_dag
from .lost_answer import Settlement
from .record import Account, Request
from .waiter import follow

MOST_POSTS = 2


def operate_dag(client: ObshellClient, params: dict[str, t.Any], on_change: OnChange | None = None) -> dict[str, t.Any]:
    """Fulfil the wish that the options of `obshell_dag` express; see :func:`operate`."""
    return operate(client, Request.from_params(params), on_change)


def operate(
    client: ObshellClient,
    request: Request,
    on_change: OnChange | None = None,
    deadline: Deadline | None = None,
) -> dict[str, t.Any]:
    """Fulfil a wish with at most one POST that the agent can accept.

    :param on_change: called with the DAG, read with details, at each change of its state, operator or stage while it is
        waited for, and before an operator is sent, with the state ASKING and no nodes.
    :param deadline: that of what this is a step of, where it is one.
    :returns: what the module `obshell_dag` documents as its return values; `diff` also where nobody asked for it.
    :raises ObshellError: of any kind; once the DAG was read, its `result` holds the same values.
    :raises PartIsOver: the request is done in parts, and one is over.
    """
    part = request.part
    deadline = deadline or Deadline(request.wait_timeout, part.gone if part else 0.0)
    operation = _Operation(client, request, deadline, on_change or part)
    account = operation.account
    try:
        with unexpected_explained():
            return account.result(operation.run(), elapsed=deadline.elapsed)
    except ObshellError as error:
        error.result = {**account.result(error.message, elapsed=deadline.elapsed), **error.result}
        raise


class _Operation:
    def __init__(self, client: ObshellClient, request: Request, deadline: Deadline, on_change: OnChange | None) -> None:
        self.client = client
        self.request = request
        self.deadline = deadline
        self.on_change = on_change
        self.account = Account(client, request, self._handed() or self._find())
        self.settlement = Settlement(self.account, deadline)

    def _handed(self) -> Dag | None:
        state = self.request.state
        return Dag.from_api(state["dag"]) if state else None

    def _find(self) -> Dag:
        request = self.request
        if request.id is not None:
            refuse_stranger(
                self.client, request.id, members=request.members, allow_foreign_agent=request.allow_foreign_agent
            )
        forward = request.operator in ("RETRY", "PASS")
        return find_dag(self.client, dag_id=request.id, name=request.name, alone=forward)

    @property
    def dag(self) -> Dag:
        return self.account.dag

    def run(self) -> str:
        if self.account.decided:
            return self._wait_for_end()
        for posts in range(MOST_POSTS + 1):
            decision = self._decide()
            if decision.action == DONE:
                break
            if decision.action == WAIT:
                if self.request.check or not self.request.wait:
                    break
                return self._wait_for_end()
            if self.request.check:
                self.account.changed = True
                return f"{self.dag}: {self.request.operator} would be posted"
            if posts == MOST_POSTS:
                raise self.settlement.given_up()
            if self._post():
                if self.request.wait:
                    return self._wait_for_end()
                doubts = self.account.doubts()
                return f"{self.dag}: {self.request.operator} was posted, its end was not waited for{doubts}"
        return f"{self.dag}: {decision.reason}"

    def _decide(self) -> Decision:
        while True:
            request = self.request
            decision = plan(self.dag, request.operator, accept_data_removal=request.accept_data_removal)
            if decision.action == POST and request.operator in ("ROLLBACK", "RETRY"):
                self._refuse_to_disturb()
            if decision.action != REFUSE:
                return decision
            if not (decision.settles and request.settle):
                at_risk = {"data_at_risk": list(decision.data_at_risk)} if decision.data_at_risk else {}
                raise self.account.refused(decision.reason, **at_risk)
            if request.check:
                return Decision(WAIT, f"{decision.reason}; its end would be waited for, then decided again")
            self.until(lambda dag: dag.finished)

    def _refuse_to_disturb(self) -> None:
        newer = successor(self.client, self.dag)
        if newer:
            what = "what a newer one has built on the same servers"
            if newer.name == JOIN_MASTER:
                what = "the cluster of another master, which its agent has joined since"
            raise Refused(
                f"{self.request.operator} is refused: {self.dag}: it would run over {what}, {newer}. Leave it as it is",
                allowed_operators=[],
            )

    def _post(self) -> bool:
        """Send the operator, and tell whether it took effect, or the DAG is to be decided about anew."""
        posted = self.account.posted = Posted.to(self.dag, self.request.operator)
        if self.request.operator == "ROLLBACK" and self.dag.half_rolled_back_or_cancelled:
            self._unblock()
        if self.on_change:
            self.on_change(dataclasses.replace(self.dag, state=ASKING, operator=self.request.operator, nodes=()))
        try:
            self.client.operate_dag(self.dag.id, self.request.operator)
        except (AgentError, Unreachable) as error:
            return self.settlement.settle(posted, error)
        self.account.applied = self.account.changed = True
        return True

    def _unblock(self) -> None:
        """Roll back first what other agents have left of this DAG, and wait for the end of that."""
        for dag in blockers(self.client, self.dag):
            request = dataclasses.replace(
                self.request,
                id=dag.id,
                name=None,
                allow_foreign_agent=True,
                wait=True,
                settle=True,
                part=None,
                state=None,
            )
            first = _Operation(self.client, request, self.deadline, self.on_change)
            first.until(lambda dag: dag.finished)
            if first.dag.state != "FAILED":
                continue
            try:
                first.run()
            finally:
                self.account.changed_others = self.account.changed_others or first.account.changed
            self.account.unblocked.append(f"{first.dag}")

    def _wait_for_end(self) -> str:
        account = self.account
        account.decided = True
        self.until(lambda dag: dag.finished and not (account.posted and account.posted.stands(dag)))
        if fulfilled(self.dag, self.request.operator):
            return f"{self.dag}{account.doubts()}"
        raise Ended(
            f"{self.request.operator} did not come to its end: {self.dag}: {explain(self.dag)}. {account.allowed()}"
        )

    def until(self, done: t.Callable[[Dag], bool]) -> None:
        """Wait until the DAG is done, or a part of that is over."""
        account, part = self.account, self.request.part
        waited = follow(
            self.client,
            self.dag.id,
            done,
            deadline=self.deadline,
            interval=self.request.wait_interval,
            on_change=self.on_change,
            part=part,
        )
        if waited.value:
            account.dag = waited.value
        if waited.done:
            return
        if part and not self.deadline.passed:
            raise account.over(part)
        if waited.error is None:
            with contextlib.suppress(ObshellError):
                account.read()
            account.doubt()
        trouble = f"; the last read failed: {waited.error.message}" if waited.error else ""
        raise TimedOut(
            f"{self.dag} after {self.request.wait_timeout:g} s of waiting{trouble}; it goes on without us: "
            "run the same task again to go on waiting, nothing will be posted twice"
        )
