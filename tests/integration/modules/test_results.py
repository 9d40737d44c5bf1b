# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a task returns, failed or not, is documented; what the agent said, and where in its log, is among it."""

from __future__ import annotations

import importlib
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Fault, Obstacle, Simulator

from ..clusters import declared
from ..conftest import ROOT_PASSWORD, SPEED
from ..inprocess import task

OF_ANSIBLE = {"changed", "failed", "diff"}
INIT = "Initialize cluster"


def documented(module: str) -> set[str]:
    source = importlib.import_module(f"ansible_collections.oceanbase.obshell.plugins.modules.{module}")
    return set(yaml.safe_load(source.RETURN))


@pytest.fixture(name="simulator", scope="module")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version="4.5.0.0")], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Create observer workdir"), root_password=ROOT_PASSWORD)
        yield simulator


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("obshell_dag", {"name": INIT, "operator": "CANCEL"}),
        ("obshell_dag", {"name": INIT, "operator": "PASS"}),
        ("obshell_dag", {"name": INIT, "operator": "ROLLBACK"}),
        ("obshell_dag", {"name": INIT, "operator": "ROLLBACK", "password": "wr0ng#Password"}),
        ("obshell_dag", {"name": "Initialise cluster", "operator": "ROLLBACK"}),
        ("obshell_dag", {"id": "19999", "operator": "ROLLBACK"}),
        ("obshell_dag", {"id": "abc", "operator": "ROLLBACK"}),
        ("obshell_dag_wait", {"name": INIT}),
        ("obshell_dag_wait", {"name": INIT, "until": "ended"}),
        ("obshell_dag_wait", {"tenant": "orders"}),
        ("obshell_dag_wait", {"id": "19999"}),
        ("obshell_dag_wait", {"name": INIT, "password": "wr0ng#Password"}),
        ("obshell_dag_info", {}),
        ("obshell_dag_info", {"password": "wr0ng#Password"}),
        ("obshell_agent_info", {}),
        ("obshell_agent_info", {"fault": "status"}),
        ("obshell_cluster", {"cluster_id": 1}),
        ("obshell_cluster", {"cluster_id": 1, "recover": "rollback"}),
        ("obshell_cluster", {"root_password": "wr0ng#Password"}),
    ],
)
def test_all_that_is_returned_is_documented(simulator: Simulator, module: str, options: dict[str, t.Any]) -> None:
    agent = simulator.agents[0]
    connection = {"port": agent.port, "password": ROOT_PASSWORD}
    if "fault" in options:
        agent.faults.append(Fault("unauthorized", path=options["fault"]))
        options = {}
    given = declared(simulator, **options) if module == "obshell_cluster" else {**connection, **options}
    result = task(module, diff=True, **given)
    assert set(result) - OF_ANSIBLE <= documented(module)
    if "error" in result:
        assert {"status", "trace_id"} <= set(result) and result["trace_id"] in result["msg"]
