# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real playbooks interrupted, and two at once on one DAG: one request is applied, and both ends are right."""

from __future__ import annotations

import concurrent.futures
import pathlib
import re
import signal
import subprocess
import time
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.faults import FaultyProxy
from ansible_collections.oceanbase.obshell.tests.faults.faults import silent_after, silent_before
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Obstacle, Simulator

from ..conftest import BIN, ROOT, ROOT_PASSWORD, SPEED, Ansible

# Far longer than an interrupted playbook takes to end, on a busy machine too.
LONG = 600.0


def rollback(port: int) -> list[dict[str, t.Any]]:
    options = {
        "port": port,
        "password": ROOT_PASSWORD,
        "name": "Initialize cluster",
        "operator": "ROLLBACK",
        "timeout": LONG,
    }
    task = {"name": "Roll back", "oceanbase.obshell.obshell_dag": options, "register": "__result"}
    return [{"hosts": "all", "gather_facts": False, "tasks": [task]}]


def applied(simulator: Simulator) -> int:
    return sum(entry.applied for entry in simulator.journal.posts(path_contains="/task/dag/"))


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY"])
def test_two_playbooks_at_once(tmp_path: pathlib.Path, version: str, operator: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=20) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        plays = rollback(simulator.agents[0].port)
        plays[0]["tasks"][0]["oceanbase.obshell.obshell_dag"].update(operator=operator)
        folders = [tmp_path / name for name in ("one", "other")]
        for folder in folders:
            folder.mkdir()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda folder: Ansible(folder).playbook(plays), folders))
        end = simulator.agents[0].dag(dag_id, details=False)
    assert [run.status for run in runs] == [0, 0], runs
    assert applied(simulator) == 1
    assert sorted((run.result["changed"], run.result["applied"]) for run in runs) == [(False, False), (True, True)]
    assert end["state"] == "SUCCEED"
    assert {run.result["dag"]["state"] for run in runs} == {"SUCCEED"}


def interrupt(folder: pathlib.Path, port: int, when: t.Callable[[str], t.Any], **environment: str) -> str:
    """Run the playbook until what it said is enough, send what Ctrl-C sends, and return what it said until its end.

    What it was waiting for, an answer or the end of a DAG, would come far later or never.
    """
    path, output = folder / "play.yml", folder / "output"
    path.write_text(yaml.safe_dump(rollback(port)), encoding="utf-8")
    with (
        output.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            [str(BIN / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(path)],
            # A terminal shows each line at once; what is written to a file comes at the end otherwise.
            env={**Ansible(folder).environment, **environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            begin = time.monotonic()
            while not when(output.read_text(encoding="utf-8")):
                assert process.poll() is None and time.monotonic() - begin < LONG, output.read_text(encoding="utf-8")
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            begin = time.monotonic()
            assert process.wait(LONG / 4) == 99, output.read_text(encoding="utf-8")
            print(f"ended {time.monotonic() - begin:.2f} s after the signal")
        finally:
            process.kill()
    return output.read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", [silent_before, silent_after], ids=["before", "after"])
def test_interrupted_while_it_asks(ansible: Ansible, version: str, fault: t.Any) -> None:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        # By name it asks for the key, for what is unfinished, of 4.2 for a newer one, and then for the rollback.
        before = 3 if version == "4.2.5.0" else 2
        with FaultyProxy(simulator.agents[0], {before: fault}) as proxy:
            requesting = r"Initialize cluster \| \d+:\d\d \| requesting ROLLBACK"
            interrupt(ansible.folder, proxy.port, lambda said: proxy.requests > before and re.search(requesting, said))
        again = ansible.playbook(rollback(simulator.agents[0].port))
        assert again.status == 0, again.output
        assert again.result["dag"]["operator"] == "ROLLBACK"
        assert applied(simulator) == 1


def test_interrupted_while_it_waits(ansible: Ansible, version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        simulator.delays.append(Delay(node="Create observer workdir", operator="ROLLBACK", ticks=FOREVER))
        with FaultyProxy(simulator.agents[0]) as proxy:
            interrupt(ansible.folder, proxy.port, lambda said: proxy.requests > 7 and "rolling back" in said)
        again = ansible.playbook(rollback(simulator.agents[0].port), "--check")
        assert "under way" in again.result["msg"] and not again.result["changed"]
        assert applied(simulator) == 1


def test_interrupted_while_it_tells(ansible: Ansible) -> None:
    """A worker that is ended in the middle of a line would keep a lock that Ansible then waits for without an end."""
    begun = ansible.folder / "begun"
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        output = interrupt(
            ansible.folder,
            simulator.agents[0].port,
            lambda _said: begun.exists(),
            ANSIBLE_CALLBACK_PLUGINS=str(ROOT / "tests/integration/callbacks"),
            ANSIBLE_CALLBACKS_ENABLED="slow_queue",
            SLOW_QUEUE=str(begun),
        )
    assert "Initialize cluster | 0:00 | requesting ROLLBACK" in output
    assert applied(simulator) <= 1
