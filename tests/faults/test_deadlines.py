# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No call outlives its time, whatever the wire does; nothing is sent once it is over."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.timeouts import (
    Aborted,
    ConnectionGuard,
    run_with_timeout,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Transport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_requests import RequestsTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import (
    HttpTransport,
    SocketTransport,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ._faults import drip_head
from ._wire import Exchange, Wire

# Seconds: those that an exchange may take here are enough for a busy machine to connect, and what drips takes a hundred
# times as long. Between them is what a call may come late.
TIMEOUT, LATE, LONG = 6.0, 60.0, 300.0
DRIP, MUCH = 0.01, 60_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MUCH
DRIPS = {"head": b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * MUCH, "body": HEAD + b" " * MUCH, "continue": b""}


class Dripper:
    """A server that answers whatever comes with a byte every few milliseconds; `received` is what came."""

    def __init__(self, path: pathlib.Path | None, drip: bytes) -> None:
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen()
        self.received = b""
        self.asked = threading.Event()
        self._drip = drip
        self._stopped = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Dripper:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _address = self.listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            self.received += sock.recv(65536)
            self.asked.set()
            sent = 0
            while not self._stopped.wait(DRIP):
                if self._drip:
                    sock.send(self._drip[sent : sent + 1])
                    sent += 1
                else:
                    sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def bounded(seconds: float, begin: float) -> None:
    assert time.monotonic() - begin < seconds + LATE


def transport(
    kind: str, server: Dripper, path: pathlib.Path | None, *, timeout: float = LONG, **options: t.Any
) -> Transport:
    if path:
        return SocketTransport(str(path), timeout=timeout, **options)
    host, port = server.listener.getsockname()
    if kind == "requests":
        asked = {"use_tls": False, "verify": True, "cert": None, "proxies": {}, **options}
        return RequestsTransport(host, port, timeout=timeout, **asked)
    return HttpTransport(host, port, timeout=timeout, **options)


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("kind", ["http", "requests", "unix"])
def test_one_exchange_ends_in_time(tmp_path: pathlib.Path, kind: str, drip: str) -> None:
    path = tmp_path / "s" if kind == "unix" else None
    with Dripper(path, DRIPS[drip]) as server:
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="no complete response within") as caught:
            transport(kind, server, path, timeout=TIMEOUT).exchange("POST", "/x", headers={}, body=b"{}")
        bounded(TIMEOUT, begin)
        assert caught.value.sent
        assert server.asked.wait(LONG)
        assert server.received.startswith(b"POST /x")


def test_a_handshake_that_drips_ends_in_time_and_nothing_was_sent() -> None:
    with Dripper(None, b"\x16\x03\x03\x40\x00" + b"\x02" * MUCH) as server:
        begin = time.monotonic()
        with pytest.raises(Unreachable, match="no connection within") as caught:
            tls = transport("requests", server, None, timeout=1.0, use_tls=True)
            tls.exchange("POST", "/x", headers={}, body=b"{}")
        bounded(1.0, begin)
        assert not caught.value.sent
        assert b"POST" not in server.received


def test_one_call_ends_after_wait_timeout_and_one_request() -> None:
    """Every read after the POST drips: the one that begins before the deadline, and the last look after it."""
    wait_timeout, timeout = 1.0, 15.0
    with Simulator([AgentSpec()], speed=50) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"))
        with Wire(simulator.agents[0], dict.fromkeys(range(3, 50), drip_head)) as wire:
            begin = time.monotonic()
            result = task(
                "obshell_dag",
                port=wire.port,
                timeout=timeout,
                wait_timeout=wait_timeout,
                id=dag_id,
                operator="ROLLBACK",
            )
            # Two of them would take longer, and one leaves room for a busy machine.
            assert time.monotonic() - begin < wait_timeout + 1.8 * timeout
        assert result["failed"] and result["applied"] is True
        assert "this task again to resume waiting" in result["msg"]


@pytest.mark.parametrize("elapsed", [0.0, 100.0], ids=["at once", "in a later slice"])
def test_answers_that_come_just_in_time_do_not_add_up(elapsed: float) -> None:
    """Two of them take longer than a whole call may: it ends within the second, and has sent no operator."""
    wait_timeout, timeout = 0.3, 4.0

    def late(exchange: Exchange) -> None:
        time.sleep(0.75 * timeout)
        exchange.pass_on()

    with Simulator([AgentSpec()], speed=50) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"))
        simulator.journal.clear()
        with Wire(simulator.agents[0], dict.fromkeys(range(50), late)) as wire:
            begin = time.monotonic()
            result = task(
                "obshell_dag",
                port=wire.port,
                timeout=timeout,
                wait_timeout=elapsed + wait_timeout,
                _slice={"already_elapsed": elapsed},
                id=dag_id,
                operator="ROLLBACK",
            )
            bounded(wait_timeout + timeout, begin)
            assert wire.requests <= 2
        assert result["failed"] and not result["changed"]
        assert simulator.journal.posts() == []


def test_silent_agents_do_not_add_up() -> None:
    """One after the other is asked; when the time of the whole call is over, the next ones are not."""
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
        # All six would take twice as long.
        assert time.monotonic() - begin < wait_timeout + 3 * timeout
        assert result["failed"] and not result["changed"]
        agents[0].settimeout(LONG)
        agents[0].accept()[0].close()
        agents[-1].setblocking(False)
        with pytest.raises(BlockingIOError):
            agents[-1].accept()


def test_after_the_limit_nothing_is_sent() -> None:
    with Dripper(None, DRIPS["head"]) as server, pytest.raises(Unreachable, match="no time is left") as caught:
        transport("http", server, None, limit=0).exchange("POST", "/x", headers={}, body=b"{}")
    assert not caught.value.sent
    assert server.received == b""


@pytest.mark.parametrize("begun", [True, False], ids=["connecting", "not yet begun"])
def test_what_connects_too_late_sends_nothing(begun: bool) -> None:
    """A name that resolves slowly, or several addresses that do not answer, cannot be interrupted."""
    guard, slow, connecting, connected = ConnectionGuard(), threading.Event(), threading.Event(), threading.Event()
    ours, theirs = socket.socketpair()

    def work() -> None:
        try:
            if not begun:
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
        if begun:
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


@pytest.mark.parametrize("kind", ["http", "requests", "unix"])
def test_an_answer_too_large_is_not_read(tmp_path: pathlib.Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE", 2**20)
    path = tmp_path / "s" if kind == "unix" else None
    with Dripper(path, b"") as server:
        monkeypatch.setattr(server, "_serve", send_much)
        with pytest.raises(Unreachable, match="larger than 1 MiB"):
            transport(kind, server, path).exchange("GET", "/x", headers={}, body=b"")
