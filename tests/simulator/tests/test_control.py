# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each request of the control API."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.control import ControlServer
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import fetch_key


@pytest.fixture(name="simulator")
def fixture_simulator() -> Iterator[Simulator]:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as simulator:
        yield simulator


@pytest.fixture(name="control")
def fixture_control(simulator: Simulator) -> Iterator[ControlServer]:
    with ControlServer(simulator) as control:
        control.start(0)
        yield control


def send(control: ControlServer, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(control.url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_a_preset_with_an_obstacle(simulator: Simulator, control: ControlServer) -> None:
    obstacle = {"node": "Start observer", "logs": ["ERROR: no"]}
    dag_id = send(control, "POST", "/preset", {"name": "fail_init", "obstacle": obstacle})["id"]
    assert simulator.agents[0].dag(dag_id)["state"] == "FAILED"
    assert [found["node"] for found in send(control, "GET", "/obstacles")] == ["Start observer"]
    assert [agent["identity"] for agent in send(control, "GET", "/agents")] == ["MASTER", "FOLLOWER"]


def test_time_passes_and_a_delay_holds_a_node(simulator: Simulator, control: ControlServer) -> None:
    send(control, "POST", "/delays", {"node": "Start observer", "ticks": 1000})
    dag_id = send(control, "POST", "/preset", {"name": "start_init"})["id"]
    send(control, "POST", "/tick", {"times": 50})
    assert simulator.agents[0].engine.dags[-1].current_node.name == "Start observer"
    assert simulator.agents[0].dag(dag_id)["state"] == "RUNNING"


def test_obstacles_delays_and_the_journal_can_be_cleared(simulator: Simulator, control: ControlServer) -> None:
    fetch_key(simulator.agents[0].host, simulator.agents[0].port)
    assert [entry["uri"] for entry in send(control, "GET", "/journal")] == ["/api/v1/secret"]
    send(control, "POST", "/obstacles", {"node": "Start observer", "times": 1})
    send(control, "POST", "/delays", {"node": "Start observer"})
    for path in ("/journal", "/obstacles", "/delays"):
        send(control, "DELETE", path)
    assert (simulator.journal.entries, simulator.obstacles, simulator.delays) == ([], [], [])


def test_the_requests_that_started_a_storm(simulator: Simulator, control: ControlServer) -> None:
    simulator.allow_storms = True
    send(control, "POST", "/preset", {"name": "form_cluster"})
    assert send(control, "GET", "/storms") == []
    agent = simulator.agents[0]
    assert agent.call("GET", "/api/v1/task/dag/14")[0] == 500
    assert send(control, "GET", "/storms") == [f"GET /api/v1/task/dag/14 at {agent.address}"]


def test_one_agent_is_disturbed(simulator: Simulator, control: ControlServer) -> None:
    first, second = simulator.agents
    key = second.key
    send(control, "POST", "/faults", {"agent": 1, "kind": "reset", "times": 2})
    send(control, "POST", "/clock", {"agent": 1, "offset": 3600})
    send(control, "POST", "/rotate_key", {"agent": 1})
    send(control, "POST", "/restart", {"agent": 1, "seconds": 600})
    assert ([fault.times for fault in second.faults], second.clock.offset, second.down) == ([2], 3600, True)
    assert second.key != key
    assert (first.faults, first.clock.offset, first.down) == ([], 0, False)


def test_a_failed_dag_of_a_cluster(simulator: Simulator, control: ControlServer) -> None:
    preset = {"name": "create_dag", "job": "create_tenant", "obstacle": {"node": "Create tenant"}}
    dag_id = send(control, "POST", "/preset", preset)["id"]
    assert dag_id == "11"
    assert simulator.agents[1].dag(dag_id)["state"] == "FAILED"
