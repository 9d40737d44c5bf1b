# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the expressions of the rulebook become, evaluated as ansible-rulebook evaluates them."""

from __future__ import annotations

import pathlib
import typing as t

import jinja2
import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

RULEBOOK = pathlib.Path(__file__).parents[4] / "extensions/eda/rulebooks/self_heal.yml"
BASE = {"password": "base", "ca_path": "/ca.pem"}


def evaluate(expression: str, **variables: t.Any) -> t.Any:
    return NativeEnvironment(undefined=jinja2.StrictUndefined).from_string(expression).render(variables)


@pytest.fixture(name="ruleset")
def fixture_ruleset() -> t.Any:
    (ruleset,) = yaml.safe_load(RULEBOOK.read_text(encoding="utf-8"))
    return ruleset


def connection_of(ruleset: t.Any, position: int, host: str = "10.0.0.1", **variables: t.Any) -> t.Any:
    expression = ruleset["rules"][0]["action"]["run_playbook"]["extra_vars"]["recover_dag_connection"]
    return evaluate(expression, event={"agent": {"host": host, "port": 2886, "connection": position}}, **variables)


@pytest.mark.parametrize(
    ("position", "own"),
    [
        (0, {**BASE}),
        (1, {**BASE, "use_tls": True}),
        (2, {**BASE, "password": "1e5", "agent_password": None}),
        (3, {**BASE, "password": None, "agent_password": "agent"}),
    ],
)
def test_an_agent_is_recovered_with_the_options_with_which_it_is_watched(
    ruleset: t.Any, position: int, own: dict[str, t.Any]
) -> None:
    connections = [
        {"host": "db1", "use_tls": True},
        {"host": "db2", "password": "1e5"},
        {"host": "2001:DB8::1", "port": 2886, "agent_password": "agent"},
    ]
    found = connection_of(ruleset, position, obshell_connection=BASE, obshell_connections=connections)
    assert found == {**own, "host": "10.0.0.1", "port": 2886}


def test_an_agent_without_options_of_its_own_is_recovered_with_those_of_the_environment(ruleset: t.Any) -> None:
    assert connection_of(ruleset, 0) == {"host": "10.0.0.1", "port": 2886}
    connections = [{"host": "db1", "password": "own"}]
    assert connection_of(ruleset, 0, obshell_connections=connections) == {"host": "10.0.0.1", "port": 2886}


def test_options_that_are_not_found_are_not_replaced_by_those_of_another_cluster(ruleset: t.Any) -> None:
    with pytest.raises(jinja2.UndefinedError):
        connection_of(ruleset, 2, obshell_connection=BASE, obshell_connections=[{"host": "db1", "password": "own"}])


PASSWORDS = ["1e5", "0x1F", "None", "12345", "['a']", "{'a': 1}", "it's", 'a "b" \\ c\n', "wörter " * 30, "s3cr3t#"]


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_stays_the_text_that_it_is(ruleset: t.Any, password: str) -> None:
    expression = ruleset["sources"][0]["oceanbase.obshell.dag"]["password"]
    assert evaluate(expression, obshell_password=password) == password


def test_a_password_that_yaml_reads_as_a_number_is_a_text_and_one_that_is_absent_is_none(ruleset: t.Any) -> None:
    expression = ruleset["sources"][0]["oceanbase.obshell.dag"]["password"]
    assert evaluate(expression, obshell_password=12345) == "12345"
    assert evaluate(expression) is None
