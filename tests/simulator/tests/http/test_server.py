# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports and connections while an agent is served, stopped and started again."""

from __future__ import annotations

import concurrent.futures
import contextlib
import socket
import threading
import time

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import fetch_key
from ansible_collections.oceanbase.obshell.tests.simulator.tests.client import get


def test_a_restarted_agent_resumes_its_dag() -> None:
    with Simulator(speed=100) as simulator:
        agent = simulator.agents[0]
        port, key = agent.port, agent.key
        delay = Delay(node="Start observer", ticks=FOREVER)
        simulator.delays.append(delay)
        dag_id = simulator.start_init()
        agent.stop()
        with pytest.raises(ConnectionRefusedError):
            fetch_key(agent.host, port)
        assert agent.dag(dag_id)["state"] != "SUCCEED"
        agent.start()
        delay.ticks = 0
        deadline = time.monotonic() + 120
        while agent.dag(dag_id)["state"] != "SUCCEED" and time.monotonic() < deadline:
            time.sleep(0.02)
        assert agent.identity == "CLUSTER AGENT"
        assert (agent.port, agent.key) == (port, key)
        assert get(agent, "")[0] == 200


def test_the_port_of_a_stopped_agent_stays_reserved() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        agent.stop()
        with pytest.raises(OSError, match="in use"):
            socket.create_server((agent.host, agent.port))
        agent.start()
        assert get(agent, "")[0] == 200


def test_a_connection_made_while_the_agent_stops_is_closed() -> None:
    with Simulator(speed=0) as simulator, concurrent.futures.ThreadPoolExecutor(3) as pool:
        agent = simulator.agents[0]
        over = threading.Event()

        def connect() -> None:
            while not over.is_set():
                with contextlib.suppress(ConnectionError), socket.create_connection((agent.host, agent.port)) as client:
                    client.settimeout(60)
                    client.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: _\r\n\r\n")
                    client.recv(1)

        clients = [pool.submit(connect) for _client in range(3)]
        for _stop in range(30):
            agent.stop()
            agent.start()
        over.set()
        for client in clients:
            client.result()


def test_several_addresses_with_one_port() -> None:
    with Simulator([AgentSpec(listen=("127.0.0.1", "127.0.0.2"))], speed=0) as simulator:
        port = simulator.agents[0].port
        assert fetch_key("127.0.0.1", port) == fetch_key("127.0.0.2", port)
