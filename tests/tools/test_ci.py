# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow of this repository is what GitHub takes, and has the Pythons that its one command needs."""

from __future__ import annotations

import os
import re
import subprocess
import typing as t

import pytest
import yaml
from cores import CORES
from environment import ROOT, VENV_BIN

WORKFLOW = ROOT / ".github/workflows/ci.yml"


def test_its_schema() -> None:
    command = [str(VENV_BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def steps() -> list[dict[str, t.Any]]:
    (job,) = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"].values()
    return list(job["steps"])


def pythons() -> list[str]:
    (versions,) = (step["with"]["python-version"] for step in steps() if "setup-python" in step.get("uses", ""))
    return sorted(versions.split(), key=lambda version: int(version.removeprefix("3.")))


def test_it_runs_all_on_each_python() -> None:
    command = [step["run"] for step in steps() if "run" in step]
    assert os.access(ROOT / command[0], os.X_OK) and command == [".ci/run"]
    assert set(CORES.values()) <= set(pythons())


@pytest.mark.parametrize(
    ("page", "words"), [("README.md", "every Python from {} to {};"), ("README.zh-CN.md", "在 {} 到 {} ")]
)
def test_no_more_pythons_are_said_to_be_tested(page: str, words: str) -> None:
    oldest, *between, newest = pythons()
    assert between == [f"3.{minor}" for minor in range(int(oldest[2:]) + 1, int(newest[2:]))]
    said = re.sub(r"\s+", " ", (ROOT / page).read_text(encoding="utf-8"))
    assert words.format(oldest, newest) in said
