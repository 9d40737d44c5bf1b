# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a response, read from the envelope that distinguishes an agent from other servers."""

from __future__ import annotations

import datetime
import json
import re
import time
import typing as t

from .._errors import Unreachable
from .transport import SET_TLS, Response

NO_CONTENT, BAD_REQUEST, TOO_MANY_REQUESTS = 204, 400, 429
# A proxy sends these; an agent does not.
BUSY = (TOO_MANY_REQUESTS, 503)


def parse_response(response: Response, method: str, url: str) -> dict[str, t.Any]:
    """Read the envelope of an agent's response, also that of an error.

    :raises Unreachable: the response is not an agent's.
    """
    what = f"{method} {url} got status {response.status}"
    if response.status in BUSY:
        sent = response.status != TOO_MANY_REQUESTS
        raise Unreachable(f"{what}: too busy", sent=sent, retry_after=response.retry_after)
    if response.status == NO_CONTENT and method == "DELETE":
        return {}
    try:
        envelope = json.loads(response.body)
    except (ValueError, RecursionError):
        envelope = None
    failed = response.status >= 400
    redirected = 300 <= response.status < 400
    if not isinstance(envelope, dict) or envelope.get("successful") is not (not failed) or redirected:
        # What speaks TLS answers plain HTTP so.
        advice = f"; {SET_TLS}" if response.status == BAD_REQUEST and url.startswith("http:") else ""
        message = f"{what}, but not from an obshell agent{advice}"
        raise Unreachable(message, sent=True, retry_after=response.retry_after)
    return envelope


def agent_time(envelope: dict[str, t.Any]) -> float:
    """Seconds since 1970 by the agent's time stamp (RFC 3339), or by this host's clock without a valid one."""
    stamp = str(envelope.get("timestamp"))
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$", stamp)
    if not match:
        return time.time()
    try:
        return datetime.datetime.fromisoformat(match[1] + match[2].replace("Z", "+00:00")).timestamp()
    except ValueError:
        # Such as a leap second.
        return time.time()
