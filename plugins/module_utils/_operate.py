# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a DAG to the end that an operator stands for: read, plan, post once, settle, wait."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ._blockers import blockers
from ._client import ObshellClient
from ._dag import Attempt, Dag, explain, failures, only_failed
from ._errors import (
    AgentError,
    Ended,
    ObshellError,
    OutcomeUnknown,
    Refused,
    TimedOut,
    Unauthorized,
    Unreachable,
    unexpected_explained,
)
from ._find import find_dag
from ._plan import DONE, FULFILLED, REFUSE, WAIT, Decision, allowed_operators, fulfilled, plan
from ._progress import ASKING, Progress
from ._strangers import refuse_stranger
from ._wait import Deadline, Waited, wait

UNKNOWN = "unknown"
LOOK_AGAIN = 30
SLICE = 30
MOST_POSTS = 2
NO_SUCH_DAG = 404
OnChange = t.Callable[[Dag], None]


@dataclasses.dataclass(frozen=True)
class Request:
    """A wish: which DAG, by `id` or `name`, shall come to which operator's end, and how long to wait for it.

    `wait_timeout` and `wait_interval` are seconds. With `check` nothing is posted and nothing is waited for. `slice` is
    for a caller who has it done in parts, to tell what happens meanwhile: {} for the first, then what the last returned
    as `resume`. A part ends with the next change, or after SLICE seconds.
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
    slice: dict[str, t.Any] | None = None

    @classmethod
    def from_params(cls, params: dict[str, t.Any]) -> Request:
        """Read a wish from the options of `obshell_dag`, with `check_mode` beside them."""
        names = [field.name for field in dataclasses.fields(cls) if field.name not in ("check", "slice")]
        return cls(**{name: params[name] for name in names}, check=params["check_mode"], slice=params["_slice"])


def operate_dag(client: ObshellClient, params: dict[str, t.Any], on_change: OnChange | None = None) -> dict[str, t.Any]:
    """Fulfil the wish that the options of `obshell_dag` express; see :func:`operate`."""
    return operate(client, Request.from_params(params), on_change)


def operate(client: ObshellClient, request: Request, on_change: OnChange | None = None) -> dict[str, t.Any]:
    """Fulfil a wish with at most one POST that the agent can accept.

    :param on_change: called with the DAG, read with details, at each change of its state, operator or stage while it is
        waited for, and before an operator is sent, with the state ASKING and no nodes.
    :returns: what the module `obshell_dag` documents as its return values; `diff` also where nobody asked for it.
    :raises ObshellError: of any kind; once the DAG was read, its `result` holds the same values.
    """
    operation = _Operation(client, request, on_change)
    try:
        with unexpected_explained():
            return operation.result(operation.run())
    except _Interrupted:
        return operation.interrupted()
    except ObshellError as error:
        error.result = {**operation.result(error.message), **error.result}
        raise


class _Interrupted(BaseException):
    """A part of the waiting is over, and the DAG has not come to its end."""


class _Operation:
    def __init__(self, client: ObshellClient, request: Request, on_change: OnChange | None) -> None:
        self.client = client
        self.request = request
        self.on_change = on_change
        self.deadline = Deadline(request.wait_timeout)
        if request.id is not None and not request.slice:
            refuse_stranger(
                client, request.id, members=request.members, allow_foreign_agent=request.allow_foreign_agent
            )
        self.dag = find_dag(client, dag_id=request.id, name=request.name)
        self.before = _visible(self.dag)
        self.seen = self.dag.position
        self.posted_from: Attempt | None = None
        self.posted_nodes: list[str] = []
        self.decided = False
        self.lost: ObshellError | None = None
        self.perhaps_ours = False
        self.applied: bool | str = False
        self.changed = False
        self.unblocked: list[str] = []
        if request.slice:
            self._resume(**request.slice)

    def run(self) -> str:
        if self.decided:
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
                self.changed = True
                return f"{self.dag}: {self.request.operator} would be posted"
            if posts == MOST_POSTS and self.lost:
                raise self._unknown(f"{self.lost.message}, and again") if self.perhaps_ours else self.lost
            if self._post():
                if self.request.wait:
                    return self._wait_for_end()
                return f"{self.dag}: {self.request.operator} was posted, its end was not waited for{self._doubts()}"
        return f"{self.dag}: {decision.reason}"

    def _decide(self) -> Decision:
        while True:
            request = self.request
            decision = plan(self.dag, request.operator, accept_data_removal=request.accept_data_removal)
            if decision.action != REFUSE:
                return decision
            if not (decision.settles and request.settle):
                raise self._refused(decision.reason)
            if request.check:
                return Decision(WAIT, f"{decision.reason}; its end would be waited for, then decided again")
            self.until(lambda dag: dag.finished)

    def _post(self) -> bool:
        self.posted_from, self.posted_nodes = self.dag.attempt, _node_operators(self.dag)
        if self.request.operator == "ROLLBACK" and self.dag.half_rolled_back_or_cancelled:
            self._unblock()
        if self.on_change:
            self.on_change(dataclasses.replace(self.dag, state=ASKING, operator=self.request.operator, nodes=()))
        try:
            self.client.operate_dag(self.dag.id, self.request.operator)
        except (AgentError, Unreachable) as error:
            refused = isinstance(error, AgentError)
            surely_not = error.is_refusal if isinstance(error, AgentError) else not error.sent
            self.lost = error
            self.perhaps_ours = self.perhaps_ours or not surely_not
            if isinstance(error, Unauthorized) or getattr(error, "status", 0) == NO_SUCH_DAG:
                if self.perhaps_ours:
                    raise self._unknown(error.message) from error
                raise
            self.applied = UNKNOWN if self.perhaps_ours else False
            self._look_again(error)
            if self._took_effect():
                self.changed = self.perhaps_ours
                return True
            if self.perhaps_ours and self._somebody_else_moved_it():
                raise self._unknown(f"{error.message}; then somebody else's operator came") from error
            self.applied = False
            if refused:
                raise self._refused(error.message, **error.result) from error
            return False
        self.applied = self.changed = True
        return True

    def _unblock(self) -> None:
        """Roll back first what other agents have left of this DAG, and wait for the end of that."""
        for dag in blockers(self.client, self.dag):
            request = dataclasses.replace(
                self.request, id=dag.id, name=None, allow_foreign_agent=True, wait=True, slice=None, settle=True
            )
            first = _Operation(self.client, dataclasses.replace(request, wait_timeout=self.deadline.left), None)
            first.until(lambda dag: dag.finished)
            if first.dag.state == "FAILED":
                first.run()
                self.unblocked.append(f"{first.dag}")

    def _look_again(self, lost: ObshellError) -> None:
        deadline = self.deadline if self.request.wait else self.deadline.sooner(LOOK_AGAIN)
        deadline.pause(lost.pause)
        looked = wait(self._read, lambda dag: True, deadline=deadline, interval=self.request.wait_interval)
        if looked.value is None:
            raise self._unknown(f"{lost.message}; then {looked.error}") if self.perhaps_ours else lost
        self.dag = looked.value

    def _somebody_else_moved_it(self) -> bool:
        """Whether another operator came in between, behind which ours cannot be seen any more.

        A running DAG moves by itself: then its start time stays, or was none yet and no node has seen an operator.
        Nothing comes after PASS.
        """
        now, before = self.dag.attempt, self.posted_from
        if self.request.operator == "PASS" or before is None:
            return False
        if self.request.operator != "CANCEL":
            return now != before
        not_started = before.state == "READY" and _node_operators(self.dag) == self.posted_nodes
        return now.operator != before.operator or (now.start_time != before.start_time and not not_started)

    def _took_effect(self) -> bool:
        """Compare attempts; a running DAG moves by itself, so that for CANCEL the operator alone tells."""
        now = self.dag.attempt
        moved = now != self.posted_from or self.request.operator == "CANCEL"
        return moved and now.operator == FULFILLED[self.request.operator][1]

    def _wait_for_end(self) -> str:
        self.decided = True
        self.until(lambda dag: dag.finished and dag.attempt != self.posted_from)
        if fulfilled(self.dag, self.request.operator):
            return f"{self.dag}{self._doubts()}"
        raise Ended(
            f"{self.request.operator} did not come to its end: {self.dag}: {explain(self.dag)}. {self._allowed()}"
        )

    def until(self, done: t.Callable[[Dag], bool]) -> None:
        sliced = self.request.slice is not None
        begin = self.seen

        def read() -> Dag:
            dag = Dag.from_api(self.client.get_dag(self.dag.id, details=False))
            if done(dag) or ((self.on_change or sliced) and dag.position != self.seen):
                dag = self._read()
            self.seen = dag.position
            return dag

        waited: Waited[Dag] = wait(
            read,
            lambda dag: done(dag) or (sliced and dag.position != begin),
            deadline=Deadline(min(SLICE, self.request.wait_timeout)) if sliced else self.deadline,
            interval=self.request.wait_interval,
            changed=lambda last, now: last.position != now.position,
            on_change=self.on_change,
        )
        self.dag = waited.value or self.dag
        if waited.done and not done(self.dag):
            raise _Interrupted
        if not waited.done:
            if sliced and not self.deadline.passed:
                raise _Interrupted
            if waited.error is None:
                with contextlib.suppress(ObshellError):
                    self.dag = self._read()
                self._doubt()
            trouble = f"; the last read failed: {waited.error.message}" if waited.error else ""
            raise TimedOut(
                f"{self.dag} after {self.request.wait_timeout:g} s of waiting{trouble}; it goes on without us: "
                "run the same task again to go on waiting, nothing will be posted twice"
            )

    def _doubt(self) -> None:
        """Take back that it was applied where the DAG stands as before: the acceptance was not the agent's."""
        if self.applied is True and self.dag.attempt == self.posted_from:
            self.applied, self.changed = UNKNOWN, False

    def _doubts(self) -> str:
        if self.applied != UNKNOWN:
            return ""
        return f"; the answer to {self.request.operator} was lost, so that it may have been somebody else's"

    def _read(self) -> Dag:
        return Dag.from_api(self.client.get_dag(self.dag.id))

    def _refused(self, reason: str, **result: t.Any) -> Refused:
        return Refused(f"{self.request.operator} is refused: {self.dag}: {reason}. {self._allowed()}", **result)

    def _unknown(self, what: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"whether {self.request.operator} was applied is unknown: {what}. When last seen {self.dag}. Look with "
            f"obshell_dag_info id={self.dag.id} on {self.client.where}; running this task again decides anew",
            applied=UNKNOWN,
        )

    def _allowed(self) -> str:
        return f"What the DAG takes now: {', '.join(allowed_operators(self.dag)) or 'no operator'}."

    def result(self, message: str) -> dict[str, t.Any]:
        return {
            "changed": self.changed,
            "applied": self.applied,
            "operator": self.request.operator,
            "dag": only_failed(self.dag),
            "failures": failures(self.dag),
            "allowed_operators": allowed_operators(self.dag),
            "elapsed": round(self.deadline.elapsed, 3),
            "trace_ids": list(self.client.trace_ids),
            "unblocked": list(self.unblocked),
            "diff": {"before": self.before, "after": self._visible_after()},
            "msg": message,
        }

    def interrupted(self) -> dict[str, t.Any]:
        if not self.dag.nodes:
            with contextlib.suppress(ObshellError):
                self.dag = self._read()
        names = ("seen", "posted_from", "decided", "applied", "changed", "before", "unblocked")
        resume = {name: getattr(self, name) for name in names}
        return {
            "changed": self.changed,
            "id": self.dag.id,
            "resume": {**resume, "trace_ids": list(self.client.trace_ids)},
            "progress": Progress.of(self.dag)._asdict(),
        }

    def _resume(self, *, trace_ids: list[str], seen: list[str], posted_from: list[str] | None, **known: t.Any) -> None:
        self.client.trace_ids[:0] = trace_ids
        self.seen = tuple(seen)
        self.posted_from = Attempt(*posted_from) if posted_from else None
        for name, value in known.items():
            setattr(self, name, value)

    def _visible_after(self) -> dict[str, t.Any]:
        after = _visible(self.dag)
        if self.request.check and self.changed:
            after["state"], after["operator"] = FULFILLED[self.request.operator]
        return after


def _visible(dag: Dag) -> dict[str, t.Any]:
    return {"id": dag.id, "name": dag.name, "state": dag.state, "operator": dag.operator, "stage": dag.stage}


def _node_operators(dag: Dag) -> list[str]:
    return [node["operator"] for node in dag.nodes]
