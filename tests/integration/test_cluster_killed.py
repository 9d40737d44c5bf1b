# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_cluster killed between any two requests, then run again: it ends as one run does.

The agents' schedulers tick only while a run pauses, so that each kill leaves all as it was at that request.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import pathlib
import signal
import subprocess
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._plain import HttpTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._transport import Answer
from ansible_collections.oceanbase.obshell.plugins.module_utils._wait import Deadline
from ansible_collections.oceanbase.obshell.tests.simulator import Entry, Journal, Obstacle, Pace, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator._crypto import RsaKey

from .clusters import NUMBER, agents, cluster, declared, state
from .conftest import AGENT_PASSWORD, BIN, SPEED, VERSIONS, Ansible

# The role is killed at every request only where this is 1, since that takes half an hour.
STRIDE = int(os.environ.get("KILL_STRIDE", "15"))

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

    def exchange_or_die(self: HttpTransport, *arguments: t.Any, **options: t.Any) -> Answer:
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
    simulator.paces.append(Pace("Start observer", ticks=60, agent=1, times=1))
    simulator.obstacles.append(Obstacle(node="Start observer", times=1, agent=1))
    dag_id = master.call("POST", "/api/v1/ob/init", {})[1]["data"]["id"]
    simulator.tick(8)
    master.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "CANCEL"})
    simulator.run_to_end(dag_id)
    assert simulator.agents[1].engine.dags[-1].state == "RUNNING"


def _secured(simulator: Simulator) -> dict[str, t.Any]:
    servers = declared(simulator)["servers"]
    return {"servers": [{**server, "agent_password": AGENT_PASSWORD} for server in servers]}


SCENARIOS: dict[str, tuple[int, Prepare, t.Callable[[Simulator], dict[str, t.Any]]]] = {
    "initialise": (2, _nothing, lambda _simulator: {}),
    "initialise with agent passwords": (2, _nothing, _secured),
    "configure": (2, _nothing, lambda _simulator: {"state": "configured"}),
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


class Deadly(Journal):
    """Kills a playbook when an agent has taken request number `at` of it, before the answer goes out."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at, self.victim = at, 0

    def append(self, entry: Entry) -> None:
        super().append(entry)
        if self.victim and len(self.entries) == self.at:
            # Since ansible-core 2.19 a worker has a session of its own, and would go on without its playbook.
            workers = pathlib.Path(f"/proc/{self.victim}/task/{self.victim}/children").read_text().split()
            for pid in (self.victim, *map(int, workers)):
                os.kill(pid, signal.SIGKILL)


def kill_and_run_again(ansible: Ansible, simulator: Simulator, play: dict[str, t.Any], at: int) -> bool:
    """Kill a playbook at one of its requests, and run it to its end. Tells whether it had so many requests."""
    path = ansible.folder / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, **play}]))
    command = ["ansible-playbook", "-c", "local", str(path)]
    simulator.journal = journal = Deadly(at)
    with subprocess.Popen(
        [BIN / command[0], *command[1:]],
        cwd=ansible.folder,
        env=ansible.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        journal.victim = process.pid
        status = process.wait()
    assert status in (0, -signal.SIGKILL), at
    journal.victim = 0
    again = ansible.run(command)
    assert again.returncode == 0, (at, again.stdout)
    return status != 0


@pytest.mark.parametrize("at", [4, 25, 60, 90])
def test_a_killed_playbook_is_gone_on_with(ansible: Ansible, at: int) -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        task = {"oceanbase.obshell.obshell_cluster": declared(simulator)}
        assert kill_and_run_again(ansible, simulator, {"tasks": [task]}, at)
        killed = state(simulator)
    with Simulator(agents(2), speed=SPEED) as simulator:
        assert not cluster(simulator).get("failed")
        assert killed == state(simulator)


@pytest.mark.slow
def test_a_killed_role_is_gone_on_with(ansible: Ansible, version: str) -> None:
    """The role initialises, rolls back what fails, and initialises again."""
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        _failed(simulator)
        assert not cluster(simulator, recover="rollback").get("failed")
        expected = state(simulator)

    def run(at: int) -> bool:
        with Simulator(agents(2, version), speed=SPEED) as simulator:
            simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=1))
            names = ("name", "root_password", "servers", "config")
            options = {f"init_cluster_{name}": declared(simulator)[name] for name in names}
            role = {"role": "oceanbase.obshell.init_cluster", "init_cluster_recover_policy": "rollback", **options}
            killed = kill_and_run_again(ansible, simulator, {"roles": [{**role, "init_cluster_id": NUMBER}]}, at)
            assert state(simulator) == expected, at
            return killed

    requests = next(at for at in itertools.count(1, STRIDE) if not run(at))
    assert requests > 150
