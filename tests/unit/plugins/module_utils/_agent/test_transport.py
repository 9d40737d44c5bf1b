# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For how long an answer asks to be left alone."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import parse_retry_after


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("60", 60),
        ("61", 60),
        ("9" * 5000, 60),
        ("-1", 0),
        ("1.5", 0),
        ("1e9", 0),
        ("inf", 0),
        ("\u00b2", 0),
        ("\u0667", 0),
        ("soon", 0),
        ("Thu, 26 Nov 2026 06:00:00 GMT", 0),
    ],
)
def test_retry_after(retry_after: str | None, seconds: float) -> None:
    assert parse_retry_after(retry_after) == seconds
