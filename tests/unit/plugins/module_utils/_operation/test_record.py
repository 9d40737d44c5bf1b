# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of an operation or a run, handed from one part to the next."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    CONFIGURE_ALL,
    WAIT,
    Declared,
    Server,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.record import ClusterAccount
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import Posted
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import OutcomeUnknown, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import UNKNOWN, Account, Request
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import Part

DAG = Dag.from_api(
    {
        "id": "22130706433028864",
        "name": "Initialize cluster",
        "state": "FAILED",
        "operator": "RUN",
        "start_time": "2026-11-24T05:59:39Z",
        "stage": 1,
        "max_stage": 1,
        "nodes": [{"name": "Start observer", "state": "FAILED", "operator": "RUN", "sub_tasks": []}],
    }
)
KNOWN: list[dict[str, t.Any]] = [
    {},
    {"decided": True},
    {"applied": True, "changed": True},
    {"applied": UNKNOWN},
    {"changed_others": True},
    {"unblocked": ["DAG 22130706433028864"]},
    {"before": {"state": "RUNNING"}},
    {"posted": Posted.to(DAG, "ROLLBACK")},
]
DECLARED = Declared(servers=(Server("10.0.0.1", 2886, "zone1"),), state="initialized", name="obdemo", cluster_id=1)


def account(request: Request) -> Account:
    return Account(t.cast("t.Any", None), request, DAG)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: ", ".join(known) or "nothing")
def test_all_that_is_known_comes_to_the_next_part(known: dict[str, t.Any]) -> None:
    request = Request("ROLLBACK", id=DAG.id)
    first = account(request)
    for name, value in known.items():
        assert getattr(first, name) != value
        setattr(first, name, value)
    over = first.over(Part())
    assert over.known == {"changed": known.get("changed", False) or known.get("changed_others", False)}
    second = account(dataclasses.replace(request, state=json.loads(json.dumps(over.state))))
    for name in ("decided", "applied", "changed", "changed_others", "unblocked", "before", "posted"):
        assert getattr(second, name) == getattr(first, name)


def lose(account: ClusterAccount, text: str) -> None:
    account.lost(Step("join", text), Unreachable("reset", sent=True))


@pytest.mark.parametrize("in_parts", [False, True])
def test_an_answer_lost_twice_is_one_too_many_and_that_of_another_step_is_not(in_parts: bool) -> None:
    account = ClusterAccount(DECLARED)
    lose(account, "join agent 1")
    lose(account, "join agent 2")
    if in_parts:
        handed = json.loads(json.dumps(account.over(Part()).state))
        account = ClusterAccount(DECLARED)
        account.take(handed["account"])
    with pytest.raises(OutcomeUnknown, match="join agent 1: reset"):
        lose(account, "join agent 1")


def test_options_whose_answer_was_lost_are_told_once_more_whatever_comes_first() -> None:
    """A DAG of somebody else may run just then."""
    account = ClusterAccount(DECLARED)
    account.lost(Step(CONFIGURE_ALL, "set the options"), Unreachable("reset", sent=True))
    account.settle([Step(WAIT, "wait")])
    assert account.changed and account.done.configured == set()
