# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain HTTP by the standard library, over TCP or the node's unix socket."""

from __future__ import annotations

import abc
import http.client
import math
import select
import socket
import time
import typing as t

from .._ids import show_address
from .timeouts import PunctualSocket, within
from .transport import LARGEST_ANSWER, Answer, TimedTransport, check_size, pause_of


class PlainTransport(TimedTransport):
    """Plain HTTP by the standard library, which is all that an agent speaks, at half the cost of requests."""

    trusted = False

    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
        end = time.monotonic() + seconds
        if self._connection is None or self._connection.sock is None:
            self._connection = within(seconds, lambda: self._connect(seconds), self._line)
        t.cast("PunctualSocket", self._connection.sock).end = end
        self._connection.request(method, uri, body=body or None, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read(LARGEST_ANSWER + 1)
        check_size(len(content))
        return Answer(answer.status, content, pause_of(answer.headers.get("Retry-After")))

    _connection: http.client.HTTPConnection | None = None

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """See :class:`Transport`; a kept connection that the agent has hung up is made anew before anything is sent."""
        if self._connection and self._connection.sock and _has_something_to_read(self._connection.sock):
            self.close()
        return super().exchange(method, uri, headers=headers, body=body)

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        connection = self._make(seconds)
        try:
            with self._line.connecting():
                connection.connect()
                connection.sock = PunctualSocket(fileno=connection.sock.detach())
                self._line.hold(connection.sock)
        except BaseException:
            connection.close()
            raise
        return connection

    @abc.abstractmethod
    def _make(self, seconds: float) -> http.client.HTTPConnection:
        """Make a connection whose `connect` takes so many seconds for each address; nothing is sent."""

    def close(self) -> None:
        """See :class:`Transport`."""
        super().close()
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _has_something_to_read(sock: socket.socket) -> bool:
    """Tell whether a connection on which no answer is due was ended, or is of no use any more."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class HttpTransport(PlainTransport):
    """Plain HTTP to a port."""

    def __init__(self, host: str, port: int, *, timeout: float, limit: float = math.inf) -> None:
        """Prepare a connection; nothing is sent.

        :param host: name or address, IPv6 without brackets.
        :param timeout: as `limit`, of :class:`TimedTransport`.
        """
        super().__init__(timeout=timeout, limit=limit)
        self.where = f"http://{show_address(host, port)}"
        self._host, self._port = host, port

    def _make(self, seconds: float) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, self._port, timeout=seconds)


class SocketTransport(PlainTransport):
    """Plain HTTP to the node's own unix socket: the agent trusts its peer's user ID, so nothing is encrypted."""

    trusted = True

    def __init__(self, path: str, *, timeout: float, limit: float = math.inf) -> None:
        """Prepare a connection to the socket at `path`; `timeout` and `limit` are as of :class:`TimedTransport`."""
        super().__init__(timeout=timeout, limit=limit)
        self.where = f"unix:{path}"
        self._path = path

    def _make(self, seconds: float) -> http.client.HTTPConnection:
        return _UnixConnection(self._path, timeout=seconds)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, *, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
