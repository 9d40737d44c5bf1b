# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request through the proxy, and what a fault can do with it."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import typing as t

if t.TYPE_CHECKING:
    from .proxy import FaultyProxy

# The connections on which the client will not receive a whole answer, as (port of the client, port of the proxy).
HANGING_CONNECTIONS: set[tuple[int, int]] = set()


class Exchange:
    """A request that the proxy has read. `ended` means that the connection takes no other request.

    If the request is the `last` one, the answer says that the connection is closed.
    """

    def __init__(self, proxy: FaultyProxy, sock: socket.socket, request: bytes, *, last: bool) -> None:
        self.agent = proxy.agent
        self.method, self.uri = (part.decode() for part in request.split(b" ", 2)[:2])
        self.ended = self._last = last
        self._proxy = proxy
        self._sock = sock
        self._request = request

    def ask_agent(self) -> bytes:
        """Send the request to the agent and return its raw answer."""
        with socket.create_connection(("127.0.0.1", self.agent.port)) as upstream:
            upstream.sendall(self._request)
            with upstream.makefile("rb") as stream:
                answer = read_message(stream)
        if self.method == "POST" and answer.startswith(b"HTTP/1.1 200 "):
            with self._proxy.lock:
                self._proxy.accepted_posts += 1
        return answer

    def pass_through(self) -> None:
        """Send the agent's answer to the client. If the agent does not answer, reset the connection."""
        try:
            answer = self.ask_agent()
        except OSError:
            answer = b""
        if self._last:
            answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        if answer:
            self.send(answer)
        else:
            self.reset()

    def send(self, data: bytes) -> None:
        """Send raw bytes to the client."""
        self._sock.sendall(data)

    def answer(self, status: int, body: bytes, *, content_type: str = "application/json", headers: str = "") -> None:
        length = f"Content-Length: {len(body)}\r\n"
        head = f"HTTP/1.1 {status} Something\r\nContent-Type: {content_type}\r\n{length}{headers}\r\n"
        self.send(head.encode() + body)

    def answer_envelope(self, status: int, **content: t.Any) -> None:
        body = {"successful": status < 400, "status": status, "traceId": "0123456789abcdef", **content}
        self.answer(status, json.dumps(body).encode())

    def drip(self, data: bytes, *, seconds: float) -> None:
        """Send one byte after the other, with pauses, and never send the last one."""
        with self._hanging():
            for byte in data[:-1]:
                self.send(bytes([byte]))
                if self._proxy.closed.wait(seconds):
                    return
            self._sock.recv(1)

    def hang(self) -> None:
        """Send nothing until the client closes the connection."""
        with self._hanging():
            self._sock.recv(1)

    @contextlib.contextmanager
    def _hanging(self) -> t.Iterator[None]:
        self.ended = True
        connection = (self._sock.getpeername()[1], self._proxy.port)
        HANGING_CONNECTIONS.add(connection)
        try:
            yield
        finally:
            HANGING_CONNECTIONS.discard(connection)

    def close(self) -> None:
        self.ended = True
        shut_down(self._sock)

    def reset(self) -> None:
        self.ended = True
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # sock.close() would wait until the file made of the socket is closed, too.
        socket.close(self._sock.detach())


def read_message(stream: t.BinaryIO) -> bytes:
    """Read one HTTP/1.1 message whose body has a length. It is empty at the end of the stream."""
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


def shut_down(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
