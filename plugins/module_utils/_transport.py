# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange with an agent: http, https or the node's unix socket. No retry, redirect, or proxy to loopback."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import typing as t

from ._errors import InvalidInput, Unreachable

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.utils import get_environ_proxies
    from urllib3.exceptions import ConnectTimeoutError, InsecureRequestWarning, NewConnectionError

    HAS_REQUESTS = True
    NEVER_SENT = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
except ImportError:
    HAS_REQUESTS = False


class Answer(t.NamedTuple):
    """Status code and undecoded body of one answer."""

    status: int
    body: bytes


class Transport(t.Protocol):
    """What the client needs of a connection."""

    where: str
    trusted: bool

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """Send one request and read its answer.

        :param uri: path and query; sent byte for byte.
        :raises Unreachable: there was no complete answer; its `sent` tells whether the request may have arrived.
        """

    def close(self) -> None:
        """Close the connection."""


class HttpTransport:
    """http or https through requests, one connection kept open.

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
        use_tls: bool = False,
        verify: bool | str = True,
        cert: tuple[str, str] | str | None = None,
    ) -> None:
        """Prepare a connection; nothing is sent.

        :param host: name or address, IPv6 without brackets.
        :param timeout: seconds to connect, and to wait for each part of an answer.
        :param verify: check the server's certificate against the system's authorities, a file of them, or not at all.
        :param cert: the client's certificate and key.
        :raises InvalidInput: the library `requests` is missing.
        """
        if not HAS_REQUESTS:
            raise InvalidInput("the Python library requests is needed to reach an agent over HTTP; a socket needs none")
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.where = f"{'https' if use_tls else 'http'}://{authority}"
        self._adapter = HTTPAdapter()
        self._options: dict[str, t.Any] = {"timeout": timeout, "verify": verify, "cert": cert}
        if not verify:
            urllib3.disable_warnings(InsecureRequestWarning)
        if not _is_loopback(host):
            self._options["proxies"] = get_environ_proxies(self.where)

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """See :class:`Transport`."""
        try:
            request = requests.Request(method, self.where + uri, headers=headers, data=body).prepare()
            answer = self._adapter.send(request, **self._options)
        except (requests.exceptions.RequestException, OSError) as error:
            never_sent = any(isinstance(cause, NEVER_SENT) for cause in _causes(error))
            raise Unreachable(f"{method} {self.where}{uri} failed: {_last(error)}", sent=not never_sent) from error
        return Answer(answer.status_code, answer.content)

    def close(self) -> None:
        """See :class:`Transport`."""
        self._adapter.close()


class SocketTransport:
    """The node's own unix socket: the agent trusts its peer's user ID, so nothing is encrypted."""

    trusted = True

    def __init__(self, path: str, *, timeout: float) -> None:
        """Prepare a connection to the socket at `path`; `timeout` in seconds for each part of an answer."""
        self.where = f"unix:{path}"
        self._connection = _UnixConnection(path, timeout)

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """See :class:`Transport`."""
        sent = self._connection.sock is not None
        try:
            self._connection.connect_once()
            sent = True
            self._connection.request(method, uri, body=body, headers=headers)
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unreachable(f"{method} {self.where}{uri} failed: {error!r}", sent=sent) from error

    def close(self) -> None:
        """See :class:`Transport`."""
        self._connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect_once(self) -> None:
        if self.sock is None:
            self.connect()

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


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
