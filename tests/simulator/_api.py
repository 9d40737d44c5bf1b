# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request from the wire to the envelope: decrypt, find the route, verify, forward, answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ._auth import Credentials, check_uri, read_body, read_header, verify
from ._clock import rfc3339
from ._errors import ApiError
from ._journal import Auth
from ._routes import OPEN, Call, Contents, NoContent, Partial, find_route

if TYPE_CHECKING:
    from ._agent import Agent


@dataclass(frozen=True)
class Request:
    """What came in; `uri` is the raw one of the request line, `local` what came through the socket."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    local: bool = False

    @property
    def path(self) -> str:
        return self.uri.split("?", 1)[0]

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.uri.partition("?")[2])


@dataclass
class Reply:
    """What goes out, and what the journal wants to know."""

    status: int
    envelope: dict[str, Any] | None
    auth: Auth = "none"
    body: Any = None
    error: str = ""
    forwarded_to: str = ""


def serve(agent: Agent, request: Request) -> Reply:
    """Answer a request in full; the caller holds the simulator's lock."""
    reply = Reply(200, None, "socket" if request.local else "none")
    call = Call(agent, request.method, request.uri, request.query)
    data: Any = None
    error: ApiError | None = None
    try:
        data = _answer(agent, request, call, reply)
    except ApiError as refused:
        error = refused
    reply.forwarded_to = call.forwarded_to
    if isinstance(data, NoContent):
        reply.status = 204
        return reply
    reply.envelope = _envelope(agent, request, reply, data, error)
    return reply


def _answer(agent: Agent, request: Request, call: Call, reply: Reply) -> Any:
    credentials = Credentials()
    body = request.body
    if not request.local:
        credentials = read_header(agent, request.headers)
        reply.auth = credentials.auth
        body = read_body(credentials, body)
    reply.body = _json(body)
    route = find_route(agent.version, request.method, request.path, call)
    if not request.local and route.name not in OPEN:
        check_uri(credentials, request.uri)
        if agent.identity == "FOLLOWER":
            call.agent = _master(agent, credentials)
            call.forwarded_by = agent
            call.forwarded_to = call.agent.address
        verify(call.agent, credentials, route=route.name, task_id=call.id)
    call.local = request.local
    call.body = _required_json(body)
    return route.handler(call)


def _master(agent: Agent, credentials: Credentials) -> Agent:
    if credentials.auth == "agent":
        raise ApiError("forward_header")
    if agent.master is None or agent.master.down:
        raise ApiError("unreachable", "GET", "", agent.master.address if agent.master else "master")
    return agent.master


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _required_json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("bad_json", error) from error
    if not isinstance(found, dict):
        raise ApiError("bad_json", "json: cannot unmarshal into Go value")
    return found


def _envelope(agent: Agent, request: Request, reply: Reply, data: Any, error: ApiError | None) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if isinstance(data, Partial):
        answer["data"], error = data.data, data.error
    elif data is not None:
        answer["data"] = {"contents": data.contents} if isinstance(data, Contents) else data
    if error is not None:
        language = request.headers.get("Accept-Language", "")
        reply.status, answer["error"] = agent.version.error(error.kind, *error.values, language=language)
        reply.error = str(answer["error"].get("errCode") or answer["error"].get("code"))
    traced = request.path != "/api/v1/status" and not (error and error.kind == "decrypt_failed")
    return {
        "successful": error is None,
        "timestamp": rfc3339(agent.clock.now()),
        "duration": 0,
        "status": reply.status,
        "traceId": agent.trace_id() if traced else "",
        **answer,
    }
