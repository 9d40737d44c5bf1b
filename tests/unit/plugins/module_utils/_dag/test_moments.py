# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and durations as people read them."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.moments import clock, duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (59.9, "59.9 s"),
        (60, "1 min 0 s"),
        (125.9, "2 min 5 s"),
        (3600, "1 h 0 min"),
        (12_059, "3 h 20 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_times_are_in_utc() -> None:
    assert clock(1_764_426_245.9) == "2025-11-29 14:24:05"
