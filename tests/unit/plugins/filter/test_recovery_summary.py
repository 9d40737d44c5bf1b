# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter recovery_summary; what it sums up is tested beside module_utils/_dag/recovery.py."""

from __future__ import annotations

from ansible_collections.oceanbase.obshell.plugins.filter.recovery_summary import FilterModule
from ansible_collections.oceanbase.obshell.tests.unit.plugins.module_utils._dag.recorded import TWO_AGENTS, last_failed


def test_the_filter_summarises() -> None:
    summary = FilterModule().filters()["recovery_summary"]([{"dags": [], "changed": False}])
    assert (summary["outcome"], summary["changed"], summary["tree"]) == ("none", False, [])


def test_the_summary_draws_the_dag() -> None:
    dag = last_failed(*TWO_AGENTS)
    summary = FilterModule().filters()["recovery_summary"]([{"dags": [{**dag, "outcome": "failed"}]}])
    assert summary["tree"][0] == f"DAG {dag['id']} (Initialize cluster) is FAILED/RUN at stage 3 of 11, 9.0 s"
