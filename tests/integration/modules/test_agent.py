# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for any agent and harms none: a real one where OBSHELL_HOST names it, else a simulated one."""

from __future__ import annotations

import os
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import CONSEQUENCES
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, VERSIONS
from ..inprocess import task

REAL = {name.removeprefix("REAL_"): value for name, value in os.environ.items() if name.startswith("REAL_OBSHELL_")}
UNKNOWN_NUMBER = "999999999"


@pytest.fixture(name="connection", params=["real"] if "OBSHELL_HOST" in REAL else VERSIONS)
def fixture_connection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[dict[str, t.Any]]:
    if request.param == "real":
        for name, value in REAL.items():
            monkeypatch.setenv(name, value)
        yield {}
        return
    with Simulator([AgentSpec(version=request.param)]) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        yield {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}


def test_it_says_what_it_is(connection: dict[str, t.Any]) -> None:
    agent = task("obshell_agent_info", **connection)["agent"]
    assert agent["state"] == "RUNNING"
    assert agent["identity"] and agent["version"] and agent["supported_auth"]


@pytest.mark.parametrize("scope", ["unfinished", "agent", "agents", "cluster", "all"])
def test_it_lists_its_dags(connection: dict[str, t.Any], scope: str) -> None:
    result = task("obshell_dag_info", **connection, scope=scope, details="failed")
    assert "failed" not in result, result["msg"]
    for dag in result["dags"]:
        assert dag["state"] in ("PENDING", "READY", "RUNNING", "SUCCEED", "FAILED")
        assert (dag["state"] == "FAILED") >= bool(dag["failures"])


def test_an_unknown_dag_is_none(connection: dict[str, t.Any]) -> None:
    for dag in task("obshell_dag_info", **connection, scope="agent")["dags"]:
        assert task("obshell_dag_info", **connection, id=dag["id"] + UNKNOWN_NUMBER)["dags"] == []


def test_what_it_takes_is_predicted_and_nothing_is_done(connection: dict[str, t.Any]) -> None:
    for dag in task("obshell_dag_info", **connection)["dags"]:
        for operator in ("ROLLBACK", "RETRY", "PASS", "CANCEL"):
            wish = {"id": dag["id"], "operator": operator, "accept": list(CONSEQUENCES)}
            predicted = task("obshell_dag", check=True, **connection, **wish)
            assert predicted["changed"] == (operator in dag["allowed_operators"])
            assert predicted["trace_ids"] == []
        assert task("obshell_dag_info", **connection, id=dag["id"])["dags"] == [dag]
