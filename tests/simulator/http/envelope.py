# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope of an answer: whether it is successful, its status, its data and its error."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ..core.clock import rfc3339
from ..core.dag import Json
from ..core.errors import ApiError
from .call import Contents, DataWithError, Result
from .request import Reply, Request

if TYPE_CHECKING:
    from ..core.agent import AgentModel


def fill_in_result(reply: Reply, result: Result, error: ApiError | None, agent: AgentModel, request: Request) -> None:
    """Set the status, the error and the envelope of a reply."""
    content = _data(result)
    if isinstance(result, DataWithError):
        error = result.error
    if error is not None:
        reply.status = error.text(agent.version).status
        content["error"] = error.as_dict(agent.version, language=request.headers.get("Accept-Language", ""))
        reply.error = str(content["error"].get("errCode") or content["error"].get("code"))
    without_trace = request.path == "/api/v1/status" or (error and error.reason == "decrypt_failed")
    reply.envelope = {
        "successful": error is None,
        "timestamp": rfc3339(agent.clock.now()),
        "duration": 0,
        "status": reply.status,
        "traceId": "" if without_trace else secrets.token_hex(8),
        **content,
    }


def _data(result: Result) -> Json:
    if isinstance(result, DataWithError):
        return {"data": result.data}
    if isinstance(result, Contents):
        return {"data": {"contents": result.contents}}
    return {} if result is None else {"data": result}
