# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange with an agent: http, https or the node's unix socket. No retry, redirect, or proxy to loopback."""

from __future__ import annotations

import abc
import http.client
import ipaddress
import math
import socket
import time
import typing as t

from ._errors import InvalidInput, Unreachable
from ._line import Cut, Line, within

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.utils import get_environ_proxies
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import InsecureRequestWarning

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

LARGEST_ANSWER = 64 * 2**20
CHUNK = 2**16
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


class _TimedTransport(abc.ABC):
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
        seconds = min(self._timeout, self._end - time.monotonic())
        if seconds <= 0:
            raise Unreachable(f"{what}: no time is left", sent=False)
        line = self._line
        try:
            return within(seconds, lambda: self._exchange(method, uri, headers, body, seconds), line)
        except (OSError, http.client.HTTPException, Cut) as error:
            self.close()
            raise Unreachable(f"{what}: {_last(error)}", sent=line.may_have_sent) from error

    @abc.abstractmethod
    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
        """Send and read, with `seconds` for each step; an error is an OSError, HTTPException or Cut."""

    def close(self) -> None:
        """See :class:`Transport`."""
        self._line.cut()
        self._line = Line()


class HttpTransport(_TimedTransport):
    """http or https through requests.

    Its adapter is used without a session, which would follow redirects, read the user's netrc, and cost more than the
    request itself.
    """

    trusted = False

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        limit: float = math.inf,
        use_tls: bool = False,
        verify: bool | str = True,
        cert: tuple[str, str] | str | None = None,
    ) -> None:
        """Prepare a connection; nothing is sent.

        :param host: name or address, IPv6 without brackets.
        :param timeout: seconds that one exchange may take, from the first look-up of a name to the last byte.
        :param limit: seconds from now after which no exchange goes on.
        :param verify: check the server's certificate against the system's authorities, a file of them, or not at all.
        :param cert: the client's certificate and key.
        :raises InvalidInput: the library `requests` is missing.
        """
        if not HAS_REQUESTS:
            raise InvalidInput("the Python library requests is needed to reach an agent over HTTP; a socket needs none")
        super().__init__(timeout=timeout, limit=limit)
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.where = f"{'https' if use_tls else 'http'}://{authority}"
        self._options: dict[str, t.Any] = {"verify": verify, "cert": cert, "stream": True}
        if not verify:
            urllib3.disable_warnings(InsecureRequestWarning)
        if not _is_loopback(host):
            self._options["proxies"] = get_environ_proxies(self.where)
        self._adapter: HTTPAdapter | None = None

    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
        if self._adapter is None:
            self._adapter = _adapter(self._line)
        request = requests.Request(method, self.where + uri, headers=headers, data=body).prepare()
        content = bytearray()
        with self._adapter.send(request, timeout=seconds, **self._options) as answer:
            for chunk in answer.iter_content(CHUNK):
                content += chunk
                _check_size(len(content))
        return Answer(answer.status_code, bytes(content), _pause(answer.headers.get("Retry-After")))

    def close(self) -> None:
        """See :class:`Transport`."""
        super().close()
        adapter, self._adapter = self._adapter, None
        if adapter:
            adapter.close()


class SocketTransport(_TimedTransport):
    """The node's own unix socket: the agent trusts its peer's user ID, so nothing is encrypted."""

    trusted = True

    def __init__(self, path: str, *, timeout: float, limit: float = math.inf) -> None:
        """Prepare a connection to the socket at `path`; `timeout` and `limit` as of HTTP."""
        super().__init__(timeout=timeout, limit=limit)
        self.where = f"unix:{path}"
        self._path = path
        self._connection: _UnixConnection | None = None

    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
        if self._connection is None:
            self._connection = _UnixConnection(self._path, self._line)
        self._connection.use(seconds)
        self._connection.request(method, uri, body=body, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read(LARGEST_ANSWER + 1)
        _check_size(len(content))
        return Answer(answer.status, content, _pause(answer.headers.get("Retry-After")))

    def close(self) -> None:
        """See :class:`Transport`."""
        super().close()
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, line: Line) -> None:
        super().__init__("localhost")
        self._path = path
        self._line = line

    def use(self, seconds: float) -> None:
        self.timeout = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def connect(self) -> None:
        with self._line.connecting():
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(self._path)
            self._line.hold(self.sock)


def _adapter(line: Line) -> HTTPAdapter:
    """Make an adapter of requests whose connections are held by a line."""

    class Connection(HTTPConnection):
        def connect(self) -> None:
            with line.connecting():
                super().connect()

        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            line.hold(sock)
            return sock

    class TlsConnection(Connection, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: t.Any, **options: t.Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}

        def proxy_manager_for(self, proxy: t.Any, **options: t.Any) -> t.Any:
            manager = super().proxy_manager_for(proxy, **options)
            manager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme
            return manager

    return Adapter()


def _check_size(size: int) -> None:
    if size > LARGEST_ANSWER:
        raise Cut(f"its answer is larger than {LARGEST_ANSWER >> 20} MiB")


def _pause(retry_after: str | None) -> float:
    """Read Retry-After, where it is a number of seconds."""
    text = (retry_after or "").strip()
    return min(float(text), LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _causes(error: BaseException | None) -> t.Iterator[BaseException]:
    while error is not None:
        yield error
        reason = getattr(error.args[0], "reason", None) if error.args else None
        error = error.__cause__ or (reason if isinstance(reason, BaseException) else error.__context__)


def _last(error: BaseException) -> str:
    *_before, last = _causes(error)
    return f"{type(last).__name__}: {last}"
