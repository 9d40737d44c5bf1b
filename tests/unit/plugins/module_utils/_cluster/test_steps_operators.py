# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step that sends an operator: with which request, and what is recorded of it, however it ends."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import steps
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import RETRY, ROLLBACK, Step
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import SliceEnded

from .step_case import Agents, Case, dag

RESULT: dict[str, t.Any] = {"changed": True, "unblocked": ["another"], "dag": {"state": "FAILED"}}


@pytest.mark.parametrize(("kind", "operator"), [(RETRY, "RETRY"), (ROLLBACK, "ROLLBACK")])
def test_an_operator_is_sent_as_the_run_allows(monkeypatch: pytest.MonkeyPatch, kind: str, operator: str) -> None:
    requests: list[t.Any] = []

    def operate(client: t.Any, request: t.Any, waiter: t.Any, checkpoint: t.Any) -> dict[str, t.Any]:
        requests.append((request, checkpoint))
        return RESULT

    monkeypatch.setattr(steps, "operate", operate)
    accept = frozenset({"data_removal"})
    case = Case(monkeypatch, Agents("MASTER", "FOLLOWER"), accept=accept, wait=False, check=True)
    step = Step(kind, "recover it", dag=dag("FAILED"))
    case.runner.run(step)
    case.runner.check(step)
    case.runner.resume({"kind": kind, "text": "recover it", "dag": dag("FAILED").raw, "operation": {"sent": None}})
    first, second, (request, checkpoint) = requests
    assert first == second == (request, None) and checkpoint == {"sent": None}
    assert (request.operator, request.id, request.accept) == (operator, dag("FAILED").id, accept)
    assert (request.wait, request.check) == (False, True)
    members = {Address("192.0.2.1", 2886), Address("192.0.2.2", 2886)}
    assert (request.foreign_agents.members, request.foreign_agents.allowed) == (members, False)
    assert case.record.changed and "roll back first what blocked it: another" in case.record.steps


@pytest.mark.parametrize("changed", [True, False])
def test_what_an_operator_did_before_it_failed_is_recorded(monkeypatch: pytest.MonkeyPatch, changed: bool) -> None:
    def operate(*_arguments: t.Any) -> t.NoReturn:
        raise Refused("no", **{**RESULT, "changed": changed}, failures=["why"], msg="no")

    monkeypatch.setattr(steps, "operate", operate)
    case = Case(monkeypatch, Agents("MASTER"))
    with pytest.raises(Refused) as caught:
        case.runner.run(Step(ROLLBACK, "roll it back", dag=dag("FAILED")))
    assert case.record.changed == changed
    assert set(caught.value.result) == {"dag", "failures"}


@pytest.mark.parametrize("changed", [True, False])
def test_an_operator_in_a_slice_says_what_it_is_about_to_change(monkeypatch: pytest.MonkeyPatch, changed: bool) -> None:
    def operate(*_arguments: t.Any) -> t.NoReturn:
        ended = SliceEnded()
        ended.checkpoint, ended.known = {"sent": None}, {"changed": changed}
        raise ended

    monkeypatch.setattr(steps, "operate", operate)
    case = Case(monkeypatch, Agents("MASTER"))
    with pytest.raises(SliceEnded) as caught:
        case.runner.run(Step(ROLLBACK, "roll it back", dag=dag("FAILED")))
    assert caught.value.known == ({"changing": "roll it back"} if changed else {})
    assert caught.value.checkpoint["operation"] == {"sent": None}
