# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange with an agent, over TCP or the node's unix socket: no retry, and cut when its time is up."""

from __future__ import annotations

import abc
import http.client
import math
import socket
import time
import typing as t

from ._errors import Unreachable
from ._ids import show_address
from ._line import Cut, Line, PunctualSocket, within

LARGEST_ANSWER = 64 * 2**20
LONGEST_PAUSE = 60.0


class Answer(t.NamedTuple):
    """Status code and undecoded body of one answer, and the seconds for which it asks to be left alone (at most 60)."""

    status: int
    body: bytes
    pause: float = 0.0


class Transport(t.Protocol):
    """What the client needs of a connection.

    `where` names it for people; `trusted` tells whether the agent knows its peer without a password.
    """

    where: str
    trusted: bool

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """Send one request and read its answer.

        :param uri: path and query; sent byte for byte.
        :raises Unreachable: there was no complete answer; its `sent` tells whether the request may have arrived.
        """

    def close(self) -> None:
        """Close the connection; the next exchange makes a new one."""


class TimedTransport(abc.ABC):
    """A connection kept open between exchanges, made anew after one that failed, and cut when its time is up."""

    where: str

    def __init__(self, *, timeout: float, limit: float = math.inf) -> None:
        """Prepare a connection; nothing is sent.

        :param timeout: seconds that one exchange may take, from the first look-up of a name to the last byte.
        :param limit: seconds from now after which no exchange goes on.
        """
        self._timeout = timeout
        self._end = time.monotonic() + limit
        self._line = Line()

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """See :class:`Transport`."""
        what = f"{method} {self.where}{uri} failed"
        begin = time.monotonic()
        seconds = min(self._timeout, self._end - begin)
        if seconds <= 0:
            raise Unreachable(f"{what}: no time is left", sent=False)
        line = self._line
        try:
            return self._exchange(method, uri, headers, body, seconds)
        except (OSError, http.client.HTTPException, Cut) as error:
            self.close()
            missing = "complete answer" if line.may_have_sent else "connection"
            late = time.monotonic() - begin >= seconds
            why = f"no {missing} within {seconds:.3g} s" if late else _last(error)
            raise Unreachable(f"{what}: {why}", sent=line.may_have_sent) from error

    @abc.abstractmethod
    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
        """Send and read within so many seconds; an error is an OSError, HTTPException or Cut."""

    def close(self) -> None:
        """See :class:`Transport`."""
        self._line.cut()
        self._line = Line()


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


def check_size(size: int) -> None:
    """Refuse an answer of so many bytes.

    :raises Cut: no agent answers that much.
    """
    if size > LARGEST_ANSWER:
        raise Cut(f"its answer is larger than {LARGEST_ANSWER >> 20} MiB")


def pause_of(retry_after: str | None) -> float:
    """Read the header Retry-After, where it is a number of seconds, as at most a minute."""
    text = (retry_after or "").strip()
    return min(float(text), LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0


def _causes(error: BaseException | None) -> t.Iterator[BaseException]:
    while error is not None:
        yield error
        reason = getattr(error.args[0], "reason", None) if error.args else None
        error = error.__cause__ or (reason if isinstance(reason, BaseException) else error.__context__)


def _last(error: BaseException) -> str:
    *_before, last = _causes(error)
    return f"{type(last).__name__}: {last}"
