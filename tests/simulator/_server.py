# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent on the wire: its TCP port, its unix socket, and what goes wrong between."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from ._api import Reply, Request, serve
from ._errors import ApiError
from ._faults import Fault, next_fault
from ._journal import Entry

if TYPE_CHECKING:
    from ._agent import Agent


class AgentServer:
    """Serves one agent; to be started and stopped in the loop's thread."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self._runners: list[web.AppRunner] = []
        self._kept: list[socket.socket] = []

    async def start(self) -> None:
        agent = self.agent
        for _attempt in range(20):
            with contextlib.suppress(OSError):
                listening = _bind(agent.spec.listen, agent.port)
                break
        else:
            self._let_go()
            listening = _bind(agent.spec.listen, agent.port)
        agent.port = listening[0].getsockname()[1]
        Path(agent.socket).unlink(missing_ok=True)
        tcp, local = await self._runner(local=False), await self._runner(local=True)
        for sock in listening:
            await web.SockSite(tcp, sock, ssl_context=_ssl_context(agent)).start()
        await web.UnixSite(local, agent.socket).start()
        self._let_go()
        agent.down = False

    async def stop(self, *, keep_port: bool = False) -> None:
        """Serve no more; a port that is kept refuses connections, and no other process gets it."""
        self.agent.down = True
        runners, self._runners = self._runners, []
        for runner in runners:
            await runner.cleanup()
        if not keep_port:
            self._let_go()
        elif not self._kept:
            with contextlib.suppress(OSError):
                self._kept = _bind(self.agent.spec.listen, self.agent.port)

    def _let_go(self) -> None:
        kept, self._kept = self._kept, []
        for sock in kept:
            sock.close()

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


def _bind(hosts: tuple[str, ...], port: int) -> list[socket.socket]:
    """One socket for each host, all at the same port."""
    bound: list[socket.socket] = []
    try:
        for host in hosts:
            sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
            bound.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
            port = sock.getsockname()[1]
    except OSError:
        for sock in bound:
            sock.close()
        raise
    return bound


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
