# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that draw a DAG; what they draw is tested beside module_utils/_dag."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.oceanbase.obshell.plugins.filter import dag_timeline, dag_tree
from ansible_collections.oceanbase.obshell.tests.unit.plugins.module_utils._dag.recorded import TWO_AGENTS, last_failed

FAILED = last_failed(*TWO_AGENTS)
FILTERS = {**dag_tree.FilterModule().filters(), **dag_timeline.FilterModule().filters()}


def test_a_filter_returns_one_text() -> None:
    assert (
        FILTERS["dag_tree"](FAILED).splitlines()[0].startswith(f"DAG {FAILED['id']} (Initialize cluster) is FAILED/RUN")
    )
    assert FILTERS["dag_timeline"](FAILED).startswith("gantt\n    title DAG ")


def test_nothing_in_a_name_acts_on_a_terminal_or_begins_a_line() -> None:
    lines = FILTERS["dag_tree"]({**FAILED, "name": "a\nb\x1b[2J", "nodes": []}).splitlines()
    assert len(lines) == 1 and r"(a\nb\x1b[2J)" in lines[0]


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("value", [None, "FAILED", [FAILED], {}, {**FAILED, "nodes": [1]}])
def test_what_is_no_dag_is_refused(name: str, value: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match=f"{name} needs a DAG as obshell_dag_info returns it"):
        FILTERS[name](value)
