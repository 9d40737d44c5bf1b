# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers that he is to be left alone for so many seconds is asked nothing meanwhile."""

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

from ._wire import Exchange, Wire
from .test_deadlines import Dripper, transport

# Longer than any pause between two looks.
INTERVAL = 2.0
# The requests of a task: the key, the DAG, the POST, and the first look at what came of it.
POST, LOOK = 2, 3


def busy_once(sock: socket.socket) -> None:
    with sock, contextlib.suppress(OSError):
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("kind", ["http", "requests", "unix"])
def test_every_connection_reads_it(tmp_path: pathlib.Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s" if kind == "unix" else None
    with Dripper(path, b"") as server:
        monkeypatch.setattr(server, "_serve", busy_once)
        with contextlib.closing(transport(kind, server, path)) as connection:
            assert connection.exchange("GET", "/x", headers={}, body=b"").retry_after == 7


@pytest.mark.parametrize("status", [429, 502, 503])
@pytest.mark.parametrize("at", [POST, LOOK], ids=["post", "wait"])
@pytest.mark.parametrize(("retry_after", "seconds"), [("7", 7), ("3600", 60)])
def test_it_is_slept_out(status: int, at: int, retry_after: str, seconds: float) -> None:
    pauses: list[tuple[int, float]] = []

    def busy(exchange: Exchange) -> None:
        exchange.answer(status, b"", headers=f"Retry-After: {retry_after}\r\n")

    with Simulator([AgentSpec()], speed=50) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"))
        with Wire(simulator.agents[0], {at: busy}) as wire:

            def sleep(pause: float) -> None:
                pauses.append((wire.requests, pause))
                time.sleep(min(pause, 0.02))

            client = ObshellClient(HttpTransport("127.0.0.1", wire.port, timeout=30))
            waiter = Waiter(600, INTERVAL, Deadline(600, sleep=sleep))
            result = operate(client, OperationRequest("ROLLBACK", id=dag_id), waiter)
            client.close()
        assert result["changed"] and result["dag"]["state"] == "SUCCEED"
        assert len([entry for entry in simulator.journal.posts(path_contains=dag_id) if entry.applied]) == 1
    assert [pause for pause in pauses if pause[1] > INTERVAL] == [(at + 1, seconds)]
