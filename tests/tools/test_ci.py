# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow of this repository is what GitHub takes, and has the Pythons that its one command needs."""

from __future__ import annotations

import os
import subprocess

import yaml
from cores import CORES
from environment import ROOT, VENV_BIN

WORKFLOW = ROOT / ".github/workflows/ci.yml"


def test_its_schema() -> None:
    command = [str(VENV_BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_runs_all_on_each_python() -> None:
    (job,) = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"].values()
    command = [step["run"] for step in job["steps"] if "run" in step]
    (pythons,) = (
        step["with"]["python-version"].split() for step in job["steps"] if "setup-python" in step.get("uses", "")
    )
    assert os.access(ROOT / command[0], os.X_OK) and command == [".ci/run"]
    assert set(CORES.values()) <= set(pythons)
