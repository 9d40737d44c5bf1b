# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a client in the process of the test give up soon after the proxy has begun to hang, and not before.

A timeout short enough for every test to wait for would also end requests that are only slow. So the timeout is long,
and is shortened once the proxy hangs.
"""

from __future__ import annotations

import select
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.timeouts import DeadlineSocket
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import HttpTransport

from .exchange import HANGING_CONNECTIONS
from .proxy import REFUSING_PROXIES

# Seconds: for one request, for the wait of one task, and for an answer once the proxy hangs.
REQUEST_TIMEOUT, WAIT_TIMEOUT, HANG_TIMEOUT = 60.0, 120.0, 0.1
CHECK_INTERVAL = 0.01


def end_hanging_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patch the client. It also reports refused connections to the proxy."""
    receive: t.Any = DeadlineSocket.recv_into
    connect: t.Any = HttpTransport._connect

    def recv_into(sock: DeadlineSocket, *arguments: t.Any) -> int:
        connection = (sock.getsockname()[1], sock.getpeername()[1])
        while connection not in HANGING_CONNECTIONS and time.monotonic() < sock.deadline:
            if select.select([sock], [], [], CHECK_INTERVAL)[0]:
                break
        if connection in HANGING_CONNECTIONS:
            sock.deadline = min(sock.deadline, time.monotonic() + HANG_TIMEOUT)
        return int(receive(sock, *arguments))

    def connect_or_report(transport: HttpTransport, seconds: float) -> t.Any:
        try:
            return connect(transport, seconds)
        except ConnectionRefusedError:
            proxy = REFUSING_PROXIES.get(transport._port)
            if proxy:
                proxy.count_refusal()
            raise

    monkeypatch.setattr(DeadlineSocket, "recv_into", recv_into)
    monkeypatch.setattr(HttpTransport, "_connect", connect_or_report)
