# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent on the wire: its TCP port, its unix socket, and what goes wrong between."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from ._api import Reply, Request, serve
from ._errors import ApiError
from ._faults import Fault, next_fault
from ._journal import Entry
from ._ports import Port

if TYPE_CHECKING:
    from ._agent import Agent


class AgentServer:
    """Serves one agent; to be started and stopped in the loop's thread."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self._runners: list[web.AppRunner] = []
        self._port: Port | None = None

    async def start(self) -> None:
        agent = self.agent
        if self._runners:
            return
        self._port = self._port or Port(agent.spec.listen, agent.port)
        agent.port = self._port.number
        Path(agent.socket).unlink(missing_ok=True)
        tcp, local = await self._runner(local=False), await self._runner(local=True)
        for sock in self._port.sockets():
            await web.SockSite(tcp, sock, ssl_context=_ssl_context(agent)).start()
        await web.UnixSite(local, agent.socket).start()
        agent.down = False

    async def stop(self) -> None:
        """Refuse connections until it is started again; nobody else gets the port."""
        self.agent.down = True
        runners, self._runners = self._runners, []
        loop = asyncio.get_running_loop()
        for sock in (sock for runner in runners for site in runner.sites for sock in _sockets(site)):
            loop.remove_reader(sock.fileno())
        # What was accepted a moment ago becomes a connection first: else nobody would ever close it.
        for _step in range(3):
            await asyncio.sleep(0)
        for runner in runners:
            await runner.cleanup()

    def close(self) -> None:
        port, self._port = self._port, None
        if port:
            port.close()

    async def _runner(self, *, local: bool) -> web.AppRunner:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, local=local)

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handle_signals=False)
        await runner.setup()
        self._runners.append(runner)
        return runner

    async def _handle(self, request: web.Request, *, local: bool) -> web.StreamResponse:
        body = await request.read()
        agent = self.agent
        asked = Request(request.method, request.raw_path, request.headers, body, local)
        fault = next_fault(agent, asked.method, asked.uri)
        with agent.simulator.lock:
            before = agent.simulator.revision
            reply = _befallen(agent, fault) or serve(agent, asked)
            applied = agent.simulator.revision != before
        agent.simulator.journal.append(
            Entry(
                agent.address,
                asked.method,
                asked.uri,
                reply.auth,
                reply.body,
                reply.status,
                reply.error,
                applied,
                reply.forwarded_to,
                fault.kind if fault else "",
            ),
            None if fault else reply.envelope,
        )
        if agent.delay:
            await asyncio.sleep(agent.delay)
        if fault and fault.kind in ("reset", "lose_answer") and request.transport:
            request.transport.abort()
        return _response(reply, fault)


def _befallen(agent: Agent, fault: Fault | None) -> Reply | None:
    """The answer of a fault that keeps the request from being served."""
    if fault is None or fault.kind == "lose_answer":
        return None
    if fault.kind == "unauthorized":
        error = ApiError("root_password")
        status, answer = agent.version.error(error.kind)
        return Reply(status, {"successful": False, "status": status, "traceId": "", "error": answer}, error="10008")
    return Reply(502 if fault.kind == "bad_gateway" else 0, None)


def _response(reply: Reply, fault: Fault | None) -> web.Response:
    if reply.envelope is not None:
        text = json.dumps(reply.envelope, ensure_ascii=False)
        return web.Response(status=reply.status, text=text, content_type="application/json")
    if fault and fault.kind == "bad_gateway":
        return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
    return web.Response(status=204)


def _sockets(site: web.BaseSite) -> Iterable[socket.socket]:
    return site._server.sockets if isinstance(site._server, asyncio.Server) else ()


def _ssl_context(agent: Agent) -> ssl.SSLContext | None:
    tls = agent.spec.tls
    if tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    if tls.client_ca:
        context.load_verify_locations(tls.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
