# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that stay their owner's while nobody listens at them."""

from __future__ import annotations

import contextlib
import socket

ATTEMPTS = 20


class Port:
    """One TCP port on each of some addresses, any free one for 0. Nobody else gets it until it is closed.

    Who connects while nobody listens is refused.
    """

    def __init__(self, hosts: tuple[str, ...] = ("127.0.0.1",), number: int = 0) -> None:
        self._hosts = hosts
        # The one that is free on the first address need not be free on the next.
        for _attempt in range(ATTEMPTS - 1):
            with contextlib.suppress(OSError):
                self._held = _bind(hosts, number)
                break
        else:
            self._held = _bind(hosts, number)
        for sock in self._held:
            # In this order it can be bound after one that was closed a moment ago, and then only by who shares it.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.number = int(self._held[0].getsockname()[1])

    def sockets(self) -> list[socket.socket]:
        """One for each address, to listen with."""
        return _bind(self._hosts, self.number, shared=True)

    def close(self) -> None:
        for sock in self._held:
            sock.close()


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
