# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a response, read from the envelope that distinguishes an agent from other servers."""

from __future__ import annotations

import json
import time
import typing as t

from .._dag.model import parse_time
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
    """Seconds since 1970 by the agent's time stamp (RFC 3339 with nanoseconds), or by this host's clock without one."""
    stamp = parse_time(str(envelope.get("timestamp")))
    return time.time() if stamp is None else stamp
