# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchanges over https, with certificates, or through a proxy: by requests."""

from __future__ import annotations

import math
import socket
import typing as t

from .._errors import MissingLibrary
from .._ids import Address
from .timeouts import ConnectionGuard, run_with_timeout
from .transport import Response, TimedTransport, check_size, parse_retry_after

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import InsecureRequestWarning

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

CHUNK = 2**16


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
        use_tls: bool,
        verify: bool | str,
        cert: tuple[str, str] | str | None,
        proxies: dict[str, str],
    ) -> None:
        """Prepare a connection; nothing is sent.

        :param host: name or address, IPv6 without brackets.
        :param timeout: as `limit`, of :class:`TimedTransport`.
        :param verify: check the server's certificate against the system's authorities, a file of them, or not at all.
        :param cert: the client's certificate and key.
        :param proxies: by scheme.
        :raises MissingLibrary: `requests`.
        """
        if not HAS_REQUESTS:
            raise MissingLibrary("requests", "for https, and for a proxy")
        super().__init__(timeout=timeout, limit=limit)
        self.where = f"{'https' if use_tls else 'http'}://{Address(host, port)}"
        self._options: dict[str, t.Any] = {"verify": verify, "cert": cert, "proxies": proxies, "stream": True}
        if not verify:
            urllib3.disable_warnings(InsecureRequestWarning)
        self._adapter: HTTPAdapter | None = None

    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Response:
        adapter = self._adapter = self._adapter or _adapter(self._guard)
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

    def close(self) -> None:
        """See :class:`Transport`."""
        super().close()
        adapter, self._adapter = self._adapter, None
        if adapter:
            adapter.close()


def _adapter(guard: ConnectionGuard) -> HTTPAdapter:
    """Make an adapter of requests whose connections a guard watches."""

    class Connection(HTTPConnection):
        def connect(self) -> None:
            with guard.connecting():
                super().connect()

        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            guard.watch(sock)
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
