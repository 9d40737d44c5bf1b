# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter recovery_summary; what it sums up is tested beside module_utils/_dag/recovery.py."""

from __future__ import annotations

from ansible_collections.oceanbase.obshell.plugins.filter.recovery_summary import FilterModule


def test_the_filter_summarises() -> None:
    summary = FilterModule().filters()["recovery_summary"]([{"dags": [], "changed": False}])
    assert (summary["outcome"], summary["changed"]) == ("none", False)
