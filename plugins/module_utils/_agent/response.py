# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer says, taken out of the envelope by which an agent's is known from anybody else's."""

from __future__ import annotations

import datetime
import json
import re
import time
import typing as t

from .._errors import Unreachable
from .transport import Answer

NO_CONTENT, TOO_MANY_REQUESTS = 204, 429
# What a proxy answers; the agent does not.
BUSY = (TOO_MANY_REQUESTS, 503)


def unwrap(answer: Answer, method: str, url: str) -> dict[str, t.Any]:
    """Read the envelope of an agent's answer, an error's too.

    :raises Unreachable: it is no agent's.
    """
    what = f"{method} {url} was answered {answer.status}"
    if answer.status in BUSY:
        raise Unreachable(f"{what}: too busy", sent=answer.status != TOO_MANY_REQUESTS, pause=answer.pause)
    if answer.status == NO_CONTENT and method == "DELETE":
        return {}
    try:
        envelope = json.loads(answer.body)
    except (ValueError, RecursionError):
        envelope = None
    failed = answer.status >= 400
    redirected = 300 <= answer.status < 400
    if not isinstance(envelope, dict) or envelope.get("successful") is not (not failed) or redirected:
        raise Unreachable(f"{what} by something that is no obshell agent", sent=True, pause=answer.pause)
    return envelope


def agent_time(envelope: dict[str, t.Any]) -> float:
    """Seconds since 1970 of the agent's time stamp (RFC 3339 with nanoseconds); the own clock's where it has none."""
    stamp = str(envelope.get("timestamp"))
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$", stamp)
    if not match:
        return time.time()
    return datetime.datetime.fromisoformat(match[1] + match[2].replace("Z", "+00:00")).timestamp()
