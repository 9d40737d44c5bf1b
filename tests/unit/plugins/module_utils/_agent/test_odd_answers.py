# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that no recorded agent sent: they are read as far as possible, or explained."""

from __future__ import annotations

import json
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo, AgentStatus, ClusterInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.response import agent_time
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.session import Credentials
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import REFUSE, decide
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import NotFound, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.lookup import find_dag, find_last, list_dags

ONE, OTHER = "22130706433028869", "22130706433028870"
Raw = dict[str, t.Any]


def raw_dag(dag_id: str = ONE, name: str = "Initialize cluster", sub_task: str = "FAILED", **fields: t.Any) -> Raw:
    texts = {"state": "FAILED", "operator": "RUN"}
    part = {"name": "Start", "execute_times": 1, **texts, "state": sub_task}
    node = {"name": "Start", **texts, "sub_tasks": [part]}
    dag = {"id": dag_id, "name": name, **texts, "start_time": "", "stage": 1, "max_stage": 1, "nodes": [node]}
    return {**dag, **fields}


class Listing:
    """A connection to an agent whose every list holds these DAGs."""

    where, trusted = "the agent", True

    def __init__(self, *dags: t.Any) -> None:
        self.dags = dags

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        return Response(200, json.dumps({"successful": True, "data": {"contents": self.dags}}).encode())

    def close(self) -> None:
        pass


def client(*dags: t.Any) -> ObshellClient:
    return ObshellClient(Listing(*dags))


@pytest.mark.parametrize("stamp", ["2026-12-31T23:59:60Z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00+08:00", "soon"])
def test_an_invalid_time_is_this_hosts(stamp: str) -> None:
    assert abs(agent_time({"timestamp": stamp}) - time.time()) < 60


def test_values_of_the_wrong_type_in_info_and_status() -> None:
    info = AgentInfo.from_api({"port": "abc", "ip": 7, "pid": "x", "supportedAuth": 5, "state": -1})
    assert (info.address, info.pid, info.supported_auth) == (Address("", 0), None, ())
    assert AgentInfo.from_api({"supportedAuth": "v1"}).supported_auth == ()
    status = AgentStatus.from_api({"agent": "x", "state": -1, "obState": "3", "sqlPort": []})
    assert (status.state, status.observer_state, status.sql_port, status.database_available) == (
        "-1",
        None,
        None,
        False,
    )
    assert AgentStatus.from_api({"state": "RUNNING"}).state == "RUNNING"
    assert ClusterInfo.from_api({"obcluster_info": {"id": []}}).cluster_id == 0


def test_a_sub_task_may_have_any_state() -> None:
    assert Dag.from_api(raw_dag(sub_task="SKIPPED"), details=True).nodes[0].sub_tasks[0].state == "SKIPPED"


ODD = raw_dag(OTHER, "Create tenant x", state="PAUSED")


def test_an_odd_dag_does_not_hide_the_others() -> None:
    agent = client(ODD, raw_dag())
    assert find_dag(agent, name="Initialize cluster").id == find_dag(agent, dag_id=ONE).id == ONE
    assert [dag.id for dag in find_last(agent, "Initialize cluster", None).dags] == [ONE]
    for scope in ("unfinished", "agent", "all"):
        found = list_dags(agent, scope, details=True)
        assert [dag.id for dag in found.dags] == [ONE]
        assert found.unavailable[0]["id"] == OTHER
        assert "Create tenant x has the unknown state PAUSED" in found.unavailable[0]["error"]["message"]


@pytest.mark.parametrize("dag_id", ["", "abc", "::1", "5" + "0" * 38 + "1" + "02886" + "7", "9" * 200])
def test_a_dag_whose_id_no_agent_gives_out_is_an_odd_one(dag_id: str) -> None:
    found = list_dags(client(raw_dag(dag_id), raw_dag()), "unfinished", details=True)
    assert [dag.id for dag in found.dags] == [ONE]
    assert found.unavailable[0]["id"] == dag_id and "invalid DAG ID" in found.unavailable[0]["error"]["message"]


@pytest.mark.parametrize("odd", [ODD, {}, "DAG", {**ODD, "name": None}])
def test_an_odd_dag_that_may_be_the_one_is_not_passed_over(odd: t.Any) -> None:
    for find in (find_dag, lambda agent, name: find_last(agent, name, None)):
        with pytest.raises(Unreachable, match="unexpected response"):
            find(client(odd, raw_dag()), name="Create tenant x")


def test_a_dag_that_a_list_holds_twice_is_one() -> None:
    assert find_dag(client(raw_dag(), raw_dag()), name="Initialize cluster", must_be_only=True).id == ONE
    with pytest.raises(NotFound):
        find_dag(client(raw_dag(), raw_dag()), name="Other")


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY", "PASS"])
@pytest.mark.parametrize("state", ["SUCCEED", "FAILED", "RUNNING"])
def test_an_unknown_operator_is_refused_and_named(state: str, operator: str) -> None:
    decision = decide(Dag.from_api(raw_dag(state=state, operator="SKIP")), operator)
    assert decision.action == REFUSE and "unknown operator SKIP" in decision.reason


@pytest.mark.parametrize("password", ["secret\r", "secret\n", "secret ", " secret"])
def test_a_password_with_a_blank_at_an_end_is_named_but_not_shown(password: str) -> None:
    hint = "password begins or ends with a blank or a line break"
    assert f"({hint}" in Credentials(password).explain_refusal(obproxy=False)
    assert f"(agent_{hint}" in Credentials("x", password).explain_refusal(obproxy=True)
    assert "secret" not in Credentials(password).explain_refusal(obproxy=False)
    assert Credentials("se cret").explain_refusal(obproxy=False) == "the password was refused"
