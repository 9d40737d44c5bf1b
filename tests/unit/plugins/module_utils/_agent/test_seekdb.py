# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client does otherwise with an agent of seekdb, which belongs to no cluster."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    DatabaseUnavailable,
    NotFound,
    Unreachable,
)

OWN, OF_CLUSTER = "22130706433028869", "19"
ADDRESS = {"ip": "127.0.0.1", "port": 2886}
# As recorded; an agent of OceanBase has no type, but a zone.
SEEKDB = {**ADDRESS, "identity": "CLUSTER AGENT", "type": "seekdb", "version": "4.5.0.0-1", "security": False}
OCEANBASE = {**ADDRESS, "identity": "CLUSTER AGENT", "zone": "zone1", "version": "4.5.0.0-1", "security": False}


class Agent:
    """An agent whose database is down. Without `info` it fails to answer that route."""

    where, trusted = "the agent", True

    def __init__(self, info: dict[str, t.Any] | None) -> None:
        self.asked: list[str] = []
        status = {"agent": {**ADDRESS, "identity": "CLUSTER AGENT"}, "version": "4.5.0.0-1", "obState": 0}
        dag = {"id": OWN, "name": "Stop seekdb", "state": "SUCCEED", "operator": "RUN", "stage": 1, "max_stage": 1}
        dag["start_time"] = ""
        self.answers = {"/status": status, "/info": info, f"/task/dag/{OWN}": dag, f"/task/dag/{OF_CLUSTER}": dag}

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        route = uri.removeprefix("/api/v1").partition("?")[0]
        self.asked.append(route)
        data = self.answers.get(route)
        status = 200 if data else 500
        envelope = {"successful": bool(data), "data": data, "error": {"message": "unable to open database file"}}
        return Response(status, json.dumps(envelope).encode())

    def close(self) -> None:
        """Nothing is open."""


def read(info: dict[str, t.Any] | None, dag_id: str) -> tuple[ObshellClient, Agent]:
    agent = Agent(info)
    client = ObshellClient(agent)
    client.get_dag(dag_id, details=False)
    return client, agent


@pytest.mark.parametrize(
    ("raw", "expected", "is_seekdb"),
    [(SEEKDB, "seekdb", True), (OCEANBASE, "oceanbase", False), ({**SEEKDB, "type": "other"}, "other", False)],
)
def test_type(raw: dict[str, t.Any], expected: str, is_seekdb: bool) -> None:
    info = AgentInfo.from_api(raw)
    assert (info.type, info.is_seekdb) == (expected, is_seekdb)
    assert info.zone == raw.get("zone", "")


def test_its_own_dags_are_read_without_its_database() -> None:
    """It asks no other agent, so that it cannot flood any."""
    _client, agent = read(SEEKDB, OWN)
    assert agent.asked == ["/status", "/info", f"/task/dag/{OWN}"]


def test_its_type_is_asked_for_once() -> None:
    client, agent = read(SEEKDB, OWN)
    assert client.is_seekdb
    assert agent.asked.count("/info") == 1


@pytest.mark.parametrize("info", [OCEANBASE, None])
@pytest.mark.parametrize(("dag_id", "error"), [(OWN, NotFound), (OF_CLUSTER, DatabaseUnavailable)])
def test_those_of_another_agent_are_not(
    info: dict[str, t.Any] | None, dag_id: str, error: type[NotFound | DatabaseUnavailable]
) -> None:
    """Also if it cannot be known what the agent manages."""
    agent = Agent(info)
    with pytest.raises(error, match="can bring down"):
        ObshellClient(agent).get_dag(dag_id, details=False)
    assert f"/task/dag/{dag_id}" not in agent.asked


def test_a_cluster_dag_is_not_taken_for_one_of_its_own() -> None:
    with pytest.raises(NotFound, match=f"has no cluster DAGs.*use its ID {OWN}"):
        read(SEEKDB, OF_CLUSTER)


def test_another_answer_than_asked_for_is_unexpected() -> None:
    agent = Agent(SEEKDB)
    agent.answers[f"/task/dag/{OWN}8"] = agent.answers[f"/task/dag/{OWN}"]
    with pytest.raises(Unreachable, match="unexpected response"):
        ObshellClient(agent).get_dag(f"{OWN}8", details=False)


def test_an_agent_that_does_not_say_what_it_manages_is_not_of_seekdb() -> None:
    with pytest.raises(AgentError):
        ObshellClient(Agent(None)).info()
    assert not ObshellClient(Agent(None)).is_seekdb
