# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator answers each recorded request as the real agent did."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator.replay.recordings import FOLDER, load_recording
from ansible_collections.oceanbase.obshell.tests.simulator.replay.replay import Replay

CASES = [
    pytest.param(path, index, id=f"{path.stem}-{index}-{step['step'].replace(' ', '_')}")
    for path in sorted(FOLDER.glob("*.json"))
    for index, step in enumerate(load_recording(path).steps)
]


@pytest.mark.parametrize(("path", "index"), CASES)
def test_step(path: Path, index: int) -> None:
    assert _differences_of(path)[index] == []


@cache
def _differences_of(path: Path) -> list[list[str]]:
    return Replay(load_recording(path)).run()
