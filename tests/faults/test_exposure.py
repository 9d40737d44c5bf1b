# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network sees: no password in the clear, and no request to the address of a redirect."""

from __future__ import annotations

import base64
import socket
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from .exchange import Exchange
from .proxy import FaultyProxy

PASSWORD, AGENT_PASSWORD = "R00t#Secret+pw", "Ag3nt#Secret+pw"


@pytest.mark.parametrize("version", ["4.2.2.0", "4.2.5.0", "4.5.0.0"])
def test_a_password_is_never_sent_in_clear(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=50) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=PASSWORD)
        with FaultyProxy(simulator.agents[0]) as proxy:
            options: dict[str, t.Any] = {"port": proxy.port, "password": PASSWORD, "agent_password": AGENT_PASSWORD}
            result = task("obshell_dag", **options, name="Initialize cluster", operator="ROLLBACK")
        assert result["applied"] is True
        sent = b"".join(proxy.received)
    for password in (PASSWORD, AGENT_PASSWORD):
        assert password.encode() not in sent
        assert base64.b64encode(password.encode()) not in sent
    assert (b"ROLLBACK" in sent) == (version == "4.2.2.0")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("at", range(4), ids=["key", "read", "post", "wait"])
def test_a_redirect_is_never_followed(status: int, at: int) -> None:
    with (
        Simulator([AgentSpec()], speed=50) as simulator,
        socket.create_server(("127.0.0.1", 0)) as elsewhere,
    ):
        location = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/api/v1/secret"
        elsewhere.setblocking(False)

        def redirect(exchange: Exchange) -> None:
            exchange.answer(status, b"", headers=f"Location: {location}\r\n")

        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=PASSWORD)
        with FaultyProxy(simulator.agents[0], {at: redirect}) as proxy:
            task("obshell_dag", port=proxy.port, password=PASSWORD, id=dag_id, operator="ROLLBACK")
            assert proxy.requests > at
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
