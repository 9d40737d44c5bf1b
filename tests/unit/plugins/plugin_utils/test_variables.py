# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent says is never a template, and is trusted only where it cannot be one."""

from __future__ import annotations

import functools
import typing as t

import pytest
from ansible.template import Templar
from ansible_collections.oceanbase.obshell.plugins.plugin_utils import _variables
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._variables import as_data

TEMPLATES = ("{{ 6 * 7 }}", "{% set x = 1 %}", "{# nothing #}", "#jinja2: variable_start_string:'[['\n[[ 6 * 7 ]]")


@pytest.mark.parametrize("text", TEMPLATES)
def test_no_text_is_taken_for_a_template(text: str) -> None:
    values = as_data({"zone": text, "dags": [{"name": text}], "port": 2886, "error": None})
    assert values == {"zone": text, "dags": [{"name": text}], "port": 2886, "error": None}
    assert Templar(None).template(values) == values


@pytest.mark.parametrize("marks", [True, False])
def test_only_harmless_text_is_marked_as_trusted(monkeypatch: pytest.MonkeyPatch, marks: bool) -> None:
    """Up to ansible-core 2.18 there is no such mark; what may be a template is wrapped instead."""
    marked: list[str] = []
    wrapped: list[str] = []

    def note(text: str, into: list[str]) -> str:
        into.append(text)
        return text

    mark = functools.partial(note, into=marked)
    monkeypatch.setattr(_variables, "trust_as_template", mark if marks else None)
    monkeypatch.setattr(_variables, "_wrap", functools.partial(note, into=wrapped))
    values: list[t.Any] = ["10.0.0.1", "CLUSTER AGENT", *TEMPLATES]
    assert as_data(values) == values
    expected = (values[:2], []) if marks else ([], list(TEMPLATES))
    assert (marked, wrapped) == expected
