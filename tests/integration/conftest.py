# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real `ansible` and `ansible-playbook` processes against simulated agents.

With OBSHELL_HOST set, test_agent.py reads from that agent instead; all others need what only a simulator does.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.integration.browser import CHROMIUM
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Simulator

ROOT = pathlib.Path(__file__).parents[2]
BIN = pathlib.Path(sys.executable).parent
ROOT_PASSWORD = "R00t#Secret+pw"
AGENT_PASSWORD = "Ag3nt#Secret+pw"
VERSIONS = ("4.2.5.0", "4.5.0.0")
SPEED = 50
# A task runs in the controller's process, or as a module that is sent; the latter takes long.
HERE: dict[str, t.Any] = {}
SENT: dict[str, t.Any] = {"environment": {"SENT": "1"}}
BOTH_WAYS = [pytest.param(HERE, id="here"), pytest.param(SENT, id="sent", marks=pytest.mark.slow)]
# Seconds after which a process counts as hanging: ten times what the longest takes on a busy machine.
LONGEST = 900

# Tests in a browser are not collected where there is none.
collect_ignore = [] if CHROMIUM else ["modules/test_report_in_browser.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not CHROMIUM:
        terminalreporter.write_line("The tests of reports in a browser were left out: no Chromium is installed")


@dataclasses.dataclass(frozen=True)
class Run:
    """One finished process: its exit status, all that it printed, and the result of each task by host."""

    status: int
    output: str
    tasks: list[tuple[str, dict[str, t.Any]]]

    @property
    def result(self) -> dict[str, t.Any]:
        """The last task's result."""
        return self.tasks[-1][1]

    def of(self, name: str) -> dict[str, t.Any]:
        """The result of the last task whose name contains `name`."""
        return next(result for task, result in reversed(self.tasks) if name in task)


class Ansible:
    """Runs Ansible in a folder of the test's own, with the collection on its path and no setting of the caller's."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": f"{BIN}:/usr/bin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
            "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
            # Set where coverage is measured.
            **{name: value for name, value in os.environ.items() if name == "COVERAGE_PROCESS_CONFIG"},
        }

    def module(self, name: str, /, *arguments: str, **options: t.Any) -> Run:
        """Run `ansible localhost -m oceanbase.obshell.<name>` with options, and read its one result."""
        command = ["ansible", "localhost", "-m", f"oceanbase.obshell.{name}", "-a", json.dumps(options), *arguments]
        done = self.run(command)
        _before, _arrow, text = done.stdout.partition("=> ")
        result = json.JSONDecoder().raw_decode(text)[0] if text else {}
        return Run(done.returncode, done.stdout + done.stderr, [(name, result)])

    def playbook(self, plays: list[dict[str, t.Any]] | str, /, *arguments: str, **variables: t.Any) -> Run:
        """Run `ansible-playbook` with plays, or with a playbook of the collection by its name."""
        if not isinstance(plays, str):
            path = self.folder / "play.yml"
            path.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
            plays = str(path)
        log = self.folder / "results.jsonl"
        log.unlink(missing_ok=True)
        done = self.run(
            ["ansible-playbook", "-i", "localhost,", "-c", "local", plays, "-e", json.dumps(variables), *arguments],
            ANSIBLE_CALLBACK_PLUGINS=str(pathlib.Path(__file__).parent / "callbacks"),
            ANSIBLE_CALLBACKS_ENABLED="results_log",
            ANSIBLE_INJECT_INVOCATION="1",
            RESULTS_LOG=str(log),
        )
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, [tuple(json.loads(line)) for line in lines])

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of Ansible's commands to its end."""
        return subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )


@pytest.fixture(scope="session", autouse=True)
def fixture_interruptible() -> None:
    """What a shell runs in the background ignores Ctrl-C, and so would all that a test starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(name="ansible")
def fixture_ansible(tmp_path: pathlib.Path) -> Ansible:
    return Ansible(tmp_path)


@pytest.fixture(name="version", params=VERSIONS)
def fixture_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        yield simulator


@pytest.fixture(name="connection")
def fixture_connection(simulator: Simulator) -> dict[str, t.Any]:
    return {"host": simulator.agents[0].host, "port": simulator.agents[0].port, "password": ROOT_PASSWORD}
