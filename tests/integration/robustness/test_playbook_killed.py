# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook killed at a request, its worker with it, then run again: it ends as one run does."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import signal
import subprocess
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.simulator import Hold, Journal, JournalEntry, Obstacle, Simulator

from ..clusters import NUMBER, agents, cluster, declared, state
from ..conftest import BIN, SPEED, Ansible

# The role is killed at every request only where this is 1, since that takes half an hour.
STRIDE = int(os.environ.get("KILL_STRIDE", "30"))


class Deadly(Journal):
    """Kills a playbook when an agent has taken request number `at` of it, before the answer goes out."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at, self.victim = at, 0

    def append(self, entry: JournalEntry, envelope: t.Any = None) -> None:
        super().append(entry, envelope)
        if self.victim and len(self.entries) == self.at:
            # Since ansible-core 2.19 a worker has a session of its own, and would go on without its playbook.
            workers = pathlib.Path(f"/proc/{self.victim}/task/{self.victim}/children").read_text().split()
            for pid in (self.victim, *map(int, workers)):
                # That of the task before may just have ended.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def kill_and_run_again(ansible: Ansible, simulator: Simulator, play: dict[str, t.Any], at: int) -> bool:
    """Kill a playbook at one of its requests, and run it to its end. Tells whether it had so many requests."""
    path = ansible.folder / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, **play}]))
    command = ["ansible-playbook", "-c", "local", str(path)]
    watchers = simulator.journal.watchers
    simulator.journal = journal = Deadly(at)
    journal.watchers = watchers
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


@pytest.mark.parametrize("at", [25, *(pytest.param(at, marks=pytest.mark.slow) for at in (4, 60, 90))])
def test_a_killed_playbook_is_gone_on_with(ansible: Ansible, at: int) -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        # Looked at so often, it takes more than 90 requests; where looks come late, some 75 would do.
        Hold(simulator, "Start observer", reads=20)
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
        simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=1))
        assert cluster(simulator)["failed"]
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
    # As many as it takes where each DAG is over at the first look.
    assert requests > 140
