# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is kept between requests, and that the agent may close at any time."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import HttpTransport

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def read_request(stream: t.BinaryIO) -> bool:
    """Read one whole request, which may come in several pieces; return whether there was one."""
    line, length = stream.readline(), 0
    if not line:
        return False
    while line.strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
        line = stream.readline()
    stream.read(length)
    return True


@contextlib.contextmanager
def server(*, closes: bool) -> t.Iterator[tuple[int, list[int]]]:
    """Serve on a port; with `closes`, end each connection after one answer. Yields the requests of each connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    requests: list[int] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listener.accept()
                requests.append(0)
                with connection, connection.makefile("rb") as stream:
                    while read_request(stream):
                        requests[-1] += 1
                        connection.sendall(ANSWER)
                        if closes:
                            break

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], requests
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        listener.close()


@pytest.mark.parametrize(("closes", "expected"), [(False, [2]), (True, [1, 1])])
def test_a_connection_is_kept_until_the_agent_closes_it(closes: bool, expected: list[int]) -> None:
    """A request over a closed connection may or may not have arrived, so a POST must not be sent over it."""
    with server(closes=closes) as (port, requests):
        transport = HttpTransport("127.0.0.1", port, timeout=10)
        assert transport.exchange("GET", "/", headers={}, body=b"").status == 200
        kept = t.cast("t.Any", transport)._connection.sock
        assert bool(select.select([kept], [], [], 10 if closes else 0)[0]) == closes
        assert transport.exchange("POST", "/", headers={}, body=b"{}").status == 200
        transport.close()
    assert requests == expected
