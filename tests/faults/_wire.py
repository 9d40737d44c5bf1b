# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wire between the collection and a simulated agent that breaks when and how a test says.

It is a TCP proxy that knows where a request of HTTP/1.1 ends, so that "before the agent reads it" and "after it was
applied" mean something.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import struct
import threading
import typing as t

from ansible_collections.oceanbase.obshell.tests.simulator import Agent
from ansible_collections.oceanbase.obshell.tests.simulator.http.reserved_port import ReservedPort

Fault = t.Callable[["Exchange"], None]
# Seconds in which what is left of a wire has ended, at the very least.
ENDING = 60.0
# The connections, by the port of who asks and that of the wire, on which no whole answer will come.
HANGING: set[tuple[int, int]] = set()
# The wires at which nobody listens, by their port.
REFUSING: dict[int, Wire] = {}


@dataclasses.dataclass(frozen=True)
class Refused:
    """Not a fault of a request: from the last answer on nobody listens, until so many have been turned away.

    Only of a client in this process is that known; see `_patience`.
    """

    times: int = 3


class Wire:
    """Use as a context; `port` is where it listens, `agent` is behind it.

    `plan` maps the number of a request (0 is the first) to what befalls it; all others are passed on. `accepted` counts
    the POSTs through this wire that the agent accepted, whether or not its answer came through; `received` are all
    requests as they came.
    """

    def __init__(self, agent: Agent, plan: t.Mapping[int, Fault | Refused] | None = None) -> None:
        self.agent = agent
        self.plan = dict(plan or {})
        self.requests = 0
        self.accepted = 0
        self.received: list[bytes] = []
        self.closed = threading.Event()
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._acceptors: list[threading.Thread] = []
        self._threads: list[threading.Thread] = []
        self._held = ReservedPort()
        self._listener: socket.socket | None = None
        self._refusals = 0
        self.port = self._held.number

    def __enter__(self) -> Wire:
        if not self.refuse():
            self._listen()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closed.set()
        REFUSING.pop(self.port, None)
        self._stop_listening()
        self._held.close()
        for thread in self._acceptors:
            thread.join(ENDING)
        with self.lock:
            for sock in self._open:
                _shut(sock)
        for thread in self._threads:
            thread.join(ENDING)

    def _listen(self) -> None:
        (self._listener,) = self._held.sockets()
        self._listener.listen()
        thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._acceptors.append(thread)
        thread.start()

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener:
            # Closing it alone would not wake who waits for a connection.
            _shut(listener)
            listener.close()

    def refuse(self) -> bool:
        """Stop listening if that is the plan for the next request, and tell whether it is."""
        with self.lock:
            found = self.plan.get(self.requests)
            if not isinstance(found, Refused):
                return False
            self.requests += 1
            self._refusals = found.times
            self._stop_listening()
            REFUSING[self.port] = self
            return True

    def turned_away(self) -> None:
        """Take note that a connection was refused."""
        with self.lock:
            self._refusals -= 1
            if self._refusals == 0:
                del REFUSING[self.port]
                self._listen()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _address = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            with self.lock:
                self._open.add(sock)
                self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError), sock.makefile("rb") as incoming:
                self._serve_all(sock, incoming)
        finally:
            with self.lock:
                self._open.discard(sock)
            sock.close()

    def _serve_all(self, sock: socket.socket, incoming: t.BinaryIO) -> None:
        while request := read_message(incoming):
            with self.lock:
                fault = self.plan.get(self.requests)
                self.requests += 1
            self.received.append(request)
            exchange = Exchange(self, sock, request, last=self.refuse())
            if fault and not isinstance(fault, Refused):
                fault(exchange)
            else:
                exchange.pass_on()
            if exchange.ended:
                return


class Exchange:
    """One request that has come in whole, and what can be done with it.

    After the `last` one the connection is at its end, and who asks is told so.
    """

    def __init__(self, wire: Wire, sock: socket.socket, request: bytes, *, last: bool) -> None:
        self.agent = wire.agent
        self._wire = wire
        self.ended = self._last = last
        self.method, self.uri = request.split(b" ", 2)[0].decode(), request.split(b" ", 2)[1].decode()
        self._sock = sock
        self._request = request

    def ask(self) -> bytes:
        """Let the agent have the request, and return its raw answer."""
        with socket.create_connection(("127.0.0.1", self.agent.port)) as upstream:
            upstream.sendall(self._request)
            with upstream.makefile("rb") as stream:
                answer = read_message(stream)
        if self.method == "POST" and answer.startswith(b"HTTP/1.1 200 "):
            with self._wire.lock:
                self._wire.accepted += 1
        return answer

    def pass_on(self) -> None:
        try:
            answer = self.ask()
        except OSError:
            answer = b""
        if self._last:
            answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        if answer:
            self.send(answer)
        else:
            self.reset()

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def answer(self, status: int, body: bytes, *, kind: str = "application/json", headers: str = "") -> None:
        head = f"HTTP/1.1 {status} Something\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.send(head.encode() + body)

    def envelope(self, status: int, **content: t.Any) -> None:
        body = {"successful": status < 400, "status": status, "traceId": "0123456789abcdef", **content}
        self.answer(status, json.dumps(body).encode())

    def drip(self, data: bytes, *, seconds: float) -> None:
        """Send a byte, and after each so many seconds another, and never the last."""
        with self._hanging():
            for byte in data[:-1]:
                self.send(bytes([byte]))
                if self._wire.closed.wait(seconds):
                    return
            self._sock.recv(1)

    def hold(self) -> None:
        """Say nothing until the other side hangs up."""
        with self._hanging():
            self._sock.recv(1)

    @contextlib.contextmanager
    def _hanging(self) -> t.Iterator[None]:
        self.ended = True
        ends = (self._sock.getpeername()[1], self._wire.port)
        HANGING.add(ends)
        try:
            yield
        finally:
            HANGING.discard(ends)

    def hang_up(self) -> None:
        self.ended = True
        _shut(self._sock)

    def reset(self) -> None:
        self.ended = True
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Its close() would wait for the file made of it.
        socket.close(self._sock.detach())


def read_message(stream: t.BinaryIO) -> bytes:
    """Read one message of HTTP/1.1 whose body has a length; empty at the end of the stream."""
    head = b""
    length = 0
    while line := stream.readline():
        head += line
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
        if line == b"\r\n":
            return head + stream.read(length)
    return b""


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
