# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP ports that stay reserved while nothing listens."""

from __future__ import annotations

import contextlib
import socket

ATTEMPTS = 20


class ReservedPort:
    """One TCP port on some addresses; 0 takes any free one. No other program can bind it until it is closed.

    While nothing listens, connections are refused.
    """

    def __init__(self, hosts: tuple[str, ...] = ("127.0.0.1",), number: int = 0) -> None:
        self._hosts = hosts
        self._reserved = _bind_free(hosts, number)
        for sock in self._reserved:
            # The port may have been closed a moment ago, so it is bound with SO_REUSEADDR. From now on only sockets
            # with SO_REUSEPORT can bind it.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.number = int(self._reserved[0].getsockname()[1])

    def sockets(self) -> list[socket.socket]:
        """One socket for each address, to listen with."""
        return _bind(self._hosts, self.number, shared=True)

    def close(self) -> None:
        for sock in self._reserved:
            sock.close()


def _bind_free(hosts: tuple[str, ...], number: int) -> list[socket.socket]:
    # A port that is free on the first address can be in use on another one. The next attempt finds another port.
    for _attempt in range(ATTEMPTS - 1):
        with contextlib.suppress(OSError):
            return _bind(hosts, number)
    return _bind(hosts, number)


def _bind(hosts: tuple[str, ...], port: int, *, shared: bool = False) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for host in hosts:
            sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
            bound.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind((host, port))
            port = sock.getsockname()[1]
    except OSError:
        for sock in bound:
            sock.close()
        raise
    return bound
