# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The molecule scenario of each role."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.oceanbase.obshell.tests.integration.conftest import BIN, ROOT, Ansible

SCENARIOS = sorted(path.parent.name for path in ROOT.glob("extensions/molecule/*/molecule.yml"))


def test_each_role_has_a_scenario() -> None:
    assert sorted(path.name for path in ROOT.glob("roles/*")) == SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(ansible: Ansible, scenario: str) -> None:
    command = [str(BIN / "molecule"), "test", "--scenario-name", scenario]
    done = subprocess.run(command, cwd=ROOT, env=ansible.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
