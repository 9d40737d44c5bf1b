# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each call ends at its deadline, whatever the network does, and sends nothing after it."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
import time

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.timeouts import (
    Aborted,
    ConnectionGuard,
    run_with_timeout,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.tls import make_trust
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from .exchange import Exchange
from .faults import drip_head
from .proxy import FaultyProxy
from .slow_server import LONG, TRANSPORTS, SlowServer, connect

# Seconds: the timeout of one request, in which a busy machine can connect, and how late a client may give up. A
# slow answer takes a hundred times as long.
TIMEOUT, TOLERANCE = 6.0, 60.0
MUCH = 60_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MUCH
SLOW_ANSWERS = {"head": b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * MUCH, "body": HEAD + b" " * MUCH, "continue": b""}


def assert_ended_within(seconds: float, begin: float) -> None:
    assert time.monotonic() - begin < seconds + TOLERANCE


@pytest.mark.parametrize("slow", SLOW_ANSWERS)
@pytest.mark.parametrize("kind", TRANSPORTS)
def test_one_request_ends_in_time(tmp_path: pathlib.Path, kind: str, slow: str) -> None:
    path = tmp_path / "s" if kind == "unix" else None
    with SlowServer(path, SLOW_ANSWERS[slow]) as server:
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="no complete response within") as caught:
            connect(kind, server, path, timeout=TIMEOUT).exchange("POST", "/x", headers={}, body=b"{}")
        assert_ended_within(TIMEOUT, begin)
        assert caught.value.sent
        assert server.has_received.wait(LONG)
        assert server.received.startswith(b"POST /x")


def test_a_slow_tls_handshake_ends_in_time_and_nothing_is_sent() -> None:
    trust = make_trust(verify=True, ca_path=None, client_cert=None, client_key=None)
    with SlowServer(None, b"\x16\x03\x03\x40\x00" + b"\x02" * MUCH) as server:
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="no connection within") as caught:
            tls = connect("requests", server, None, timeout=1.0, trust=trust)
            tls.exchange("POST", "/x", headers={}, body=b"{}")
        assert_ended_within(1.0, begin)
        assert not caught.value.sent
        assert b"POST" not in server.received


def test_a_task_ends_after_wait_timeout_and_one_request() -> None:
    """Each read after the POST is slow: the one that begins before the deadline, and the last one after it."""
    wait_timeout, timeout = 1.0, 15.0
    with Simulator([AgentSpec()], speed=50) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"))
        with FaultyProxy(simulator.agents[0], dict.fromkeys(range(3, 50), drip_head)) as proxy:
            begin = time.monotonic()
            result = task(
                "obshell_dag",
                port=proxy.port,
                timeout=timeout,
                wait_timeout=wait_timeout,
                id=dag_id,
                operator="ROLLBACK",
            )
            # Two slow reads take longer. One leaves time for a busy machine.
            assert time.monotonic() - begin < wait_timeout + 1.8 * timeout
        assert result["failed"] and result["applied"] is True
        assert "this task again to resume waiting" in result["msg"]


@pytest.mark.parametrize("elapsed", [0.0, 100.0], ids=["at once", "in a later time slice"])
def test_answers_just_within_their_timeout_do_not_add_up(elapsed: float) -> None:
    """Two such answers take longer than the task may take: it ends during the second one and sends no operator."""
    wait_timeout, timeout = 0.3, 4.0

    def late(exchange: Exchange) -> None:
        time.sleep(0.75 * timeout)
        exchange.pass_through()

    with Simulator([AgentSpec()], speed=50) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"))
        simulator.journal.clear()
        with FaultyProxy(simulator.agents[0], dict.fromkeys(range(50), late)) as proxy:
            begin = time.monotonic()
            result = task(
                "obshell_dag",
                port=proxy.port,
                timeout=timeout,
                wait_timeout=elapsed + wait_timeout,
                _slice={"already_elapsed": elapsed},
                id=dag_id,
                operator="ROLLBACK",
            )
            assert_ended_within(wait_timeout + timeout, begin)
            assert proxy.requests <= 2
        assert result["failed"] and not result["changed"]
        assert simulator.journal.posts() == []


def test_silent_agents_do_not_add_up() -> None:
    """The task asks one agent after the other. After its deadline it asks no other one."""
    wait_timeout, timeout = 0.3, 6.0
    with contextlib.ExitStack() as stack:
        agents = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _agent in range(6)]
        servers = [{"host": "127.0.0.1", "port": agent.getsockname()[1], "zone": "zone1"} for agent in agents]
        begin = time.monotonic()
        result = task(
            "obshell_cluster",
            name="obdemo",
            cluster_id=1,
            root_password="R00t#Secret+pw",
            servers=servers,
            timeout=timeout,
            wait_timeout=wait_timeout,
        )
        # Six requests take twice as long.
        assert time.monotonic() - begin < wait_timeout + 3 * timeout
        assert result["failed"] and not result["changed"]
        agents[0].settimeout(LONG)
        agents[0].accept()[0].close()
        agents[-1].setblocking(False)
        with pytest.raises(BlockingIOError):
            agents[-1].accept()


def test_after_the_deadline_nothing_is_sent() -> None:
    with (
        SlowServer(None, SLOW_ANSWERS["head"]) as server,
        pytest.raises(Unreachable, match="no time is left") as caught,
    ):
        connect("http", server, None, limit=0).exchange("POST", "/x", headers={}, body=b"{}")
    assert not caught.value.sent
    assert server.received == b""


@pytest.mark.parametrize("started", [True, False], ids=["connecting", "not started"])
def test_a_client_that_connects_too_late_sends_nothing(started: bool) -> None:
    """A slow name resolution, or several addresses that do not answer, cannot be interrupted."""
    guard, slow, connecting, connected = ConnectionGuard(), threading.Event(), threading.Event(), threading.Event()
    ours, theirs = socket.socketpair()

    def work() -> None:
        try:
            if not started:
                slow.wait(LONG)
            with guard.connecting():
                connecting.set()
                slow.wait(LONG)
                guard.watch(ours)
            ours.send(b"POST")
        finally:
            connected.set()

    with theirs:
        with pytest.raises(Aborted):
            run_with_timeout(0.05, work, guard)
        if started:
            assert connecting.wait(LONG)
        assert not guard.may_have_sent
        slow.set()
        assert connected.wait(LONG)
        assert not guard.may_have_sent
        assert theirs.recv(4) == b""


def send_much(sock: socket.socket) -> None:
    with sock, contextlib.suppress(OSError):
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b" " * 2**21)


@pytest.mark.parametrize("kind", TRANSPORTS)
def test_an_oversized_answer_is_not_read(tmp_path: pathlib.Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE", 2**20)
    path = tmp_path / "s" if kind == "unix" else None
    with SlowServer(path, b"") as server:
        monkeypatch.setattr(server, "_serve", send_much)
        with pytest.raises(Unreachable, match="larger than 1 MiB"):
            connect(kind, server, path).exchange("GET", "/x", headers={}, body=b"")
