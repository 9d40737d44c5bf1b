# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers with an agent's envelope, but not with what was asked for, is never taken for an answer."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, Node
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, InvalidInput, Unreachable

ID = "22130706433028864"
FAILED = {"name": "Add obproxy", "state": "FAILED", "operator": "RUN"}
DAG = Dag.from_api({**FAILED, "id": ID, "start_time": "", "stage": 1, "max_stage": 1})
Call = t.Callable[[ObshellClient], t.Any]


class Saying:
    """A connection over which every request gets the same data."""

    where = "the test"

    def __init__(self, data: t.Any, *, status: int = 200, trusted: bool = True) -> None:
        self.data, self.status, self.trusted = data, status, trusted

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        envelope = {"successful": self.status < 400, "data": self.data, "error": {"message": "no"}}
        return Response(self.status, json.dumps(envelope).encode())

    def close(self) -> None:
        pass


RAW: dict[str, t.Any] = {
    "id": ID,
    "name": "Initialize cluster",
    "state": "FAILED",
    "operator": "RUN",
    "start_time": "",
    "stage": 1,
    "max_stage": 1,
    "nodes": [{"name": "Start observer", "state": "FAILED", "operator": "RUN"}],
}


def node(node_id: str) -> Node:
    return Node.from_api({**FAILED, "id": node_id})


def read_known(client: ObshellClient) -> t.Any:
    client.remember_dag(ID)
    return client.get_dag(ID)


@pytest.mark.parametrize(
    ("call", "data"),
    [
        (lambda client: client.info(), "agent"),
        (lambda client: client.status(), None),
        (lambda client: client.cluster_info(), {"agent_info": "none"}),
        (lambda client: client.cluster_info(), {"agent_info": ["127.0.0.1:2886"]}),
        (lambda client: client.cluster_info(), {"obcluster_info": "obdemo"}),
        (read_known, {"id": ID}),
        (read_known, {**RAW, "id": "22130706433028865"}),
        (read_known, {**RAW, "state": "SKIPPED"}),
        (read_known, {**RAW, "nodes": [{**RAW["nodes"][0], "state": "SKIPPED"}]}),
        (read_known, {**RAW, "max_stage": 2}),
        (read_known, {**RAW, "nodes": RAW["nodes"] * 2}),
        (read_known, {**RAW, "nodes": None}),
        (read_known, {**RAW, "nodes": [], "max_stage": 0}),
        (lambda client: client.list_dags("dag/unfinish", details=False), {"contents": ["DAG"]}),
        (lambda client: client.list_dags("dag/unfinish", details=False), "DAG"),
        (lambda client: client.operate_dag(ID, "RETRY"), {"id": ID}),
        (lambda client: client.pass_node(DAG, node(ID)), {"id": ID}),
    ],
)
def test_unexpected_data(call: Call, data: t.Any) -> None:
    with pytest.raises(Unreachable, match=r"the test sent an unexpected response to /"):
        call(ObshellClient(Saying(data)))


def test_the_dag_that_was_asked_for() -> None:
    assert read_known(ObshellClient(Saying(RAW))).raw == RAW


class Silent(Saying):
    """A connection over which nothing may be sent."""

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        raise AssertionError(uri)


@pytest.mark.parametrize("node_id", ["11", "22130706433128864", "42130706433028864", "", "22130706433028864/../x"])
def test_a_node_id_of_another_agent_is_not_sent(node_id: str) -> None:
    """The agent would forward the request, with the root password, to the address in the ID."""
    with pytest.raises((Unreachable, InvalidInput)) as caught:
        ObshellClient(Silent(None)).pass_node(DAG, node(node_id))
    assert not getattr(caught.value, "sent", False)


@pytest.mark.parametrize("data", [None, "key", {}, {"public_key": 1}])
def test_no_key(data: t.Any) -> None:
    with pytest.raises(Unreachable, match="returned no public key: is it an obshell agent") as caught:
        read_known(ObshellClient(Saying(data, trusted=False)))
    assert not caught.value.sent


def test_a_key_that_is_refused_is_none_and_nothing_was_sent() -> None:
    with pytest.raises(Unreachable) as caught:
        ObshellClient(Saying(None, status=404, trusted=False)).operate_dag(ID, "RETRY")
    assert not caught.value.sent and not isinstance(caught.value, AgentError)
