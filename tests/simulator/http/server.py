# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of one agent: its TCP port and its unix socket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from .dispatch import dispatch
from .faults import Fault, next_fault, reply_of
from .journal import JournalEntry
from .request import Reply, Request
from .reserved_port import ReservedPort
from .tls import TlsListener

if TYPE_CHECKING:
    from .agent import Agent


class AgentServer:
    """Start and stop it in the thread of the event loop."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self._runners: list[web.AppRunner] = []
        self._tls_listeners: list[TlsListener] = []
        self._port: ReservedPort | None = None

    async def start(self) -> None:
        agent = self.agent
        if self._runners:
            return
        self._port = self._port or ReservedPort(agent.spec.listen, agent.port)
        agent.port = self._port.number
        Path(agent.socket).unlink(missing_ok=True)
        tcp, local = await self._runner(local=False), await self._runner(local=True)
        for sock in self._port.sockets():
            await self._listen(tcp, sock)
        await web.UnixSite(local, agent.socket).start()
        agent.down = False

    async def _listen(self, runner: web.AppRunner, sock: socket.socket) -> None:
        if self.agent.spec.tls and runner.server:
            self._tls_listeners.append(TlsListener(sock, self.agent.spec.tls, runner.server))
        else:
            await web.SockSite(runner, sock).start()

    async def stop(self) -> None:
        """Refuse connections until the next start. The port stays reserved."""
        self.agent.down = True
        runners, self._runners = self._runners, []
        for listener in self._tls_listeners:
            await listener.close()
        self._tls_listeners.clear()
        loop = asyncio.get_running_loop()
        for sock in (sock for runner in runners for site in runner.sites for sock in _listening_sockets(site)):
            loop.remove_reader(sock.fileno())
        # A socket that was just accepted has to become a connection first, or the clean-up would not close it.
        for _step in range(3):
            await asyncio.sleep(0)
        for runner in runners:
            await runner.cleanup()

    def close(self) -> None:
        """Release the port."""
        port, self._port = self._port, None
        if port:
            port.close()

    async def _runner(self, *, local: bool) -> web.AppRunner:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, local=local)

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handle_signals=False)
        await runner.setup()
        self._runners.append(runner)
        return runner

    async def _serve(self, http_request: web.Request, *, local: bool) -> web.StreamResponse:
        body = await http_request.read()
        request = Request(http_request.method, http_request.raw_path, http_request.headers, body, local)
        fault = next_fault(self.agent, request.method, request.uri)
        reply = self._reply(request, fault)
        if self.agent.response_delay:
            await asyncio.sleep(self.agent.response_delay)
        if fault and fault.resets and http_request.transport:
            http_request.transport.abort()
        return _response(reply)

    def _reply(self, request: Request, fault: Fault | None) -> Reply:
        """Serve a request, or let the fault do so, and write it into the journal."""
        network = self.agent.network
        with network.lock:
            changes, storms = network.changes, len(network.storms)
            reply = (reply_of(fault, self.agent) if fault else None) or dispatch(self.agent, request)
            applied = network.changes != changes
            storm = len(network.storms) != storms
        entry = JournalEntry(
            agent=self.agent.address,
            method=request.method,
            uri=request.uri,
            auth=reply.auth,
            body=reply.body,
            status=reply.status,
            error=reply.error,
            applied=applied,
            forwarded_to=reply.forwarded_to,
            fault=fault.kind if fault else "",
            storm=storm,
        )
        network.journal.append(entry, None if fault else reply.envelope)
        return reply


def _response(reply: Reply) -> web.Response:
    if reply.envelope is not None:
        text = json.dumps(reply.envelope, ensure_ascii=False)
        return web.Response(status=reply.status, text=text, content_type="application/json")
    if reply.status == 502:
        return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
    return web.Response(status=204)


def _listening_sockets(site: web.BaseSite) -> Iterable[socket.socket]:
    return site._server.sockets if isinstance(site._server, asyncio.Server) else ()
