# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that are kept between two requests."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Transport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_requests import RequestsTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import (
    HttpTransport,
    SocketTransport,
)
from ansible_collections.oceanbase.obshell.tests.simulator import Agent, Simulator

WAYS: dict[str, t.Callable[[Agent], Transport]] = {
    "http": lambda agent: HttpTransport(agent.host, agent.port, timeout=30),
    "socket": lambda agent: SocketTransport(agent.socket, timeout=30),
    "requests": lambda agent: RequestsTransport(agent.host, agent.port, timeout=30),
}


@pytest.mark.parametrize("connect", WAYS.values(), ids=WAYS)
def test_one_that_was_hung_up_is_made_anew(connect: t.Callable[[Agent], Transport]) -> None:
    """As an agent that restarts leaves it. Nothing was sent over it since, so that no request is in doubt."""
    with Simulator() as simulator:
        agent = simulator.agents[0]
        client = ObshellClient(connect(agent))
        client.info()
        agent.stop()
        agent.start()
        assert client.info().identity == "SINGLE"
        client.close()
