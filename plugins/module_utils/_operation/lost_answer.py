# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of an operator that the agent refused, or whose response was lost."""

from __future__ import annotations

from .._dag.decision import SentOperator
from .._errors import AgentError, ObshellError, Unauthorized, Unreachable
from .._polling import poll
from .record import UNKNOWN, Operation

# Seconds for which the DAG is read again if the task does not wait.
READ_AGAIN = 30


def resolve(operation: Operation, sent: SentOperator, error: AgentError | Unreachable) -> bool:
    """Read the DAG again, and return whether it moved by the operator; otherwise it must be decided about again.

    :raises Refused: the agent refused, and no other client applied the same operator.
    :raises OutcomeUnknown: it cannot be known.
    :raises ObshellError: the error itself, if nothing was applied and reading again does not help.
    """
    operation.lost = error
    not_applied = error.is_refusal if isinstance(error, AgentError) else not error.sent
    operation.may_be_ours = operation.may_be_ours or not not_applied
    if isinstance(error, AgentError) and (isinstance(error, Unauthorized) or error.is_not_found):
        if operation.may_be_ours:
            raise operation.unknown(error.message) from error
        raise error
    operation.applied = UNKNOWN if operation.may_be_ours else False
    _read_again(operation, error)
    if sent.took_effect(operation.dag):
        operation.changed = operation.may_be_ours
        return True
    if operation.may_be_ours and sent.superseded(operation.dag):
        raise operation.unknown(f"{error.message}; then another client sent another operator") from error
    operation.applied = False
    if isinstance(error, AgentError):
        declined = [sent.operator] if not sent.node_id and error.is_refusal and sent.unchanged(operation.dag) else []
        reason = f"the agent refused it, or failed: {error.message}" if error.is_ambiguous else error.message
        raise operation.refused(reason, declined=declined, **error.result) from error
    return False


def give_up_error(operation: Operation) -> ObshellError:
    """Make the error that the response was lost as often as a request may be sent."""
    if operation.may_be_ours:
        return operation.unknown(f"{operation.lost.message}, and again")
    return operation.lost


def _read_again(operation: Operation, lost: ObshellError) -> None:
    waiter = operation.waiter
    deadline = waiter.deadline if operation.request.wait else waiter.deadline.at_most(READ_AGAIN)
    deadline.pause(lost.retry_after)
    result = poll(operation.read, lambda dag: True, deadline=deadline, interval=waiter.interval)
    if result.value is None:
        raise operation.unknown(f"{lost.message}; then {result.error}") if operation.may_be_ours else lost
