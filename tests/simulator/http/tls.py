# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS as the agent serves it: a client that speaks plain HTTP gets an answer in plain HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

from ..core.spec import Tls

TLS_HANDSHAKE = b"\x16"
"""The first byte of a TLS connection."""
PLAIN_REFUSED = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
"""What Go's HTTP server answers."""


def ssl_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    if tls.client_ca:
        context.load_verify_locations(tls.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class TlsListener:
    """Accepts connections on one socket, and hands those that begin with a TLS handshake to a protocol."""

    def __init__(self, listening: socket.socket, tls: Tls, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
        self._listening = listening
        self._context = ssl_context(tls)
        self._protocol = protocol
        self._tasks: set[asyncio.Task[None]] = set()
        listening.setblocking(False)
        listening.listen()
        self._begin(self._accept())

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listening.close()

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        while True:
            connection, _address = await asyncio.get_running_loop().sock_accept(self._listening)
            self._begin(self._serve(connection))

    async def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            try:
                first = await _peek(connection)
                if first == TLS_HANDSHAKE:
                    loop, sock = asyncio.get_running_loop(), connection.dup()
                    await loop.connect_accepted_socket(self._protocol, sock, ssl=self._context)
                elif first:
                    connection.recv(2**16)
                    connection.sendall(PLAIN_REFUSED)
            finally:
                connection.close()


async def _peek(connection: socket.socket) -> bytes:
    """The first byte that arrives, which stays to be read. It is empty if the client closes the connection."""
    connection.setblocking(False)
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)
