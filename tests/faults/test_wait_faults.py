# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag_wait with each fault at each request of a task: it survives those that come while it waits."""

from __future__ import annotations

import itertools
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import transport as _transport
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Delay, Simulator

from .client_timeouts import REQUEST_TIMEOUT, WAIT_TIMEOUT, end_hanging_requests
from .dags import create_dag, state_of
from .outcomes import FAULTS
from .proxy import FaultyProxy

pytestmark = pytest.mark.slow

ROOT_PASSWORD = "R00t#Secret+pw"
SPEED = 400
# The requests of a task: read the key, the list, the agent's status, and the DAG, twice at the least.
KEY, LIST, STATUS, POLL, NEXT_POLL = range(5)
# Answers of the right form to a question about the status, in which the agent does not say what it is.
WITHOUT_IDENTITY = ("answer_about_another_dag", "wrong_types_in_json")
NUMBERS = itertools.count()


@pytest.fixture(name="simulator", scope="module", params=["4.2.5.0", "4.5.0.0"])
def fixture_simulator(request: pytest.FixtureRequest) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=request.param)], speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        yield simulator


@pytest.fixture(autouse=True)
def fixture_quick_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_RESPONSE", 2**20)
    end_hanging_requests(monkeypatch)


@pytest.mark.parametrize("at", [KEY, LIST, STATUS, POLL, NEXT_POLL], ids=["key", "list", "status", "poll", "next"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault(simulator: Simulator, name: str, at: int) -> None:
    master = simulator.agents[0]
    offset, dag_name = master.clock.offset, f"Wait {next(NUMBERS)}"
    # It is still running when the task polls it for the second time.
    delay = Delay(node="Second", dag=dag_name, ticks=10**6)
    with simulator.lock:
        simulator.delays.append(delay)
        dag_id = create_dag(master, dag_name)
        simulator.journal.clear()

    def end_after_some_reads(*_arguments: t.Any) -> None:
        if len(simulator.journal.find(path_contains=dag_id)) > 1:
            delay.ticks = 0

    simulator.journal.watchers.append(end_after_some_reads)
    try:
        with FaultyProxy(master, {at: FAULTS[name].fault}) as proxy:
            result = task(
                "obshell_dag_wait",
                port=proxy.port,
                password=ROOT_PASSWORD,
                timeout=REQUEST_TIMEOUT,
                wait_timeout=WAIT_TIMEOUT,
                wait_interval=0.02,
                name=dag_name,
            )
    finally:
        simulator.journal.watchers.remove(end_after_some_reads)
        master.clock.offset = offset
        delay.ticks = 0
        while master.down:
            time.sleep(0.01)
    unknown_identity = at == STATUS and name in WITHOUT_IDENTITY
    # The list has shown the DAG; that others may be missing is in the result.
    survived = FAULTS[name].read == "recovers" or (at >= POLL and FAULTS[name].read != "deleted") or unknown_identity
    assert bool(result.get("failed")) is not survived, result["msg"]
    assert ("unknown identity" in result.get("incomplete", "")) == unknown_identity
    assert simulator.journal.posts() == [] and result["changed"] is False
    if survived:
        assert (result["dags"][0]["id"], state_of(master, dag_id)) == (dag_id, "SUCCEED/RUN")
