# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, and what a person needs to continue.

ObshellError
├── InvalidInput            an argument is wrong; nothing was sent
│   └── MissingLibrary      a Python library is not installed
├── Unreachable             no complete response from an agent
│   └── Untrusted           no trusted certificate, or no TLS: waiting does not help
├── AgentError              the agent responded with an error
│   └── Unauthorized        the agent refused the password (401)
├── DatabaseUnavailable     a cluster DAG can only be read once the database is available
├── NotFound                the DAG does not exist
├── Refused                 the operator is not allowed; nothing was applied
├── Ended                   the DAG ended in another state than requested
├── TimedOut                the deadline passed before the end
├── OutcomeUnknown          the response to an operator was lost, and the DAG could not be read
└── Unexpected              a bug of this collection
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import typing as t

# The agent's code for errors that it knows, refusals among them, up to 4.3.0.
KNOWN_ERROR = 1010
BAD_REQUEST, UNAUTHORIZED, NOT_FOUND = 400, 401, 404


class ObshellError(Exception):
    """Base of all errors of this collection.

    `tolerance` is the number of consecutive errors of this class that a wait survives, `retry_after` the seconds for
    which the other side asked not to be called. `result` (JSON-serialisable) goes into the failed task's result.
    """

    tolerance: float = 0
    retry_after: float = 0

    def __init__(self, message: str, **result: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.result: dict[str, t.Any] = result


class InvalidInput(ObshellError):
    """An argument is wrong; nothing was sent."""


class MissingLibrary(InvalidInput):
    """A Python library is not installed on the host that runs the task."""

    def __init__(self, name: str, purpose: str) -> None:
        super().__init__(
            f"the Python library {name} is needed {purpose}; install it on the host that runs the task: "
            f"{sys.executable} -m pip install {name}"
        )


class Unreachable(ObshellError):
    """No complete response from an agent: refused, reset, timed out, or not an agent's response at all.

    `sent` is True if the agent may have received the request. The result has `status` -1.
    """

    tolerance = float("inf")

    def __init__(self, message: str, *, sent: bool, retry_after: float = 0, **result: t.Any) -> None:
        super().__init__(message, **{"status": -1, **result})
        self.sent = sent
        self.retry_after = retry_after


class Untrusted(Unreachable):
    """The server never responded, and shows no trusted certificate or does not speak TLS: waiting does not help."""

    tolerance = 0

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message, sent=sent)
        del self.result["status"]


class AgentError(ObshellError):
    """The agent responded with an error, in the envelope of 4.2 (`code`) or of 4.3.2 and later (`errCode`)."""

    def __init__(self, message: str, *, status: int, error: dict[str, t.Any], trace_id: str) -> None:
        code = error.get("errCode") or error.get("code")
        said = error.get("message") or "no message"
        super().__init__(
            f"{message} got status {status} ({code}): {said} (traceId {trace_id or 'none'})",
            status=status,
            error=error,
            trace_id=trace_id,
        )
        self.status = status
        self.trace_id = trace_id
        self.tolerance = float("inf") if status >= 500 else 0

    @property
    def is_not_found(self) -> bool:
        """Whether the agent does not have the DAG or the route (404)."""
        return self.status == NOT_FOUND

    @property
    def is_refusal(self) -> bool:
        """Whether the agent did nothing: 4xx, or up to 4.3.0 a 500 with its code for known errors."""
        return self.status < 500 or self.is_ambiguous

    @property
    def is_ambiguous(self) -> bool:
        """Whether the agent refused or failed: up to 4.3.0 both, also "too many open files", have the same code."""
        return self.status >= 500 and self.result["error"].get("code") == KNOWN_ERROR


class Unauthorized(AgentError):
    """The agent refused the password (401), also after its key was read again.

    A wait survives some of them: while agents become cluster agents, they can refuse a right password.
    """

    def __init__(self, message: str, *, status: int, error: dict[str, t.Any], trace_id: str) -> None:
        super().__init__(message, status=status, error=error, trace_id=trace_id)
        self.tolerance = 5


class DatabaseUnavailable(ObshellError):
    """A cluster DAG can only be read once the database is available; reading it earlier can bring down the agents."""

    tolerance = float("inf")


class NotFound(ObshellError):
    """The DAG does not exist."""


class Refused(ObshellError):
    """The state of the DAG does not allow the operator, or the agent says so; nothing was applied."""


class Ended(ObshellError):
    """The DAG ended in another state than requested."""


class TimedOut(ObshellError):
    """The deadline passed before the DAG ended."""


class OutcomeUnknown(ObshellError):
    """The response to an operator was lost, and reading the DAG again did not show whether it was applied."""


class Unexpected(ObshellError):
    """A bug of this collection."""


@contextlib.contextmanager
def wrap_unexpected() -> t.Iterator[None]:
    """Turn any other exception into :class:`Unexpected`: a traceback would show values that are not masked."""
    try:
        yield
    except ObshellError:
        raise
    except Exception as error:
        *_outer, (frame, line) = traceback.walk_tb(error.__traceback__)
        place = f"{os.path.basename(frame.f_code.co_filename)}, line {line}"
        raise Unexpected(f"unexpected {type(error).__name__} at {place}: {error}; please report it") from None
