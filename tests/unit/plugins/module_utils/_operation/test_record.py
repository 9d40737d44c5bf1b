# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of an operation: what it returns, what it refuses, and that it survives a checkpoint."""

from __future__ import annotations

import json
import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import SentOperator
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation import record
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import (
    UNKNOWN,
    Operation,
    OperationRequest,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import Waiter

from .._dag.kind_dags import context_of, make_dag

DAG = Dag.from_api(
    {
        "id": "22130706433028864",
        "name": "Initialize cluster",
        "state": "FAILED",
        "operator": "RUN",
        "start_time": "2026-11-24T05:59:39Z",
        "stage": 1,
        "max_stage": 1,
        "nodes": [{"id": "221", "name": "Start observer", "state": "FAILED", "operator": "RUN", "sub_tasks": []}],
    }
)
FIELDS: list[dict[str, t.Any]] = [
    {},
    {"awaiting_end": True},
    {"applied": True, "changed": True},
    {"applied": UNKNOWN, "may_be_ours": True},
    {"changed_others": True},
    {"unblocked": ["DAG 22130706433028864"]},
    {"before": {"state": "RUNNING"}},
    {"sent": SentOperator.to(DAG, "ROLLBACK")},
    {"sent": SentOperator.to(DAG, "PASS", DAG.nodes[0])},
]
NAMES = ("awaiting_end", "applied", "may_be_ours", "changed", "changed_others", "unblocked", "before", "sent")


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: ", ".join(fields) or "nothing")
def test_all_fields_come_to_the_next_slice(fields: dict[str, t.Any]) -> None:
    client: t.Any = mock.Mock()
    request, waiter = OperationRequest("ROLLBACK", id=DAG.id), Waiter.start(timeout=60, interval=10)
    first = Operation(client, request, waiter, DAG)
    for name, value in fields.items():
        assert getattr(first, name) != value
        setattr(first, name, value)
    checkpoint = json.loads(json.dumps(first.checkpoint()))
    second = Operation.resume(client, request, waiter, checkpoint)
    assert {name: getattr(second, name) for name in NAMES} == {name: getattr(first, name) for name in NAMES}


@pytest.fixture(name="read_for", autouse=True)
def fixture_read_for(monkeypatch: pytest.MonkeyPatch) -> list[Dag]:
    """The DAGs for which others were read; nothing stands in the way of any."""
    read_for: list[Dag] = []

    def context(dag: Dag) -> t.Any:
        read_for.append(dag)
        return context_of(dag)

    monkeypatch.setattr(record, "ContextReader", lambda client: mock.Mock(context_of=context))
    return read_for


def operation_on(dag: Dag, operator: str, *accept: str) -> Operation:
    client: t.Any = mock.Mock(trace_ids=["b"])
    request = OperationRequest(operator, id=dag.id, accept=frozenset(accept))
    return Operation(client, request, Waiter.start(timeout=60, interval=10), dag)


WORKDIR = make_dag("Initialize cluster", "Create observer workdir")
DROP = make_dag("Drop tenant", "Drop tenant")


@pytest.mark.parametrize(
    ("dag", "operator", "accept", "unneeded"),
    [
        (WORKDIR, "ROLLBACK", ["data_removal"], []),
        (WORKDIR, "ROLLBACK", ["half_done", "data_removal"], ["half_done"]),
        (DROP, "PASS", ["half_done", "tenant_drop", "data_removal"], ["data_removal", "tenant_drop"]),
        (make_dag("Initialize cluster", "Start observer"), "RETRY", ["half_done"], ["half_done"]),
    ],
)
def test_consent_that_is_given_is_enough_and_the_rest_is_named(
    dag: Dag, operator: str, accept: list[str], unneeded: list[str]
) -> None:
    operation = operation_on(dag, operator, *accept)
    operation.require_consent()
    assert operation.unneeded == unneeded
    assert operation.unneeded_consent == ("; accept was not needed for " + ", ".join(unneeded)) * bool(unneeded)


