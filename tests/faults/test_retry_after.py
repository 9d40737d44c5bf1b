# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After an answer with Retry-After, the client sends nothing for so many seconds."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import time

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import HttpTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.operate import operate
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import OperationRequest
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import Waiter
from ansible_collections.oceanbase.obshell.plugins.module_utils._polling import Deadline
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from .exchange import Exchange
from .proxy import FaultyProxy
from .slow_server import TRANSPORTS, SlowServer, connect

# Longer than any pause between two polls.
INTERVAL = 2.0
# The requests of a task: read the key, read the DAG, send the operator, and read the DAG again.
POST, POLL = 2, 3


def busy_once(sock: socket.socket) -> None:
    with sock, contextlib.suppress(OSError):
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("kind", TRANSPORTS)
def test_every_transport_reads_it(tmp_path: pathlib.Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s" if kind == "unix" else None
    with SlowServer(path, b"") as server:
        monkeypatch.setattr(server, "_serve", busy_once)
        with contextlib.closing(connect(kind, server, path)) as connection:
            assert connection.exchange("GET", "/x", headers={}, body=b"").retry_after == 7


@pytest.mark.parametrize("status", [429, 502, 503])
@pytest.mark.parametrize("at", [POST, POLL], ids=["post", "wait"])
@pytest.mark.parametrize(("retry_after", "seconds"), [("7", 7), ("3600", 60)])
def test_the_client_pauses(status: int, at: int, retry_after: str, seconds: float) -> None:
    pauses: list[tuple[int, float]] = []

    def busy(exchange: Exchange) -> None:
        exchange.answer(status, b"", headers=f"Retry-After: {retry_after}\r\n")

    with Simulator([AgentSpec()], speed=50) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"))
        with FaultyProxy(simulator.agents[0], {at: busy}) as proxy:

            def sleep(pause: float) -> None:
                pauses.append((proxy.requests, pause))
                time.sleep(min(pause, 0.02))

            client = ObshellClient(HttpTransport("127.0.0.1", proxy.port, timeout=30))
            waiter = Waiter(600, INTERVAL, Deadline(600, sleep=sleep))
            result = operate(client, OperationRequest("ROLLBACK", id=dag_id), waiter)
            client.close()
        assert result["changed"] and result["dag"]["state"] == "SUCCEED"
        assert len([entry for entry in simulator.journal.posts(path_contains=dag_id) if entry.applied]) == 1
    assert [pause for pause in pauses if pause[1] > INTERVAL] == [(at + 1, seconds)]
