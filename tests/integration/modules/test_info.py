# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag_info and obshell_agent_info: every list, filter and detail, on every kind of agent."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, SPEED
from ..inprocess import task

SCOPES = ("unfinished", "agent", "agents", "cluster", "all")
INIT = "Initialize cluster"


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        yield simulator


def info(simulator: Simulator, **options: t.Any) -> dict[str, t.Any]:
    return task("obshell_dag_info", port=simulator.agents[0].port, password=ROOT_PASSWORD, **options)


def names(result: dict[str, t.Any]) -> list[str]:
    return [dag["name"] for dag in result["dags"]]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_fresh_agent_has_none_and_says_which_lists_it_lacks(simulator: Simulator, scope: str) -> None:
    result = info(simulator, scope=scope)
    assert (result["changed"], result["dags"]) == (False, [])
    assert bool(result["unavailable"]) == (scope != "unfinished")
    assert all({"route", "status", "error", "trace_id"} <= set(lack) for lack in result["unavailable"])


@pytest.mark.parametrize(
    ("scope", "expected"),
    [("unfinished", [INIT]), ("agent", [INIT]), ("agents", [INIT]), ("cluster", [])],
)
def test_the_lists_of_an_agent_whose_initialisation_failed(
    simulator: Simulator, scope: str, expected: list[str]
) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    assert names(info(simulator, scope=scope)) == expected


def test_all_is_what_the_agent_keeps(simulator: Simulator, version: str) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    history = ["Join self", "Update observer config", "Update cluster config"]
    assert names(info(simulator, scope="all")) == ([INIT] if version == "4.2.5.0" else [*history, INIT])


def test_a_cluster_agent_answers_all_lists(simulator: Simulator) -> None:
    simulator.complete_init(root_password=ROOT_PASSWORD)
    for scope in SCOPES:
        assert names(info(simulator, scope=scope, name=INIT)) == ([INIT] if scope in ("agent", "agents", "all") else [])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"name": INIT}, 1),
        ({"name": "Join self"}, 0),
        ({"state": "FAILED"}, 1),
        ({"state": "SUCCEED"}, 0),
        ({"operator": "RUN"}, 1),
        ({"operator": "ROLLBACK"}, 0),
        ({"name": INIT, "state": "FAILED", "operator": "RUN"}, 1),
    ],
)
def test_filters(simulator: Simulator, options: dict[str, t.Any], found: int) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    assert len(info(simulator, **options)["dags"]) == found


def test_details(simulator: Simulator) -> None:
    dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    for target in ({"id": dag_id}, {"name": INIT}):
        none, failed, everything = (
            info(simulator, **target, details=details)["dags"][0] for details in ("none", "failed", "all")
        )
        assert none["nodes"] is None and not {"failures", "operators", "allowed_operators"} & set(none)
        assert [node["name"] for node in failed["nodes"]] == ["Start observer"]
        assert failed["failures"][0]["node"] == "Start observer"
        assert failed["allowed_operators"] == ["ROLLBACK", "RETRY"]
        verdicts = {operator: one["verdict"] for operator, one in failed["operators"].items()}
        assert verdicts == {"ROLLBACK": "allowed", "RETRY": "allowed", "PASS": "refused", "CANCEL": "refused"}
        assert len(everything["nodes"]) == 11 and everything["failures"] == failed["failures"]


def test_an_unknown_id_is_an_empty_list(simulator: Simulator, version: str) -> None:
    dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    result = info(simulator, id=dag_id + "99")
    assert result["dags"] == [] and result["unavailable"][0]["status"] == {"4.2.5.0": 404}.get(version, -1)


def test_what_an_agent_is(simulator: Simulator, version: str) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    result = task("obshell_agent_info", port=simulator.agents[0].port)
    agent = result["agent"]
    assert (agent["identity"], agent["version"], agent["state"]) == ("MASTER", f"{version}-1", "RUNNING")
    assert (agent["address"], agent["zone"]) == (simulator.agents[0].address, "zone1")
    assert (agent["supported_auth"], agent["agent_password_set"]) == (["v2"], False)
    assert agent["under_maintenance"] == (version != "4.2.5.0")


def test_an_agent_that_answers_500_with_data_is_told_all_the_same() -> None:
    with Simulator([AgentSpec(version="4.2.5.0", observer_version="")], speed=SPEED) as simulator:
        result = task("obshell_agent_info", port=simulator.agents[0].port)
        assert simulator.journal.find(path_contains="/info")[0].status == 500
        assert (result["agent"]["identity"], result["agent"]["ob_version"]) == ("SINGLE", None)


def test_an_agent_with_a_password_of_its_own_says_so() -> None:
    with Simulator([AgentSpec(agent_password="x")], speed=SPEED) as simulator:
        assert task("obshell_agent_info", socket=simulator.agents[0].socket)["agent"]["agent_password_set"] is True
