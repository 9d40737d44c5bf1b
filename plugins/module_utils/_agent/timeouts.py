# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is cut when its time is up. Time-outs of sockets count each read anew: a drip never meets one."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
import typing as t

Result = t.TypeVar("Result")


class Cut(Exception):
    """An exchange was ended by us: it took too long, or its answer was too large."""


class PunctualSocket(socket.socket):
    """A socket each step of which takes no longer than until `end`, a moment of the monotonic clock."""

    end = math.inf

    def sendall(self, data: t.Any, flags: int = 0) -> None:
        """See :class:`socket.socket`."""
        self._hurry()
        super().sendall(data, flags)

    def recv_into(self, buffer: t.Any, nbytes: int = 0, flags: int = 0) -> int:
        """See :class:`socket.socket`."""
        self._hurry()
        return super().recv_into(buffer, nbytes, flags)

    def _hurry(self) -> None:
        left = self.end - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        self.settimeout(left)


class Line:
    """What is known of one connection, shared by the thread that uses it and the one that may cut it."""

    def __init__(self) -> None:
        """Begin without a connection."""
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._is_cut = False
        self._connected = False

    @property
    def may_have_sent(self) -> bool:
        """Whether a request may have gone out: not before the connection, TLS included, has been made."""
        return self._connected

    @contextlib.contextmanager
    def connecting(self) -> t.Iterator[None]:
        """Mark the time in which a connection is made; if that fails, nothing was sent."""
        self._connected = False
        yield
        self._connected = True

    def hold(self, sock: socket.socket) -> None:
        """Keep a hold on a socket, also after TLS has been wrapped around it.

        :raises Cut: it came too late; the socket is closed and nothing may be sent any more.
        """
        with self._lock:
            self._drop()
            if self._is_cut:
                sock.close()
                raise Cut("connected too late")
            self._sock = sock.dup()

    def cut(self) -> None:
        """End the connection for good, whatever another thread does with it."""
        with self._lock:
            self._is_cut = True
            if self._sock:
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
            self._drop()

    def _drop(self) -> None:
        if self._sock:
            self._sock.close()
            self._sock = None


def within(seconds: float, work: t.Callable[[], Result], line: Line) -> Result:
    """Do some work on a line in a thread of its own, and cut the line if that takes too long or is interrupted.

    :raises Cut: the seconds passed.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    finished = False
    try:
        thread.join(seconds)
        finished = not thread.is_alive()
    finally:
        if not finished:
            line.cut()
    if not finished:
        raise Cut("its time is up")
    for error in errors:
        raise error
    return results[0]
