# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between a wish and its end, each kind with what a person needs to go on."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import typing as t

KNOWN_ERROR = 1010


class ObshellError(Exception):
    """Base of all errors of this collection.

    `tolerance` is the number of consecutive occurrences of this error that a wait survives, `pause` the seconds for
    which the other side asked to be left alone.
    `result` (JSON-serialisable) goes into the failed task's result beside the message.
    """

    tolerance: float = 0
    pause: float = 0

    def __init__(self, message: str, **result: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.result: dict[str, t.Any] = result


class InvalidInput(ObshellError):
    """An argument is wrong; nothing was sent."""


class MissingLibrary(InvalidInput):
    """A Python library is not installed where it is needed."""

    def __init__(self, name: str, purpose: str) -> None:
        super().__init__(
            f"the Python library {name} is needed {purpose}; where the task ran, this installs it: "
            f"{sys.executable} -m pip install {name}"
        )


class Unreachable(ObshellError):
    """No complete answer of an agent: refused, reset, timed out, or not an agent's answer at all.

    `sent` tells whether the agent may have received the request. In the result -1 stands for the missing `status`.
    """

    tolerance = float("inf")

    def __init__(self, message: str, *, sent: bool, pause: float = 0, **result: t.Any) -> None:
        super().__init__(message, **{"status": -1, **result})
        self.sent = sent
        self.pause = pause


class Untrusted(Unreachable):
    """It never answered, and shows no certificate that is trusted, or speaks no TLS: waiting is no help."""

    tolerance = 0

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message, sent=sent)
        del self.result["status"]


class AgentError(ObshellError):
    """The agent answered with an error, in the envelope of 4.2 (`code`) or of 4.5 (`errCode`)."""

    def __init__(self, message: str, *, status: int, error: dict[str, t.Any], trace_id: str) -> None:
        code = error.get("errCode") or error.get("code")
        said = error.get("message") or "no message"
        super().__init__(
            f"{message} was answered {status} ({code}), {said} (traceId {trace_id or 'none'})",
            status=status,
            error=error,
            trace_id=trace_id,
        )
        self.status = status
        self.trace_id = trace_id
        self.tolerance = float("inf") if status >= 500 else 0

    @property
    def is_refusal(self) -> bool:
        """Whether the agent surely did nothing: 4.5 refuses with 4xx, 4.2 with 500 and its code for known errors."""
        return self.status < 500 or self.result["error"].get("code") == KNOWN_ERROR


class Unauthorized(AgentError):
    """The agent refused the password (401), also after its key had been read again.

    A wait survives some: while agents turn into cluster agents, a right password was seen refused.
    """

    def __init__(self, message: str, *, status: int, error: dict[str, t.Any], trace_id: str) -> None:
        super().__init__(message, status=status, error=error, trace_id=trace_id)
        self.tolerance = 5


class NotFound(ObshellError):
    """There is no such DAG."""


class Refused(ObshellError):
    """The state of the DAG does not allow the operator, or the agent says so; nothing was applied."""


class Ended(ObshellError):
    """The DAG ended, but not as wished."""


class TimedOut(ObshellError):
    """The deadline passed while the DAG was still unfinished."""


class OutcomeUnknown(ObshellError):
    """The answer to an operation was lost, and the agent could not be asked what became of it."""


class Unexpected(ObshellError):
    """A bug of this collection."""


@contextlib.contextmanager
def unexpected_explained() -> t.Iterator[None]:
    """Turn what is no error of this collection into one: a traceback shows values that nobody has masked."""
    try:
        yield
    except ObshellError:
        raise
    except Exception as error:
        *_outer, (frame, line) = traceback.walk_tb(error.__traceback__)
        where = f"{os.path.basename(frame.f_code.co_filename)}, line {line}"
        raise Unexpected(f"unexpected {type(error).__name__} at {where}: {error}; please report it") from None
