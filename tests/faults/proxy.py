# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy between the collection and a simulated agent. It disturbs the requests that a test selects.

The proxy knows where an HTTP/1.1 request ends. So a fault can act before the agent reads the request, or after the
agent applied it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import typing as t

from ansible_collections.oceanbase.obshell.tests.simulator import Agent
from ansible_collections.oceanbase.obshell.tests.simulator.http.reserved_port import ReservedPort

from .exchange import Exchange, read_message, shut_down

Fault = t.Callable[[Exchange], None]
# Seconds within which each thread of a closed proxy has to end.
JOIN_TIMEOUT = 60.0
# The proxies that refuse connections, by their port.
REFUSING_PROXIES: dict[int, FaultyProxy] = {}


@dataclasses.dataclass(frozen=True)
class RefuseConnections:
    """Instead of a fault: after the last answer the proxy refuses connections, this many times.

    It counts only the connections of clients in this process; see client_timeouts.py.
    """

    times: int = 3


class FaultyProxy:
    """Use it as a context. It listens on `port`, and `agent` is behind it.

    `faults` maps the number of a request, from 0 on, to a fault. The proxy passes all other requests through.
    `requests` counts the requests, `received` contains them, and `accepted_posts` counts the POSTs that the agent
    accepted, whether or not the client received the answer.
    """

    def __init__(self, agent: Agent, faults: t.Mapping[int, Fault | RefuseConnections] | None = None) -> None:
        self.agent = agent
        self.faults = dict(faults or {})
        self.requests = 0
        self.accepted_posts = 0
        self.received: list[bytes] = []
        self.closed = threading.Event()
        self.lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._acceptors: list[threading.Thread] = []
        self._servers: list[threading.Thread] = []
        self._reserved = ReservedPort()
        self._listener: socket.socket | None = None
        self._refusals_left = 0
        self.port = self._reserved.number

    def __enter__(self) -> FaultyProxy:
        if not self._refuse_if_next():
            self._listen()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closed.set()
        REFUSING_PROXIES.pop(self.port, None)
        self._stop_listening()
        self._reserved.close()
        for thread in self._acceptors:
            thread.join(JOIN_TIMEOUT)
        with self.lock:
            for sock in self._connections:
                shut_down(sock)
        for thread in self._servers:
            thread.join(JOIN_TIMEOUT)

    def _listen(self) -> None:
        (self._listener,) = self._reserved.sockets()
        self._listener.listen()
        thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._acceptors.append(thread)
        thread.start()

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener:
            # close() alone would not wake the thread that waits for a connection.
            shut_down(listener)
            listener.close()

    def _refuse_if_next(self) -> bool:
        """Stop listening if the fault of the next request is to refuse connections. Return whether it is."""
        with self.lock:
            fault = self.faults.get(self.requests)
            if not isinstance(fault, RefuseConnections):
                return False
            self.requests += 1
            self._refusals_left = fault.times
            self._stop_listening()
            REFUSING_PROXIES[self.port] = self
            return True

    def count_refusal(self) -> None:
        """Count a refused connection. Listen again after the last one."""
        with self.lock:
            self._refusals_left -= 1
            if self._refusals_left == 0:
                del REFUSING_PROXIES[self.port]
                self._listen()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _address = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            with self.lock:
                self._connections.add(sock)
                self._servers.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError), sock.makefile("rb") as stream:
                while (request := read_message(stream)) and not self._serve_request(sock, request):
                    pass
        finally:
            with self.lock:
                self._connections.discard(sock)
            sock.close()

    def _serve_request(self, sock: socket.socket, request: bytes) -> bool:
        """Serve one request. Return whether the connection takes no other one."""
        with self.lock:
            fault = self.faults.get(self.requests)
            self.requests += 1
        self.received.append(request)
        exchange = Exchange(self, sock, request, last=self._refuse_if_next())
        if fault and not isinstance(fault, RefuseConnections):
            fault(exchange)
        else:
            exchange.pass_through()
        return exchange.ended
