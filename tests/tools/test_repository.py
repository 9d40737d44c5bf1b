# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow is valid and has the Pythons that its command needs; git tracks all that users run."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
import yaml
from environment import ROOT, VENV_BIN, tool_environment

WORKFLOW = ROOT / ".github/workflows/ci.yml"
JOBS = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]


def commands(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def pythons() -> list[str]:
    (versions,) = (step["with"]["python-version"] for step in JOBS["check"]["steps"] if "with" in step)
    return sorted(versions.split(), key=lambda version: int(version.removeprefix("3.")))


def test_the_workflow_has_a_valid_schema() -> None:
    command = [str(VENV_BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    subprocess.run(command, env=tool_environment(), check=True)


def test_each_push_runs_all_on_each_python() -> None:
    assert "if" not in JOBS["check"] and commands("check") == [".ci/run"] and os.access(ROOT / ".ci/run", os.X_OK)
    needed = re.findall(r'"2\.\d+": "(3\.\d+)"', (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    assert needed and set(needed) <= set(pythons())


def test_only_the_scheduled_run_asks_for_vulnerabilities() -> None:
    assert JOBS["audit"]["if"] == "github.event_name == 'schedule'"
    assert commands("audit")[-1] == ".venv/bin/nox --session audit"


@pytest.mark.parametrize(
    ("page", "words"), [("README.md", "every Python from {} to {}."), ("README.zh-CN.md", "在 {} 到 {} ")]
)
def test_no_more_pythons_are_said_to_be_tested(page: str, words: str) -> None:
    oldest, *between, newest = pythons()
    assert between == [f"3.{minor}" for minor in range(int(oldest[2:]) + 1, int(newest[2:]))]
    said = re.sub(r"\s+", " ", (ROOT / page).read_text(encoding="utf-8"))
    assert words.format(oldest, newest) in said


def test_git_tracks_each_file_of_the_collection() -> None:
    """Other checks read the checkout, and would pass with a file that nobody else gets."""
    command = ["git", "ls-files", "--others", "--exclude-standard", "plugins", "roles", "playbooks", "meta"]
    assert subprocess.check_output(command, cwd=ROOT, env=tool_environment(), text=True) == ""
