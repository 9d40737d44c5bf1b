# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of an operator that was refused, or whose answer was lost."""

from __future__ import annotations

from .._dag.decision import Posted
from .._errors import AgentError, ObshellError, Unauthorized, Unreachable
from .._polling import Deadline, wait
from .lookup import NO_SUCH_DAG
from .record import UNKNOWN, Account

LOOK_AGAIN = 30


class Settlement:
    """Settles one request's posts. `perhaps_ours` tells that one of them may have been applied unseen."""

    def __init__(self, account: Account, deadline: Deadline) -> None:
        """Prepare, before anything was posted."""
        self.perhaps_ours = False
        self._account = account
        self._deadline = deadline
        self._lost: ObshellError = Unreachable("nothing was posted", sent=False)

    def settle(self, posted: Posted, error: AgentError | Unreachable) -> bool:
        """Look at the DAG again, and tell whether it moved by the operator; else it is to be decided about anew.

        :raises Refused: the agent refused, and the DAG does not stand as if it had been asked twice.
        :raises OutcomeUnknown: nobody can know.
        :raises ObshellError: the error itself, where surely nothing was applied and no second look helps.
        """
        account = self._account
        surely_not = error.is_refusal if isinstance(error, AgentError) else not error.sent
        self._lost = error
        self.perhaps_ours = self.perhaps_ours or not surely_not
        if isinstance(error, AgentError) and (isinstance(error, Unauthorized) or error.status == NO_SUCH_DAG):
            if self.perhaps_ours:
                raise account.unknown(error.message) from error
            raise error
        account.applied = UNKNOWN if self.perhaps_ours else False
        self._look_again()
        if posted.took_effect(account.dag):
            account.changed = self.perhaps_ours
            return True
        if self.perhaps_ours and posted.overtaken(account.dag):
            raise account.unknown(f"{error.message}; then somebody else's operator came") from error
        account.applied = False
        if isinstance(error, AgentError):
            declined = [posted.operator] if error.is_refusal and posted.stands(account.dag) else []
            raise account.refused(error.message, declined=declined, **error.result) from error
        return False

    def given_up(self) -> ObshellError:
        """Make the error that the answer was lost as often as may be."""
        return self._account.unknown(f"{self._lost.message}, and again") if self.perhaps_ours else self._lost

    def _look_again(self) -> None:
        account, lost = self._account, self._lost
        deadline = self._deadline if account.request.wait else self._deadline.sooner(LOOK_AGAIN)
        deadline.pause(lost.pause)
        looked = wait(account.read, lambda dag: True, deadline=deadline, interval=account.request.wait_interval)
        if looked.value is None:
            raise account.unknown(f"{lost.message}; then {looked.error}") if self.perhaps_ours else lost
