# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchanges over https, with certificates, or through a proxy: by requests."""

from __future__ import annotations

import importlib.util
import math
import re
import socket
import ssl
import typing as t

from .._errors import MissingLibrary
from .._ids import Address
from .timeouts import ConnectionGuard, run_with_timeout
from .tls import Trust
from .transport import Response, TimedTransport, causes, check_size, parse_retry_after

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import InsecureRequestWarning, NewConnectionError

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

CHUNK = 2**16
PROXY_ADVICE = (
    "the proxy of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) did not connect to the agent: check the proxy, "
    "list the agent's host in NO_PROXY, or set use_proxy to false"
)


class RequestsTransport(TimedTransport):
    """https, or http through a proxy, by requests.

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
        trust: Trust | None = None,
        proxy: str | None = None,
    ) -> None:
        """Prepare a connection; nothing is sent.

        :param host: name or address, IPv6 without brackets.
        :param timeout: as `limit`, of :class:`TimedTransport`.
        :param trust: certificates, for https; None for http.
        :param proxy: URL of a proxy.
        :raises MissingLibrary: `requests`, or `PySocks` for a SOCKS proxy.
        """
        if not HAS_REQUESTS:
            raise MissingLibrary("requests", "for https, and for a proxy")
        super().__init__(timeout=timeout, limit=limit)
        self.where = f"{'https' if trust else 'http'}://{Address(host, port)}"
        self._trust = trust
        verify = trust is not None and trust.context.verify_mode != ssl.CERT_NONE
        proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._options: dict[str, t.Any] = {"verify": verify, "proxies": proxies, "stream": True}
        if not verify:
            urllib3.disable_warnings(InsecureRequestWarning)
        self._socks = bool(proxy) and str(proxy).startswith("socks")
        if self._socks and importlib.util.find_spec("socks") is None:
            raise MissingLibrary("PySocks", "for a SOCKS proxy")
        if proxy:
            # Without its user and password.
            self._via = f" through the proxy {re.sub('//[^/]*@', '//', proxy)}"
        self._adapter: HTTPAdapter | None = None

    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Response:
        adapter = self._adapter = self._adapter or _adapter(
            self._guard, self._trust.context if self._trust else None, socks=self._socks
        )
        request = requests.Request(method, self.where + uri, headers=headers, data=body).prepare()

        def exchange() -> Response:
            content = bytearray()
            with adapter.send(request, timeout=seconds, **self._options) as response:
                for chunk in response.iter_content(CHUNK):
                    content += chunk
                    check_size(len(content))
            return Response(
                response.status_code, bytes(content), parse_retry_after(response.headers.get("Retry-After"))
            )

        return run_with_timeout(seconds, exchange, self._guard)

    def _explain(self, error: BaseException) -> str:
        *before, last = causes(error)
        no_connection = any(isinstance(cause, NewConnectionError) for cause in before)
        if isinstance(error, requests.exceptions.ProxyError) or (self._socks and no_connection):
            return f"{type(last).__name__}: {last}; {PROXY_ADVICE}"
        explained = super()._explain(error)
        if self._trust and "CERTIFICATE_VERIFY_FAILED" in explained:
            explained += f". It was checked against {self._trust.authorities}"
        return explained

    def close(self) -> None:
        """See :class:`Transport`."""
        super().close()
        adapter, self._adapter = self._adapter, None
        if adapter:
            adapter.close()


def _adapter(guard: ConnectionGuard, context: ssl.SSLContext | None, *, socks: bool) -> HTTPAdapter:
    """Make an adapter of requests whose connections a guard watches, and whose only authorities are the context's."""
    plain, tls = _connection_classes(socks=socks)

    class Connection(plain):  # type: ignore[misc,valid-type]
        def connect(self) -> None:
            with guard.connecting():
                super().connect()

        def _new_conn(self) -> socket.socket:
            sock: socket.socket = super()._new_conn()
            guard.watch(sock)
            return sock

    class TlsConnection(Connection, tls):  # type: ignore[misc,valid-type]
        def connect(self) -> None:
            self.ssl_context = context
            super().connect()

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

        def cert_verify(self, conn: t.Any, url: t.Any, verify: t.Any, cert: t.Any) -> None:
            conn.cert_reqs = "CERT_REQUIRED" if verify else "CERT_NONE"

    return Adapter()


def _connection_classes(*, socks: bool) -> tuple[t.Any, t.Any]:
    if not socks:
        return HTTPConnection, HTTPSConnection
    from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

    return SOCKSConnection, SOCKSHTTPSConnection
