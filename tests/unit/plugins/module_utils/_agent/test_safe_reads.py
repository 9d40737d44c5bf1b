# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A read that can bring down the agents of a cluster never leaves the client."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    DatabaseUnavailable,
    NotFound,
    ObshellError,
)

OWN, OF_ANOTHER, OF_CLUSTER = "22130706433028869", "23232235777028869", "14"


class Agent:
    """A connection to an agent with this version, identity and state of its database. It has one DAG."""

    where, trusted = "the agent", True

    def __init__(self, version: str, identity: str, observer_state: int) -> None:
        self.asked: list[str] = []
        self.status = {
            "agent": {"ip": "127.0.0.1", "port": 2886, "identity": identity},
            "version": version,
            "state": 2,
            "obState": observer_state,
        }

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        route = uri.removeprefix("/api/v1").partition("?")[0]
        self.asked.append(route)
        if route == "/status":
            return self._answer(200, self.status)
        if route == "/task/dag/unfinish":
            return self._answer(200, {"contents": [dag(OWN), dag(OF_CLUSTER)]})
        return self._answer(404, None)

    def _answer(self, status: int, data: t.Any) -> Response:
        envelope = {"successful": status < 400, "data": data, "error": {"message": "record not found"}}
        return Response(status, json.dumps(envelope).encode())

    def close(self) -> None:
        pass


def dag(dag_id: str) -> dict[str, t.Any]:
    return {
        "id": dag_id,
        "name": "Initialize cluster",
        "state": "FAILED",
        "operator": "RUN",
        "start_time": "",
        "stage": 1,
        "max_stage": 1,
    }


def asked(agent: Agent, dag_id: str, *, listed: bool = False) -> tuple[bool, type[ObshellError]]:
    """Whether the agent was asked for the DAG, and the error of that."""
    client = ObshellClient(agent)
    if listed:
        client.list_dags("dag/unfinish", details=False)
    with pytest.raises(ObshellError) as caught:
        client.get_dag(dag_id)
    return f"/task/dag/{dag_id}" in agent.asked, caught.type


@pytest.mark.parametrize("dag_id", [OWN, OF_ANOTHER, OF_CLUSTER])
@pytest.mark.parametrize(
    ("version", "identity"), [("4.2.5.0-1", "MASTER"), ("4.2.3.0-1", "CLUSTER AGENT"), ("4.5.0.0-1", "SINGLE")]
)
def test_an_agent_that_never_floods_is_asked_for_anything(version: str, identity: str, dag_id: str) -> None:
    assert asked(Agent(version, identity, 0), dag_id) == (True, AgentError)


@pytest.mark.parametrize("version", ["4.2.6.0-1", "4.3.0.0-1", "4.3.2.0-1", "4.4.2.0-1", "4.5.0.0-1", "5.0", ""])
@pytest.mark.parametrize("identity", ["MASTER", "FOLLOWER", "CLUSTER AGENT", ""])
@pytest.mark.parametrize("observer_state", [0, 1, 2])
def test_without_a_database_only_listed_dags_of_agents_are_read(
    version: str, identity: str, observer_state: int
) -> None:
    for dag_id, error in ((OWN, NotFound), (OF_ANOTHER, NotFound), (OF_CLUSTER, DatabaseUnavailable)):
        assert asked(Agent(version, identity, observer_state), dag_id) == (False, error)
    assert asked(Agent(version, identity, observer_state), OWN, listed=True) == (True, AgentError)
    assert asked(Agent(version, identity, observer_state), OF_CLUSTER, listed=True) == (False, DatabaseUnavailable)


def test_with_a_database_its_own_and_cluster_dags_are_read_but_no_unlisted_one_of_another_agent() -> None:
    assert asked(Agent("4.5.0.0-1", "CLUSTER AGENT", 3), OWN) == (True, AgentError)
    assert asked(Agent("4.5.0.0-1", "CLUSTER AGENT", 3), OF_CLUSTER) == (True, AgentError)
    assert asked(Agent("4.5.0.0-1", "CLUSTER AGENT", 3), OF_ANOTHER) == (False, NotFound)


def test_a_dag_that_was_listed_once_but_is_gone_is_not_asked_for_again() -> None:
    agent = Agent("4.5.0.0-1", "MASTER", 0)
    client = ObshellClient(agent)
    client.list_dags("dag/unfinish", details=False)
    for error in (AgentError, NotFound):
        with pytest.raises(error):
            client.get_dag(OWN)
    assert agent.asked.count(f"/task/dag/{OWN}") == 1


def test_a_wait_for_a_cluster_dag_survives_that_the_database_is_away() -> None:
    assert DatabaseUnavailable("x").tolerance == float("inf") and NotFound("x").tolerance == 0
