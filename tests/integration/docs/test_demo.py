# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`, sped up: with its own agent, and with one that exists already."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import LONGEST, ROOT, ROOT_PASSWORD, SPEED


def demo(**variables: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OBSHELL_")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/demo/demo.py"), "--speed", str(SPEED), "--think", "0"],
        env={**environment, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode, done.stdout


def against(simulator: Simulator) -> dict[str, str]:
    return {"OBSHELL_HOST": "127.0.0.1", "OBSHELL_PORT": str(simulator.agents[0].port)}


def test_it_explains_and_recovers_a_simulated_agent() -> None:
    status, output = demo()
    assert status == 0, output
    assert "observer: cannot allocate memory_limit" in output
    assert "initialised after 2 retries. The second run changed nothing." in output.splitlines()[-1]
    assert len(output.splitlines()) <= 80 and "fatal" not in output and "ignoring" not in output


@pytest.mark.slow
def test_it_recovers_a_given_agent_and_says_so_beforehand() -> None:
    with Simulator([AgentSpec(version="4.5.0.0")], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        status, output = demo(**against(simulator), OBSHELL_PASSWORD=ROOT_PASSWORD)
        assert status == 0, output
        beforehand = " ".join(output.partition("$ ansible")[0].split())
        assert f"port {simulator.agents[0].port}, and is no simulation" in beforehand
        assert simulator.agents[0].identity == "CLUSTER AGENT"
    assert ROOT_PASSWORD not in output


@pytest.mark.slow
def test_it_fails_rather_than_remove_data_of_a_given_agent() -> None:
    with Simulator([AgentSpec(version="4.5.0.0")], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Create observer workdir"), root_password=ROOT_PASSWORD)
        status, output = demo(**against(simulator), OBSHELL_PASSWORD=ROOT_PASSWORD)
        assert status == 1
        assert "accept to [data_removal]" in output
        assert simulator.journal.posts(path_contains="/task/dag/") == []
