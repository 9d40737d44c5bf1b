# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that answers byte by byte, and the clients that the tests connect to it."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
import typing as t

from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Transport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_requests import RequestsTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import (
    HttpTransport,
    SocketTransport,
)

TRANSPORTS = ("http", "requests", "unix")
# Seconds: between two bytes, and so many that no test takes them.
PAUSE, LONG = 0.01, 300.0


class SlowServer:
    """Use it as a context. It sends one byte of `answer` after the other; without an answer, 100 Continue for ever.

    `received` is what the client sent, and `has_received` tells whether it sent anything.
    """

    def __init__(self, path: pathlib.Path | None, answer: bytes) -> None:
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen()
        self.received = b""
        self.has_received = threading.Event()
        self._answer = answer
        self._stopped = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> SlowServer:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _address = self.listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            self.received += sock.recv(65536)
            self.has_received.set()
            sent = 0
            while not self._stopped.wait(PAUSE):
                if self._answer:
                    sock.send(self._answer[sent : sent + 1])
                    sent += 1
                else:
                    sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def connect(
    kind: str, server: SlowServer, path: pathlib.Path | None, *, timeout: float = LONG, **options: t.Any
) -> Transport:
    """A client of one of the TRANSPORTS."""
    if path:
        return SocketTransport(str(path), timeout=timeout, **options)
    host, port = server.listener.getsockname()
    if kind == "requests":
        return RequestsTransport(host, port, timeout=timeout, **options)
    return HttpTransport(host, port, timeout=timeout, **options)
