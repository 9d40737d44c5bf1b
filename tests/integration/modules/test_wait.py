# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag_wait on simulated agents, which count what they are asked: it waits and never operates."""

from __future__ import annotations

import dataclasses
import threading
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, Delay, Hold, Obstacle, Simulator

from ..clusters import agents
from ..conftest import ROOT_PASSWORD, SPEED
from ..inprocess import task

INIT = "Initialize cluster"


def wait(simulator: Simulator, agent: int = 0, **options: t.Any) -> dict[str, t.Any]:
    """Run the module, and check that it sent no operator."""
    simulator.journal.clear()
    connection = {"port": simulator.agents[agent].port, "password": ROOT_PASSWORD, "wait_timeout": 60}
    result = task("obshell_dag_wait", **{**connection, **options})
    assert simulator.journal.posts() == [] and result["changed"] is False
    return result


def routes(simulator: Simulator) -> list[str]:
    return [entry.uri.partition("?")[0].removeprefix("/api/v1/") for entry in simulator.journal.entries]


@pytest.mark.parametrize("in_slices", [{}, {"_slice": {}}], ids=["whole", "slices"])
@pytest.mark.parametrize("by", ["id", "name"])
@pytest.mark.parametrize("via", [0, 1], ids=["master", "follower"])
def test_it_waits_for_an_initialisation(version: str, by: str, via: int, in_slices: dict[str, t.Any]) -> None:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        Hold(simulator, "Start observer", reads=2)
        dag_id = simulator.start_init(root_password=ROOT_PASSWORD)
        named: dict[str, t.Any] = {by: {"id": dag_id, "name": INIT}[by]}
        result = wait(simulator, via, **named, **in_slices)
        assert not result.get("failed"), result["msg"]
        assert [(dag["id"], dag["outcome"]) for dag in result["dags"]] == [(dag_id, "initialized")]
        assert ("dag" in result) == (by == "id")


def test_what_failed_is_explained_and_says_which_operators_are_allowed(version: str) -> None:
    with Simulator(agents(1, version), speed=SPEED) as simulator:
        obstacle = Obstacle(node="Start observer", logs=("start observer", "ERROR: out of memory"))
        Hold(simulator, "Integrate config", reads=2)
        dag_id = simulator.start_init(root_password=ROOT_PASSWORD, obstacle=obstacle)
        failed = wait(simulator, name=INIT)
        assert failed["failed"] and dag_id in failed["msg"] and "ERROR: out of memory" in failed["msg"]
        assert failed["msg"].endswith("Operators allowed now: ROLLBACK, RETRY.")
        assert [failure["node"] for failure in failed["failures"]] == ["Start observer"]
        ended = wait(simulator, name=INIT, until="ended")
        assert not ended.get("failed") and ended["dags"][0]["allowed_operators"] == ["ROLLBACK", "RETRY"]
        assert routes(simulator) == ["secret", "task/dag/unfinish", "status"]


def test_what_has_ended_before_is_found_in_other_lists() -> None:
    with Simulator(agents(1), speed=SPEED) as simulator:
        dag_id = simulator.complete_init(root_password=ROOT_PASSWORD)
        for result in (wait(simulator, name=INIT), wait(simulator, id=dag_id)):
            assert result["dags"][0]["outcome"] == "initialized"
        assert wait(simulator, name=INIT, until="ended")["dags"] == []
        missing = wait(simulator, name="Initialise cluster")
        assert missing["failed"] and "nothing shows that one succeeded" in missing["msg"]


def test_check_mode_does_not_wait(version: str) -> None:
    with Simulator(agents(1, version), speed=SPEED) as simulator:
        simulator.delays.append(Delay(node="Start observer", ticks=FOREVER))
        dag_id = simulator.start_init(root_password=ROOT_PASSWORD)
        result = wait(simulator, id=dag_id, check=True)
        assert result["dag"]["id"] == dag_id and "would wait for the end" in result["msg"]
        assert routes(simulator) == ["secret", "task/dag/unfinish"]


def test_the_same_task_resumes_after_a_timeout() -> None:
    with Simulator(agents(1), speed=SPEED) as simulator:
        delay = Delay(node="Start observer", ticks=FOREVER)
        simulator.delays.append(delay)
        simulator.start_init(root_password=ROOT_PASSWORD)
        late = wait(simulator, name=INIT, wait_timeout=1)
        assert late["failed"] and "Timed out after 1 s" in late["msg"] and late["dags"][0]["state"] == "RUNNING"
        delay.ticks = 0
        assert wait(simulator, name=INIT)["dags"][0]["outcome"] == "initialized"


@pytest.mark.parametrize("version", ["4.3.0.0", "4.5.0.0"])
@pytest.mark.parametrize("named", [{"name": "Create tenant orders"}, {"tenant": "orders"}, {"id": "14"}], ids=str)
def test_without_the_database_it_waits_and_starts_no_storm(version: str, named: dict[str, t.Any]) -> None:
    """The simulator fails the test if a read makes the agents ask each other without end."""
    with Simulator(agents(2, version, database_state=1), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        late = wait(simulator, **named, until="ended", wait_timeout=1)
        assert late["failed"] and "obState 1" in late["msg"] and "Timed out" in late["msg"]
        assert not any(route.startswith("task/dag/1") for route in routes(simulator))
        assert len(routes(simulator)) < 20
        threading.Timer(0.5, return_the_database, (simulator,)).start()
        back = wait(simulator, **named, until="ended")
        if "id" in named:
            assert back["failed"] and "14" in back["msg"]
        else:
            assert not back.get("failed") and "nothing to wait for" in back["msg"]


def return_the_database(simulator: Simulator) -> None:
    for agent in simulator.agents:
        agent.spec = dataclasses.replace(agent.spec, database_state=3)


def test_an_id_that_no_list_shows_is_an_error_and_is_not_asked_for(version: str) -> None:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        failed = wait(simulator, id=dag_id + "9", until="ended")
        assert failed["failed"] and dag_id + "9" in failed["msg"]
        assert "List the IDs with obshell_dag_info" in failed["msg"]


def test_a_cluster_dag_of_a_cluster_that_was_never_initialised_is_not_waited_for() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        failed = wait(simulator, id="14", until="ended", wait_timeout=30)
        assert failed["failed"] and "obState" in failed["msg"] and failed["elapsed"] < 20


@pytest.mark.parametrize(
    "options", [{}, {"id": "14", "tenant": "orders"}, {"name": INIT, "until": "started"}], ids=["none", "two", "until"]
)
def test_options_that_do_not_fit(options: dict[str, t.Any]) -> None:
    assert task("obshell_dag_wait", port=1, **options)["failed"]
