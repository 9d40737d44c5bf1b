# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the operators say what the table of kinds says, in both languages."""

from __future__ import annotations

import re

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import CONSEQUENCES, PASS_NODE
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS
from operators_page import PAGES, Language, recorded_kinds, render

COMMAND = "PYTHONPATH=.build .venv/bin/python tests/tools/operators_page.py"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_up_to_date(name: str) -> None:
    assert PAGES[name].read_text(encoding="utf-8") == render(name)[0], f"Run {COMMAND}"


def test_each_text_of_the_table_is_translated_and_no_other() -> None:
    _page, language = render("zh-CN")
    assert language.missing == set()
    assert set(language.translations or ()) == language.used


def test_translations_keep_the_placeholders_and_what_stays_english() -> None:
    for english, chinese in (Language("zh-CN").translations or {}).items():
        assert sorted(re.findall(r"\{\w+\}", chinese)) == sorted(re.findall(r"\{\w+\}", english)), english
        kept = re.findall(r"\b[A-Z]{4,}\b|\"[^\"]+\"|\bkill -9\b", english)
        assert [word for word in kept if word not in chinese] == [], english


def test_both_languages_have_the_same_words_and_the_same_tables() -> None:
    english, chinese = Language("en").words, Language("zh-CN").words
    assert chinese.keys() - {"translations"} == english.keys()
    for name, words in english.items():
        if isinstance(words, dict):
            assert chinese[name].keys() == words.keys(), name
    pages = [PAGES[name].read_text(encoding="utf-8") for name in PAGES]
    for pattern in (r"^#+ ", r"^\| (?:ROLLBACK|RETRY|PASS|CANCEL)?", r"^\d\. "):
        assert len({tuple(re.findall(pattern, page, re.MULTILINE)) for page in pages}) == 1, pattern


@pytest.mark.parametrize("name", PAGES)
def test_the_page_has_each_kind_with_each_of_its_rules_and_each_consequence(name: str) -> None:
    page = PAGES[name].read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:ROLLBACK|RETRY|PASS|CANCEL)[^|]*) \|", page, re.MULTILINE)
    labels = {PASS_NODE: Language(name).words["pass_node"]}
    assert sorted(rows) == sorted(labels.get(rule.operator, rule.operator) for kind in KINDS for rule in kind.rules)
    assert len(re.findall("^### ", page, re.MULTILINE)) == len(KINDS)
    assert all(f"`{pattern}`" in page for kind in KINDS for pattern in kind.names)
    assert all(f"| `{consequence}` |" in page for consequence in CONSEQUENCES)


def test_only_kinds_that_were_operated_on_real_agents_count_as_recorded() -> None:
    recorded = recorded_kinds()
    named = {kind.names[0]: recorded.get(id(kind)) for kind in KINDS}
    assert named["Initialize cluster"] == ({"4.2.5.0", "4.2.6.0", "4.3.2.0", "4.5.0.0"}, {*named_operators()})
    assert named["Switchover"] is None
    page = PAGES["en"].read_text(encoding="utf-8")
    assert page.count("Not recorded, only read") == len(KINDS) - len(recorded)


def named_operators() -> tuple[str, ...]:
    return ("ROLLBACK", "RETRY", "PASS", "CANCEL")
