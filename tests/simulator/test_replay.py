# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every recorded step, answered by the simulator as by the agent."""

from __future__ import annotations

from functools import cache

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator._replay import RECORDINGS, Replay


@cache
def _found(file: str) -> list[list[str]]:
    return Replay(RECORDINGS[file]).run()


CASES = [
    pytest.param(file, index, id=f"{file.removesuffix('.json')}-{index}-{step['step'].replace(' ', '_')}")
    for file, recording in RECORDINGS.items()
    for index, step in enumerate(recording.load())
]


@pytest.mark.parametrize(("file", "index"), CASES)
def test_step(file: str, index: int) -> None:
    assert _found(file)[index] == []
