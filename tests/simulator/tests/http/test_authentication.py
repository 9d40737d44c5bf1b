# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords, keys, clocks and encrypted bodies."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import Header, fetch_key, send
from ansible_collections.oceanbase.obshell.tests.simulator.tests.client import AGENT, ROOT, UNFINISHED, get


@pytest.mark.parametrize(
    ("identity", "configured", "agent_password", "root_header", "agent_header"),
    [
        ("SINGLE", False, "", 200, 200),
        ("SINGLE", False, "apw", 401, 200),
        ("MASTER", False, "apw", 401, 200),
        ("MASTER", True, "apw", 200, 200),
        ("MASTER", True, "", 200, 401),
        ("CLUSTER AGENT", True, "apw", 200, 200),
    ],
)
def test_the_accepted_password(
    identity: str, configured: bool, agent_password: str, root_header: int, agent_header: int
) -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        agent.identity, agent.agent_password = identity, agent_password
        agent.root_password = "rpw" if configured else ""
        assert get(agent, agent.root_password)[0] == root_header
        assert get(agent, "apw", header=AGENT)[0] == agent_header


def test_an_unconfigured_master_accepts_only_the_empty_password() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        agent.identity = "MASTER"
        assert [get(agent, password)[0] for password in ("", "any")] == [200, 401]


def test_a_follower_accepts_only_the_root_header() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Create observer workdir"), root_password="rpw")
        follower = simulator.agents[1]
        assert get(follower, "rpw")[0] == 200
        assert get(follower, "apw", header=AGENT)[0] == 500
        assert simulator.journal.entries[1].forwarded_to == simulator.agents[0].address


def test_a_follower_verifies_its_agent_password_for_what_names_an_obproxy() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as simulator:
        simulator.form_cluster(root_password="rpw")
        follower = simulator.agents[1]
        uri = f"/api/v1/task/node/{follower.format_id('obproxy', 1)}"
        assert get(follower, "apw", header=AGENT, uri=uri)[0] == 401
        follower.agent_password = "apw"
        assert get(follower, "apw", header=AGENT, uri=uri)[0] == 404
        assert get(follower, "other", header=AGENT, uri=uri)[0] == 401
        assert get(follower, "rpw", uri=uri)[0] == 401
        assert {entry.forwarded_to for entry in simulator.journal.entries} == {""}


def test_a_header_for_the_old_key() -> None:
    with Simulator([AgentSpec(), AgentSpec(version="4.2.5.0")], speed=0) as simulator:
        for agent in simulator.agents:
            old = fetch_key(agent.host, agent.port)
            agent.rotate_key()
            status, answer = send(agent.host, agent.port, "GET", UNFINISHED, header=Header(ROOT, ""), key=old)
            assert (status, answer["error"]["code"]) == (401, 1 if agent.version.error_codes else 10008)
            assert get(agent, "")[0] == 200


def test_the_clock_of_the_agent() -> None:
    with Simulator([AgentSpec(root_password="rpw", clock_offset=3600)], speed=0) as simulator:
        agent = simulator.agents[0]
        agent.identity = "MASTER"
        assert err_code(get(agent, "rpw")) == "Security.Authentication.Expired"
        agent.clock.offset = -3600
        assert get(agent, "rpw")[0] == 200


def err_code(answer: tuple[int, Any]) -> str:
    return str(answer[1]["error"]["errCode"])


@pytest.mark.parametrize(("encrypted", "expected"), [(True, 204), (False, 500)])
def test_with_a_header_the_body_is_encrypted(encrypted: bool, expected: int) -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        body = agent.location.as_dict()
        header = Header(ROOT, "", encrypt_body=encrypted)
        assert send(agent.host, agent.port, "DELETE", "/api/v1/agent", body=body, header=header)[0] == expected
        assert simulator.journal.entries[-1].body == (body if encrypted else None)


def test_version_1_of_the_authentication() -> None:
    with Simulator([AgentSpec(version="4.2.2.0", root_password="rpw")], speed=0) as simulator:
        agent = simulator.agents[0]
        agent.identity = "MASTER"
        key = fetch_key(agent.host, agent.port)
        for password, expected in (("rpw", 200), ("other", 401)):
            header = key.encrypt(json.dumps({"password": password, "ts": int(time.time()) + 60}))
            connection = http.client.HTTPConnection(agent.host, agent.port)
            connection.request("GET", UNFINISHED, headers={"X-OCS-Auth": header})
            assert connection.getresponse().status == expected
            connection.close()
        assert [entry.auth for entry in simulator.journal.find(path_contains="unfinish")] == ["v1", "v1"]
        assert get(agent, "rpw")[0] == 401
