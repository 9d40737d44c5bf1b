# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of one request through an agent: decrypt, find the route, authenticate, forward, handle, answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..core.dag import Json
from ..core.errors import ApiError
from ..core.generic_id import names_obproxy
from .authentication import Credentials, check_uri, read_body, read_header, verify_password
from .call import Call, NoContent, Result
from .envelope import fill_in_result
from .request import Reply, Request
from .routes.table import WITHOUT_PASSWORD, Route, find_route

if TYPE_CHECKING:
    from ..core.agent import AgentModel


def dispatch(agent: AgentModel, request: Request) -> Reply:
    """Answer a request. The caller holds the lock of the network."""
    reply = Reply(auth="socket" if request.local else "none")
    call = Call(agent, request.method, request.uri, request.query, local=request.local)
    result: Result = None
    refusal: ApiError | None = None
    try:
        result = _handle(request, call, reply)
    except ApiError as error:
        refusal = error
    reply.forwarded_to = call.forwarded_to
    if isinstance(result, NoContent):
        reply.status = 204
    else:
        fill_in_result(reply, result, refusal, agent, request)
    return reply


def _handle(request: Request, call: Call, reply: Reply) -> Result:
    """Handle a request. This sets the fields of the reply that the journal stores, also for a refused request."""
    credentials, body = Credentials(), request.body
    if not request.local:
        credentials = read_header(call.agent, request.headers)
        reply.auth = credentials.auth
        body = read_body(credentials, body)
    reply.body = _body_for_journal(body)
    route, call.id = find_route(call.agent, request.method, request.path)
    if call.agent.out_of_files_for and route.name not in WITHOUT_PASSWORD:
        raise ApiError("too_many_open_files")
    if not request.local and route.name not in WITHOUT_PASSWORD:
        _authenticate(call, credentials, route)
    call.body = _parse_body(body)
    return route.handler(call)


def _authenticate(call: Call, credentials: Credentials, route: Route) -> None:
    """Verify the password on this agent or, if it is a follower, forward the call to its master and verify it there.

    What names an OBProxy is verified on the agent itself (the agent's `VerifyTaskRoutes`).
    """
    check_uri(credentials, call.uri)
    if call.agent.identity == "FOLLOWER" and not (call.agent.version.obproxy and names_obproxy(call.id)):
        master = _master_of(call.agent, credentials)
        call.agent, call.forwarded_by, call.forwarded_to = master, call.agent, master.address
    verify_password(call.agent, credentials, route=route.name, task_id=call.id)


def _master_of(follower: AgentModel, credentials: Credentials) -> AgentModel:
    if credentials.auth == "agent":
        raise ApiError("no_header_to_forward")
    master = follower.master
    if master is None or master.down:
        raise ApiError("unreachable", "GET", "", master.address if master else "master")
    return master


def _body_for_journal(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _parse_body(body: bytes) -> Json:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("bad_json", error) from error
    if not isinstance(parsed, dict):
        raise ApiError("bad_json", "json: cannot unmarshal into Go value")
    return parsed
