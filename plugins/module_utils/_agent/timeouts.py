# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit for the time of a whole exchange. The time-out of a socket starts again with each byte that arrives."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
import typing as t

Result = t.TypeVar("Result")


class Aborted(Exception):
    """This side ended an exchange: it took too long, or its response was too large."""


class DeadlineSocket(socket.socket):
    """A socket on which no call takes longer than until `deadline`, a moment of the monotonic clock."""

    deadline = math.inf

    def sendall(self, data: t.Any, flags: int = 0) -> None:
        """See :class:`socket.socket`."""
        self._apply_deadline()
        super().sendall(data, flags)

    def recv_into(self, buffer: t.Any, nbytes: int = 0, flags: int = 0) -> int:
        """See :class:`socket.socket`."""
        self._apply_deadline()
        return super().recv_into(buffer, nbytes, flags)

    def _apply_deadline(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        self.settimeout(left)


class ConnectionGuard:
    """One connection, shared by the thread that uses it and the one that may abort it."""

    def __init__(self) -> None:
        """Begin without a connection."""
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._aborted = False
        self._connected = False

    @property
    def may_have_sent(self) -> bool:
        """Whether a request may have been sent: not before the connection, including TLS, is established."""
        return self._connected

    @contextlib.contextmanager
    def connecting(self) -> t.Iterator[None]:
        """Mark the time in which the connection is established; if that fails, nothing was sent."""
        self._connected = False
        yield
        self._connected = True

    def watch(self, sock: socket.socket) -> None:
        """Keep a handle on a socket, to abort it even after TLS has wrapped it.

        :raises Aborted: the connection came too late; the socket is closed and nothing may be sent.
        """
        with self._lock:
            self._release()
            if self._aborted:
                sock.close()
                raise Aborted("connected too late")
            self._sock = sock.dup()

    def abort(self) -> None:
        """End the connection for good, whatever another thread does with it."""
        with self._lock:
            self._aborted = True
            if self._sock:
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
            self._release()

    def _release(self) -> None:
        if self._sock:
            self._sock.close()
            self._sock = None


def run_with_timeout(seconds: float, work: t.Callable[[], Result], guard: ConnectionGuard) -> Result:
    """Run work on a connection in a thread, and abort the connection if that takes too long or is interrupted.

    :raises Aborted: the seconds passed.
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
            guard.abort()
    if not finished:
        raise Aborted("timed out")
    for error in errors:
        raise error
    return results[0]
