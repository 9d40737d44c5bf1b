# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each agent of a fleet is connected to, and which errors are the task's own."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput, MissingLibrary, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._module import fleet_info, surveys
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import execute

from .._operation.surveyed_agent import SurveyedAgent


def run(monkeypatch: pytest.MonkeyPatch, connect: t.Callable[..., t.Any], **options: t.Any) -> dict[str, t.Any]:
    monkeypatch.setattr(surveys, "connect", connect)
    validated = ArgumentSpecValidator(**fleet_info.TASK.spec).validate(options)
    return execute(fleet_info.TASK, validated.validated_parameters, check=False, diff=False)


def raising(error: Exception) -> t.Callable[..., t.Any]:
    def connect(params: dict[str, t.Any], _trusts: t.Any) -> t.Any:
        raise error

    return connect


def test_each_agent_is_asked_with_options_of_its_own_and_a_member_with_those_of_the_agent_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, tuple[t.Any, ...]] = {}

    def connect(params: dict[str, t.Any], _trusts: t.Any) -> t.Any:
        host = params["host"]
        names = ("port", "password", "agent_password", "socket", "timeout", "wait_timeout")
        asked[host] = tuple(params[name] for name in names)
        number = int(host[-1])
        return SurveyedAgent(number=number, peers=(1, 2) if number < 3 else (3,))

    result = run(
        monkeypatch,
        connect,
        socket="/run/a.sock",
        agents=["192.0.2.3:2887"],
        connections=[{"host": "192.0.2.1", "password": "one"}],
        password="all",
        agent_password="agent",
        timeout=5,
        members=True,
    )
    assert asked == {
        "192.0.2.3": (2887, "all", "agent", None, 5.0, 0.0),
        "192.0.2.1": (2886, "one", None, None, 5.0, 0.0),
        "192.0.2.2": (2886, "one", None, None, 5.0, 0.0),
    }
    assert [agent["host"] for agent in result["agents"]] == ["192.0.2.3", "192.0.2.1", "192.0.2.2"]


def test_a_library_that_is_missing_fails_the_task_since_no_agent_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, raising(MissingLibrary("cryptography", "to encrypt")), agents=["a", "b"])
    assert result["failed"] and "cryptography is needed" in result["msg"]


@pytest.mark.parametrize("error", [Unreachable("refused", sent=False), InvalidInput("no such file"), KeyError("bug")])
def test_any_other_error_is_one_of_the_agent(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    result = run(monkeypatch, raising(error), agents=["a", "b"])
    assert [agent["reachable"] for agent in result["agents"]] == [False, False]
    assert all(agent["msg"] for agent in result["agents"])
