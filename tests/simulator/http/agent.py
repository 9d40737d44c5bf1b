# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent that is served on a TCP port and a unix socket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..core.agent import AgentModel
from ..core.dag import Json
from ..core.spec import AgentSpec
from .dispatch import dispatch
from .event_loop import run_in_loop
from .faults import Fault
from .request import Request
from .server import AgentServer

if TYPE_CHECKING:
    from .network import ServedNetwork


class Agent(AgentModel):
    """It is reached at `host` and `port`, and at the path `socket`. `faults` are what goes wrong with its requests."""

    network: ServedNetwork

    def __init__(self, spec: AgentSpec, network: ServedNetwork, *, index: int) -> None:
        super().__init__(spec, network, index=index)
        self.faults: list[Fault] = []
        self.response_delay = spec.response_delay
        self.server = AgentServer(self)

    def call(self, method: str, uri: str, body: Json | None = None) -> tuple[int, Json]:
        """Send a request as over the socket, but without HTTP. The journal does not contain it."""
        encoded = b"" if body is None else json.dumps(body).encode()
        with self.network.lock:
            reply = dispatch(self, Request(method, uri, body=encoded, local=True))
        return reply.status, reply.envelope or {}

    def stop(self) -> None:
        """Reset the connections, refuse new ones, and leave the DAGs as they are until :meth:`start`."""
        run_in_loop(self.server.stop())

    def start(self) -> None:
        """Serve again, and resume the DAGs."""
        run_in_loop(self.server.start())

    def restart(self, seconds: float = 0.5) -> None:
        """Stop, and start again after some seconds. This returns as soon as the agent has stopped."""
        self.stop()
        self.network.start_later(self, seconds)
