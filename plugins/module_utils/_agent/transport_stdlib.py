# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain HTTP by the standard library, over TCP or the node's unix socket."""

from __future__ import annotations

import abc
import http.client
import math
import os
import select
import socket
import struct
import time
import typing as t

from .._errors import Untrusted
from .._ids import Address
from .timeouts import DeadlineSocket, run_with_timeout
from .transport import MAX_RESPONSE, Response, TimedTransport, check_size, parse_retry_after

ROOT = 0
# Linux's struct ucred: process, user and group of a socket's peer.
PEER = struct.Struct("iII")


class StdlibTransport(TimedTransport):
    """Plain HTTP by the standard library, at half the cost of requests."""

    trusted = False
    _connection: http.client.HTTPConnection | None = None

    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Response:
        deadline = time.monotonic() + seconds
        if self._connection is None or self._connection.sock is None:
            self._connection = run_with_timeout(seconds, lambda: self._connect(seconds), self._guard)
        t.cast("DeadlineSocket", self._connection.sock).deadline = deadline
        self._connection.request(method, uri, body=body or None, headers=headers)
        response = self._connection.getresponse()
        content = response.read(MAX_RESPONSE + 1)
        check_size(len(content))
        return Response(response.status, content, parse_retry_after(response.headers.get("Retry-After")))

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        """See :class:`Transport`; a kept connection that the agent closed is replaced before anything is sent."""
        if self._connection and self._connection.sock and _is_readable(self._connection.sock):
            self.close()
        return super().exchange(method, uri, headers=headers, body=body)

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        connection = self._make(seconds)
        try:
            with self._guard.connecting():
                connection.connect()
                connection.sock = DeadlineSocket(fileno=connection.sock.detach())
                self._guard.watch(connection.sock)
        except BaseException:
            connection.close()
            raise
        return connection

    @abc.abstractmethod
    def _make(self, seconds: float) -> http.client.HTTPConnection:
        """Make a connection whose `connect` takes at most so many seconds for each address; nothing is sent."""

    def close(self) -> None:
        """See :class:`Transport`."""
        super().close()
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _is_readable(sock: socket.socket) -> bool:
    """Whether a connection without an outstanding request was closed, or is unusable."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class HttpTransport(StdlibTransport):
    """Plain HTTP to a port."""

    def __init__(self, host: str, port: int, *, timeout: float, limit: float = math.inf) -> None:
        """Prepare a connection; nothing is sent.

        :param host: name or address, IPv6 without brackets.
        :param timeout: as `limit`, of :class:`TimedTransport`.
        """
        super().__init__(timeout=timeout, limit=limit)
        self.where = f"http://{Address(host, port)}"
        self._host, self._port = host, port

    def _make(self, seconds: float) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, self._port, timeout=seconds)


class SocketTransport(StdlibTransport):
    """Plain HTTP to the node's own unix socket: each side checks the user ID of its peer, so nothing is encrypted."""

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
        _check_server(self._path, self.sock)


def _check_server(path: str, sock: socket.socket) -> None:
    """Refuse a server that is run neither by root nor by the owner of the socket's folder, which is the agent's.

    :raises Untrusted: it is.
    """
    server, owner = _server_of(sock), _owner(path)
    if server not in (ROOT, owner):
        raise Untrusted(
            f"nothing was sent to unix:{path}: its server runs with the user ID {server}, and only root and the owner "
            f"of its directory (user ID {owner}) may serve it",
            sent=False,
        )


def _server_of(sock: socket.socket) -> int:
    _pid, user, _group = PEER.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))
    return int(user)


def _owner(path: str) -> int:
    return os.stat(os.path.dirname(os.path.realpath(path))).st_uid
