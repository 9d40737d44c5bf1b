# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator answers each recorded request as the real agent did."""

from __future__ import annotations

from functools import cache

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator.replay.recordings import RECORDINGS
from ansible_collections.oceanbase.obshell.tests.simulator.replay.replay import Replay

CASES = [
    pytest.param(file, index, id=f"{file.removesuffix('.json')}-{index}-{step['step'].replace(' ', '_')}")
    for file, recording in RECORDINGS.items()
    for index, step in enumerate(recording.load())
]


@pytest.mark.parametrize(("file", "index"), CASES)
def test_step(file: str, index: int) -> None:
    assert _differences_of(file)[index] == []


@cache
def _differences_of(file: str) -> list[list[str]]:
    return Replay(RECORDINGS[file]).run()
