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
import random
import socket
import struct
import threading
import typing as t

from ansible_collections.oceanbase.obshell.tests.simulator import Agent

Fault = t.Callable[["Exchange"], None]
HANG_UP = 10.0
# Below the ports that Linux gives to outgoing connections.
QUIET_PORTS = (12000, 32000)
# By this process; where all are used they begin anew.
USED_PORTS: set[int] = set()
MOST_PORTS = 10_000


@dataclasses.dataclass(frozen=True)
class Refused:
    """Not a fault of a request: from the last answer on, nobody listens for so many seconds."""

    seconds: float = 0.15


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
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = _listen_quietly()
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Wire:
        self._begin()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closed.set()
        self._listener.close()
        with self._lock:
            for sock in self._open:
                _shut(sock)
        for thread in self._threads:
            thread.join(HANG_UP)

    def _begin(self) -> None:
        refused = self._refused()
        if refused:
            self._listener.close()
            threading.Timer(refused.seconds, self._listen_again).start()
        else:
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _listen_again(self) -> None:
        while not self.closed.is_set():
            # Another process may try the port out, to see whether it is free.
            with contextlib.suppress(OSError):
                self._listener = _listen(self.port)
                threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
                return
            self.closed.wait(0.01)

    def _refused(self) -> Refused | None:
        with self._lock:
            found = self.plan.get(self.requests)
            if not isinstance(found, Refused):
                return None
            self.requests += 1
            return found

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _address = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, sock: socket.socket) -> None:
        with self._lock:
            self._open.add(sock)
        try:
            with contextlib.suppress(OSError), sock.makefile("rb") as incoming:
                self._serve_all(sock, incoming)
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def _serve_all(self, sock: socket.socket, incoming: t.BinaryIO) -> None:
        while request := read_message(incoming):
            with self._lock:
                fault = self.plan.get(self.requests)
                self.requests += 1
            self.received.append(request)
            exchange = Exchange(self, sock, request)
            if fault and not isinstance(fault, Refused):
                fault(exchange)
            else:
                exchange.pass_on()
            refused = self._refused()
            if refused:
                _shut(self._listener)
                self._listener.close()
                threading.Timer(refused.seconds, self._listen_again).start()
            if refused or exchange.ended:
                return


class Exchange:
    """One request that has come in whole, and what can be done with it."""

    def __init__(self, wire: Wire, sock: socket.socket, request: bytes) -> None:
        self.agent = wire.agent
        self._wire = wire
        self.ended = False
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
            self._wire.accepted += 1
        return answer

    def pass_on(self) -> None:
        try:
            answer = self.ask()
        except OSError:
            answer = b""
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
        """Send a byte, and after each so many seconds another, until all are sent or nobody reads them."""
        for byte in data:
            self.send(bytes([byte]))
            if self._wire.closed.wait(seconds):
                break
        self.ended = True

    def hold(self) -> None:
        """Say nothing until the other side, or this wire as it is closed, hangs up."""
        self.ended = True
        self._sock.settimeout(None)
        self._sock.recv(1)

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


def quiet_port() -> int:
    """A free port that no outgoing connection gets, so that who closed it can open it again."""
    with _listen_quietly() as listener:
        return int(listener.getsockname()[1])


def _listen_quietly() -> socket.socket:
    if len(USED_PORTS) > MOST_PORTS:
        USED_PORTS.clear()
    while True:
        port = random.randrange(*QUIET_PORTS)
        if port not in USED_PORTS:
            USED_PORTS.add(port)
            with contextlib.suppress(OSError):
                return _listen(port)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))