@pytest.mark.parametrize(
    ("dag", "operator", "accept", "message", "missing"),
    [
        (WORKDIR, "PASS", [], "PASS is refused: .*cannot be skipped", None),
        (WORKDIR, "PASS", ["data_removal", "half_done"], "PASS is refused: .*cannot be skipped", None),
        (WORKDIR, "RETRY", ["half_done"], r"Set accept to \[data_removal\] to allow this", ["data_removal"]),
        (DROP, "RETRY", [], r"Set accept to \[tenant_drop\] to allow this", ["tenant_drop"]),
    ],
)
def test_without_consent_and_for_what_no_consent_can_allow_it_is_refused(
    dag: Dag, operator: str, accept: list[str], message: str, missing: list[str] | None
) -> None:
    with pytest.raises(Refused, match=message) as caught:
        operation_on(dag, operator, *accept).require_consent()
    assert caught.value.result.get("missing_accept") == missing


def test_what_was_not_read_for_this_state_of_the_dag_counts_as_a_risk(read_for: list[Dag]) -> None:
    """PASS of this kind frees a lock, so it is refused unless other DAGs are known."""
    operation = operation_on(DROP, "PASS")
    assert operation.verdicts["PASS"].verdict == "refused"
    operation.look_around()
    operation.look_around()
    assert operation.verdicts["PASS"].verdict == "needs_consent"
    operation.dag = make_dag("Drop tenant", "Drop tenant")
    assert operation.verdicts["PASS"].verdict == "refused"
    operation.look_around()
    assert [id(dag) for dag in read_for] == [id(DROP), id(operation.dag)]


def test_what_is_advised_is_known() -> None:
    advised = [
        operation_on(DROP, "RETRY").refused("no").result["allowed_operators"],
        operation_on(DROP, "RETRY").refused("no", declined=["RETRY"]).result["allowed_operators"],
    ]
    assert advised == [["RETRY", "PASS"], ["PASS"]]
    assert operation_on(DROP, "RETRY").allowed_now() == "Operators allowed now: RETRY, PASS"
    ended = make_dag("Drop tenant", "Drop tenant", state="SUCCEED")
    assert operation_on(ended, "RETRY").allowed_now() == "Operators allowed now: none"


def test_a_result_has_every_documented_field() -> None:
    operation = operation_on(WORKDIR, "RETRY")
    operation.unblocked = ["DAG 15"]
    result = operation.result("done")
    names = ["changed", "applied", "operator", "operators", "allowed_operators", "elapsed"]
    assert [name for name in names if name not in result] == []
    assert (result["trace_ids"], result["unblocked"], result["msg"]) == (["b"], ["DAG 15"], "done")
    assert (result["dag"]["id"], [failure["agent"] for failure in result["failures"]]) == ("112", ["192.0.2.1:2886"])
    before = {"id": "112", "name": "Initialize cluster", "state": "FAILED", "operator": "RUN", "stage": 2}
    assert result["diff"] == {"before": before, "after": before}


MOVED = make_dag("Drop tenant", "Drop tenant", start_time="2026-11-24T06:00:00Z")


@pytest.mark.parametrize(
    ("applied", "sent_to", "after"),
    [
        (True, DROP, UNKNOWN),
        (True, MOVED, True),
        (True, None, True),
        (UNKNOWN, DROP, UNKNOWN),
        (False, DROP, False),
    ],
)
def test_an_acceptance_is_doubted_only_if_the_dag_never_moved(
    applied: bool | str, sent_to: Dag | None, after: bool | str
) -> None:
    operation = operation_on(DROP, "RETRY")
    operation.applied, operation.changed = applied, True
    operation.sent = SentOperator.to(sent_to, "RETRY") if sent_to else None
    operation.doubt_acceptance()
    assert (operation.applied, operation.changed) == (after, after == applied)
    words = "; the response to RETRY was lost, so another client may have applied it"
    assert operation.caveat == (words if after == UNKNOWN else "")
