# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests that somebody runs by hand leave an agent alone that is in that shell's environment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from environment import ROOT

TEST = "tests/faults/test_exposure.py::test_a_password_is_never_sent_in_clear[4.5.0.0]"


@pytest.mark.parametrize("processes", ["0", "1"])
def test_no_agent_of_the_caller_is_operated(processes: str) -> None:
    """It rolls back by name, at a port of its own: a socket in the environment would go before that."""
    command = [sys.executable, "-m", "pytest", "--quiet", "--numprocesses", processes, TEST]
    environment = {**os.environ, "OBSHELL_SOCKET": "/nowhere", "OBSHELL_USE_TLS": "true"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
