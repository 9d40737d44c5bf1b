# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a sent module in time slices. What is known survives a lost connection, a crash and Ansible's time-out."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleConnectionFailure

from ..module_utils._dag.progress import Progress

MAX_LOST = 5
PAUSE = 5.0
# What a result has at the end of a slice, and what must not be lost if no other slice returns.
KNOWN = ("changed", "steps", "fulfilled", "times_applied")
Params = dict[str, t.Any]
Result = dict[str, t.Any]


class SlicedRun:
    """The time slices of one task."""

    def __init__(
        self, send: t.Callable[[Params], Result], report: t.Callable[[Progress], None], *, retries: bool
    ) -> None:
        """Prepare; nothing is sent.

        :param send: runs the module with the arguments of a time slice.
        :param retries: whether the task may send RETRY, which must not be sent twice.
        """
        self._send = send
        self._report = report
        self._retries = retries
        self._begin = time.monotonic()
        self._next: dict[str, t.Any] = {}
        self._known: Result = {}

    def run(self) -> Result:
        """Run all slices, and return the task's result."""
        try:
            while True:
                result = self._run_slice()
                for progress in result.pop("progress", ()):
                    self._report(Progress(**progress))
                if "resume" not in result:
                    # A module that crashed knows nothing of the slices before it, and reports that nothing changed.
                    changed = self._known.get("changed", False) or result.get("changed", False)
                    return {**self._known, **result, "changed": changed}
                self._next = result["resume"]
                self._known = {
                    **{name: result[name] for name in KNOWN if name in result},
                    "changed": result.get("changed", False) or self._known.get("changed", False),
                }
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            # Ansible's time-out of a task is not an Exception.
            if not self._known:
                raise
            return {
                **self._known,
                "failed": True,
                "retryable": True,
                "status": -1,
                "msg": f"The task was interrupted while it waited: {error}. The agent is still working. Run this task "
                "again to resume waiting",
            }

    def _run_slice(self) -> Result:
        """Run the next slice, and run it again if the connection was lost for a short time."""
        lost = 0
        while True:
            try:
                return self._send({**self._next, "already_elapsed": time.monotonic() - self._begin})
            except AnsibleConnectionFailure:
                lost += 1
                if lost > MAX_LOST or not self._may_repeat:
                    raise
                # The lost slice of a cluster may have taken a step.
                self._known["changed"] = self._known["changed"] or "record" in self._next["checkpoint"]
                time.sleep(PAUSE)

    @property
    def _may_repeat(self) -> bool:
        """Whether a lost slice can only have waited, or sent what is not sent again in the same state."""
        checkpoint = self._next.get("checkpoint", {})
        pending = checkpoint.get("pending") or {}
        operation = pending.get("operation") or checkpoint
        return bool(operation.get("awaiting_end") or (pending and not self._retries))
