# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_cluster killed between any two requests, then run again: it ends as one run does.

The agents' schedulers tick only while a run pauses, so that each kill leaves all as it was at that request.
"""

from __future__ import annotations

import contextlib
import functools
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import HttpTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._polling import Deadline
from ansible_collections.oceanbase.obshell.tests.simulator import Delay, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.rsa_key import RsaKey

from ..clusters import agents, cluster, declared, state
from ..conftest import AGENT_PASSWORD, VERSIONS

Prepare = t.Callable[[Simulator], object]


class Killed(BaseException):
    """What no code of the collection expects."""


class Killer:
    """Kills at the answer to request number `at`, counted from 1; 0 lets all pass and counts them."""

    def __init__(self) -> None:
        self.at = self.count = 0
        self.simulator: Simulator | None = None

    def arm(self, at: int) -> None:
        self.at, self.count = at, 0

    def answered(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise Killed


@pytest.fixture(name="killer")
def fixture_killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    killer = Killer()
    exchange = HttpTransport.exchange

    def exchange_or_die(self: HttpTransport, *arguments: t.Any, **options: t.Any) -> Response:
        answer = exchange(self, *arguments, **options)
        killer.answered()
        return answer

    def tick(_deadline: Deadline, _seconds: float) -> None:
        assert killer.simulator
        killer.simulator.tick(20)

    monkeypatch.setattr(HttpTransport, "exchange", exchange_or_die)
    monkeypatch.setattr(Deadline, "pause", tick)
    monkeypatch.setattr(RsaKey, "generate", functools.lru_cache(RsaKey.generate))
    return killer


def _nothing(_simulator: Simulator) -> None:
    pass


def _configured(simulator: Simulator) -> None:
    assert not cluster(simulator, state="configured").get("failed")


def _failed(simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=1))
    assert cluster(simulator)["failed"]


def _cancelled(simulator: Simulator) -> None:
    """The follower goes on with its own part of a cancelled initialisation, which then fails."""
    _configured(simulator)
    master = simulator.agents[0]
    simulator.delays.append(Delay("Start observer", ticks=60, agent=1, times=1))
    simulator.obstacles.append(Obstacle(node="Start observer", times=1, agent=1))
    dag_id = master.call("POST", "/api/v1/ob/init", {})[1]["data"]["id"]
    simulator.tick(8)
    master.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "CANCEL"})
    simulator.run_to_end(dag_id)
    assert simulator.agents[1].engine.dags[-1].state == "RUNNING"


def _configured_in_part(simulator: Simulator) -> None:
    servers = declared(simulator)["servers"][:1]
    assert not cluster(simulator, servers=servers, state="configured", config={"memory_limit": "5G"}).get("failed")


def _secured(simulator: Simulator) -> dict[str, t.Any]:
    servers = declared(simulator)["servers"]
    return {"servers": [{**server, "agent_password": AGENT_PASSWORD} for server in servers]}


SCENARIOS: dict[str, tuple[int, Prepare, t.Callable[[Simulator], dict[str, t.Any]]]] = {
    "initialise": (2, _nothing, lambda _simulator: {}),
    "initialise with agent passwords": (2, _nothing, _secured),
    "configure": (2, _nothing, lambda _simulator: {"state": "configured"}),
    "configure one more": (2, _configured_in_part, lambda _simulator: {"state": "configured"}),
    "retry": (2, _failed, lambda _simulator: {"recover": "retry"}),
    "roll back and initialise": (2, _failed, lambda _simulator: {"recover": "rollback"}),
    "roll back what a follower left, and initialise": (2, _cancelled, lambda _simulator: {"recover": "rollback"}),
    "remove": (3, _configured, lambda _simulator: {"state": "absent"}),
    "roll back and remove": (2, _failed, lambda _simulator: {"state": "absent"}),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "version"),
    [
        (scenario, version)
        for scenario in SCENARIOS
        for version in VERSIONS
        if version != "4.2.5.0" or scenario != "initialise with agent passwords"
    ],
)
def test_killed_at_every_request_in_turn(killer: Killer, scenario: str, version: str) -> None:
    count, prepare, options = SCENARIOS[scenario]

    def run(at: int) -> tuple[int, list[tuple[t.Any, ...]]]:
        with Simulator(agents(count, version), speed=0) as simulator:
            killer.simulator = simulator
            killer.arm(0)
            prepare(simulator)
            killer.arm(at)
            with contextlib.suppress(Killed):
                cluster(simulator, **options(simulator))
            requests = killer.count
            if at:
                assert requests == at
                killer.arm(0)
                again = cluster(simulator, **options(simulator))
                assert not again.get("failed"), (at, again["msg"])
            return requests, state(simulator)

    requests, expected = run(0)
    assert requests > 9
    for at in range(1, requests + 1):
        assert run(at)[1] == expected, at
