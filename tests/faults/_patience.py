# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client in the test's own process that is out of time as soon as an answer hangs, and never for a busy machine.

With a time-out short enough to be waited for in every test, what is only slow would meet it too. So the time-out is
long, and brought forward once the wire has begun to hang.
"""

from __future__ import annotations

import select
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.timeouts import DeadlineSocket
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import HttpTransport

from ._wire import HANGING, REFUSING

# Seconds for one request, for the wait of one task, and for an answer that hangs.
REQUEST, WAIT, HANG = 60.0, 120.0, 0.1
LOOK = 0.01


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do so from now on, and tell a wire whom it has turned away."""
    receive: t.Any = DeadlineSocket.recv_into
    connect: t.Any = HttpTransport._connect

    def recv_into(sock: DeadlineSocket, *arguments: t.Any) -> int:
        ends = (sock.getsockname()[1], sock.getpeername()[1])
        while ends not in HANGING and time.monotonic() < sock.deadline and not select.select([sock], [], [], LOOK)[0]:
            pass
        if ends in HANGING:
            sock.deadline = min(sock.deadline, time.monotonic() + HANG)
        return int(receive(sock, *arguments))

    def connect_or_tell(transport: HttpTransport, seconds: float) -> t.Any:
        try:
            return connect(transport, seconds)
        except ConnectionRefusedError:
            wire = REFUSING.get(transport._port)
            if wire:
                wire.turned_away()
            raise

    monkeypatch.setattr(DeadlineSocket, "recv_into", recv_into)
    monkeypatch.setattr(HttpTransport, "_connect", connect_or_tell)
