# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of DAGs and nodes in the table of kinds: a star at the end is a parameter, all else is the name itself."""

from __future__ import annotations

import fnmatch

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import matches
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS

PATTERNS = sorted({pattern for kind in KINDS for pattern in (*kind.names, *kind.nodes)})
IN_RULES = {pattern for kind in KINDS for rule in kind.rules for pattern in (*rule.at, *rule.since)}


def test_only_the_last_character_is_a_star() -> None:
    assert [pattern for pattern in (*PATTERNS, *IN_RULES) if set(pattern.removesuffix("*")) & set("*?[")] == []


@pytest.mark.parametrize("parameter", ["t1", "", "[a] *"])
def test_names_match_as_file_names_do(parameter: str) -> None:
    names = [pattern.replace("*", parameter).strip() for pattern in PATTERNS]
    expected = [(name, [pattern for pattern in PATTERNS if matches_as_file(name, pattern)]) for name in names]
    assert [(name, [pattern for pattern in PATTERNS if matches(name, (pattern,))]) for name in names] == expected


def matches_as_file(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name.casefold(), pattern.casefold())


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("create  Tenant t1", "Create tenant *", True),
        ("Create tenant", "Create tenant *", False),
        ("Create tenants t1", "Create tenant *", False),
        ("Delete agent 1", "Delete agent", False),
        ("delete\tagent ", "Delete agent", True),
    ],
)
def test_case_and_blanks_do_not_count(name: str, pattern: str, fits: bool) -> None:
    assert matches(name, (pattern,)) is fits
