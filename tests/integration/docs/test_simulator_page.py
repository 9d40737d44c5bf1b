# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on the simulator: what is typed into two terminals, and how a test uses it."""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import typing as t
import urllib.request

import pytest
import yaml

from ..conftest import BIN, LONGEST, ROOT, SPEED, Ansible
from .guides import blocks

PAGES = ("docs/simulator.md",)


def bash(script: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script.replace(".venv/bin", str(BIN))],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for(path: pathlib.Path, process: subprocess.Popen[str]) -> dict[str, t.Any]:
    while not path.exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    return t.cast("dict[str, t.Any]", json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.slow
def test_by_hand(ansible: Ansible) -> None:
    first, second, curl, _replay = blocks(PAGES[0], "shell")
    ready = ansible.folder / "ready.json"
    quick = f"--control-port 0 --port 0 --speed {SPEED} --ready-file {ready}"
    assert "--control-port 2899" in first
    simulator = bash(first.replace("--control-port 2899", quick), ansible.environment)
    try:
        agent = wait_for(ready, simulator)
        terminal = bash(second, {**ansible.environment, "OBSHELL_PORT": str(agent["port"])})
        output = terminal.communicate(timeout=LONGEST)[0]
        assert terminal.returncode == 0, output
        # Not every system has curl.
        (url,) = re.findall(r"^curl -s http://127.0.0.1:2899(\S+)$", curl, re.MULTILINE)
        with urllib.request.urlopen(f"{agent['control']}{url}") as answer:
            journal = json.load(answer)
        assert [entry["applied"] for entry in journal if entry["method"] == "POST"] == [True, True]
    finally:
        os.killpg(simulator.pid, signal.SIGINT)
        simulator.communicate(timeout=LONGEST)


def test_in_a_test(ansible: Ansible) -> None:
    (block,) = blocks(PAGES[0], "python")
    names: dict[str, t.Any] = {"Ansible": Ansible}
    exec(compile(block, PAGES[0], "exec"), names)
    names["test_a_lost_answer"](ansible)


def test_a_replay_and_its_settings() -> None:
    *_others, command = blocks(PAGES[0], "shell")
    (file,) = re.findall(r'^make replay ARGS="(\S+)"$', command, re.MULTILINE)
    replay = [sys.executable, "-m", "ansible_collections.oceanbase.obshell.tests.simulator.replay", file]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / ".build")}
    done = subprocess.run(replay, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 recordings, 108 steps, 0 answered otherwise\n"), done.stderr
    (shown,) = blocks(PAGES[0], "yaml")
    settings = yaml.safe_load((ROOT / file).with_suffix(".yml").read_text(encoding="utf-8"))
    assert yaml.safe_load(shown) == {**settings, "preset": ""}
