# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply an operator to a DAG and wait for its end state: read, decide, send once, resolve a lost response, wait."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.decision import DONE, POST, REFUSE, WAIT, Decision
from .._dag.failures import explain
from .._dag.model import JOIN_MASTER, Dag
from .._errors import AgentError, Ended, ObshellError, Unreachable, wrap_unexpected
from .conflicts import find_blockers, find_owner
from .foreign import refuse_foreign_id
from .lookup import find_dag
from .lost_answer import give_up_error, resolve
from .record import Operation, OperationRequest
from .waiter import Checkpoint, SliceEnded, Waiter

MAX_SENT = 2
# How often an operator waits for what blocks it.
MAX_WAITS = 3


def operate(
    client: ObshellClient, request: OperationRequest, waiter: Waiter, checkpoint: Checkpoint | None = None
) -> dict[str, t.Any]:
    """Apply an operator with at most one request that the agent can accept.

    :param checkpoint: what an earlier time slice ended with.
    :returns: what the module `obshell_dag` documents as its return values; `diff` is there also if nobody asked for it.
    :raises ObshellError: of any class; once the DAG was read, its `result` holds the same values.
    :raises SliceEnded: the time slice ended first.
    """
    if checkpoint:
        operation = Operation.resume(client, request, waiter, checkpoint)
    else:
        operation = Operation(client, request, waiter, _find(client, request))
    try:
        with wrap_unexpected():
            return operation.result(_run(operation))
    except SliceEnded as ended:
        ended.checkpoint = operation.checkpoint()
        ended.known = {"changed": operation.changed or operation.changed_others}
        raise
    except ObshellError as error:
        error.result = {**operation.result(error.message), **error.result}
        raise


def _find(client: ObshellClient, request: OperationRequest) -> Dag:
    if request.id is not None:
        refuse_foreign_id(client, request.id, request.foreign_agents)
    forward = request.operator in ("RETRY", "PASS")
    return find_dag(client, dag_id=request.id, name=request.name, must_be_only=forward)


def _run(operation: Operation) -> str:
    if operation.awaiting_end:
        return _wait_for_end(operation)
    return _apply(operation, before_sending=_roll_back_blockers)


def _apply(operation: Operation, before_sending: t.Callable[[Operation], bool]) -> str:
    """Send the operator if the DAG allows it, and wait for the end; return what happened.

    :param before_sending: returns whether it waited for something: then the DAG is read, and decided about, again.
    """
    request = operation.request
    sent = waits = 0
    while True:
        decision = _decide(operation)
        if decision.action == DONE:
            break
        if decision.action == WAIT:
            if request.check or not request.wait:
                break
            return _wait_for_end(operation)
        if request.check:
            operation.changed = True
            return f"{operation.dag}: {request.requested} would be sent{operation.unneeded_consent}"
        if sent == MAX_SENT:
            raise give_up_error(operation)
        if waits < MAX_WAITS and before_sending(operation):
            waits += 1
            operation.read()
            continue
        sent += 1
        if _send(operation):
            if request.wait:
                return _wait_for_end(operation)
            notes = f"{operation.caveat}{operation.unneeded_consent}"
            return f"{operation.dag}: {request.requested} was sent; this task did not wait for the end{notes}"
    return f"{operation.dag}: {decision.reason}"


def _decide(operation: Operation) -> Decision:
    request = operation.request
    while True:
        decision = request.requested.decide(operation.dag)
        operation.look_around()
        if decision.action == POST:
            operation.require_consent()
            _refuse_to_damage_owner(operation)
        if decision.action != REFUSE:
            return decision
        if not (decision.may_change and request.settle):
            raise operation.refused(decision.reason)
        if request.check:
            return Decision(WAIT, f"{decision.reason}; the task would wait for its end and decide again")
        _wait_until(operation, lambda dag: dag.finished)


def _refuse_to_damage_owner(operation: Operation) -> None:
    forward_or_back = ("RETRY", "ROLLBACK")
    owner = operation.request.operator in forward_or_back and find_owner(operation.client, operation.dag)
    if not owner:
        return
    damaged = "what another initialisation has built on the same servers"
    if owner.name == JOIN_MASTER:
        damaged = "the cluster of another master, which its agent has joined since"
    raise operation.refused(f"it would damage {damaged}, {owner}. Leave it as it is", declined=forward_or_back)


def _roll_back_blockers(operation: Operation) -> bool:
    """Before a rollback, roll back the DAGs of other agents that block it; return whether there were any."""
    if operation.request.operator != "ROLLBACK" or not operation.dag.half_rolled_back_or_cancelled:
        return False
    blockers = find_blockers(operation.client, operation.dag)
    for dag in blockers:
        request = dataclasses.replace(operation.request, wait=True, settle=True)
        blocker = Operation(operation.client, request, operation.waiter.without_slices(), dag)
        _wait_until(blocker, lambda dag: dag.finished)
        if blocker.dag.state != "FAILED":
            continue
        try:
            _apply(blocker, before_sending=lambda _blocker: False)
        finally:
            operation.changed_others = operation.changed_others or blocker.changed
        operation.unblocked.append(str(blocker.dag))
    return bool(blockers)


def _send(operation: Operation) -> bool:
    """Send the operator, and return whether it took effect; otherwise the DAG must be decided about again."""
    requested, dag = operation.request.requested, operation.dag
    sent = operation.sent = requested.send_to(dag)
    operation.waiter.report_request(dag, str(requested))
    node = requested.node_of(dag)
    try:
        if node:
            operation.client.pass_node(dag, node)
        else:
            operation.client.operate_dag(dag.id, requested.operator)
    except (AgentError, Unreachable) as error:
        return resolve(operation, sent, error)
    operation.applied = operation.changed = True
    return True


def _wait_for_end(operation: Operation) -> str:
    operation.awaiting_end = True
    sent, requested = operation.sent, operation.request.requested
    _wait_until(operation, lambda dag: dag.finished and not (sent and sent.unchanged(dag)))
    if requested.reached_end(operation.dag):
        return f"{operation.dag}{operation.caveat}{operation.unneeded_consent}"
    reason = f"{operation.dag}: {explain(operation.dag)}. {operation.allowed_now()}"
    raise Ended(f"{requested} failed: {reason}" if requested.node is None else f"After {requested}, {reason}")


def _wait_until(operation: Operation, done: t.Callable[[Dag], bool]) -> None:
    waiter = operation.waiter
    result = waiter.follow(operation.client, operation.dag.id, done)
    operation.dag = result.value or operation.dag
    if result.done:
        return
    waiter.raise_if_slice_ended()
    if result.error is None:
        with contextlib.suppress(ObshellError):
            operation.read()
        operation.doubt_acceptance()
    raise waiter.timed_out(operation.dag, result.error)
