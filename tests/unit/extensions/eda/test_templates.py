# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No text of an agent is a template in an event. Here, since only Pythons of controllers have Jinja2."""

from __future__ import annotations

import typing as t

import jinja2
import pytest

from ...plugins.module_utils._dag.kind_dags import make_dag
from ...plugins.module_utils._module.test_event_source import events_of
from ...plugins.module_utils._operation.surveyed_agent import SurveyedAgent


def texts_in(value: t.Any) -> t.Iterator[str]:
    """All texts of an event, keys among them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from (*texts_in(key), *texts_in(item))
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(
    "text",
    [
        "{{ lookup('env', 'OBSHELL_PASSWORD') }}",
        "{% set x = 6 %}",
        "{# a comment #}",
        "container {{.Name}} not found {",
        "{{{{ 6*7 }}}}",
        "#jinja2: variable_start_string:'[['",
    ],
)
def test_no_text_of_an_agent_is_a_template(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """ansible-rulebook passes the event to ansible-playbook as extra vars, which Ansible evaluates."""
    dag = make_dag("Initialize cluster", "Start observer")
    dag.raw["name"] = text
    dag.nodes[2].sub_tasks[0].logs[:] = [text]
    (event,) = events_of(SurveyedAgent(dag), 1, monkeypatch)
    environment = jinja2.Environment(keep_trailing_newline=True)
    found = list(texts_in(event))
    assert len(found) > 20 and event["dag"]["name"] != "Initialize cluster"
    for one in found:
        assert environment.from_string(one).render() == one and not one.startswith("#jinja2:")
        assert "{{" not in one + "{", "joined with another text it would be a template"
    squeezed = "".join(text.split())
    assert squeezed in "".join(event["reasons"][0].split()) and squeezed in "".join(event["dag"]["name"].split())
