# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision table, cell by cell."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import (
    allowed_operators,
    decide,
    reached_end_state,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.failures import WORKDIR_NODE
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import OPERATORS, Dag

UNFINISHED = ("PENDING", "READY", "RUNNING")


def make_dag(state: str, operator: str, *nodes: tuple[str, str, str]) -> Dag:
    return Dag.from_api(
        {
            "id": "22130706433028864",
            "dag_id": 4,
            "name": "Initialize cluster",
            "state": state,
            "operator": operator,
            "start_time": "2026-11-24T05:59:39.64468894Z",
            "stage": 2,
            "max_stage": 11,
            "nodes": [
                {
                    "name": name,
                    "state": node_state,
                    "operator": node_operator,
                    "sub_tasks": [
                        {
                            "name": name,
                            "state": node_state,
                            "operator": node_operator,
                            "execute_times": 1,
                            "execute_agent": {"ip": "127.0.0.1", "port": 2886},
                            "task_logs": [],
                        }
                    ],
                }
                for name, node_state, node_operator in nodes
            ],
        }
    )


# Columns: what ROLLBACK, RETRY, PASS and CANCEL mean; "settle" is a refusal that the DAG's end may change.
TABLE: list[tuple[Dag, tuple[str, str, str, str]]] = [
    (make_dag("FAILED", "RUN", ("a", "FAILED", "RUN")), ("post", "post", "post", "done")),
    (make_dag("FAILED", "CANCEL", ("a", "FAILED", "CANCEL")), ("post", "post", "post", "done")),
    (make_dag("FAILED", "ROLLBACK", ("a", "FAILED", "RUN")), ("post", "refuse", "refuse", "done")),
    (make_dag("FAILED", "RUN", ("a", "SUCCEED", "ROLLBACK")), ("post", "refuse", "refuse", "done")),
    (make_dag("FAILED", "CANCEL", ("a", "PENDING", "ROLLBACK")), ("post", "refuse", "refuse", "done")),
    (make_dag("SUCCEED", "RUN"), ("refuse", "done", "done", "done")),
    (make_dag("SUCCEED", "ROLLBACK"), ("done", "refuse", "refuse", "done")),
    (make_dag("SUCCEED", "PASS"), ("refuse", "done", "done", "done")),
    (make_dag("SUCCEED", "CANCEL"), ("refuse", "refuse", "refuse", "done")),
    *((make_dag(state, "ROLLBACK"), ("wait", "refuse", "refuse", "refuse")) for state in UNFINISHED),
    *((make_dag(state, "RUN"), ("settle", "wait", "settle", "post")) for state in UNFINISHED),
    *((make_dag(state, "CANCEL"), ("settle", "settle", "settle", "wait")) for state in UNFINISHED),
    *((make_dag(state, "PASS"), ("settle", "settle", "settle", "settle")) for state in UNFINISHED),
]
CELLS = [(dag, operator, cell) for dag, row in TABLE for operator, cell in zip(OPERATORS, row)]


def name(value: t.Any) -> str:
    return f"{value.state}/{value.operator}{len(value.nodes) or ''}" if isinstance(value, Dag) else value


@pytest.mark.parametrize(("dag", "operator", "cell"), CELLS, ids=name)
def test_cell(dag: Dag, operator: str, cell: str) -> None:
    decision = decide(dag, operator)
    assert (decision.action, decision.may_change) == (("refuse", True) if cell == "settle" else (cell, False))
    assert decision.reason


@pytest.mark.parametrize(("dag", "row"), TABLE, ids=name)
def test_allowed_operators_are_those_that_would_be_posted(dag: Dag, row: tuple[str, ...]) -> None:
    assert allowed_operators(dag) == [operator for operator, cell in zip(OPERATORS, row) if cell == "post"]


@pytest.mark.parametrize("dag", [dag for dag, _row in TABLE], ids=name)
@pytest.mark.parametrize("operator", OPERATORS)
def test_fulfilled_only_by_the_operators_own_end(dag: Dag, operator: str) -> None:
    ends = {
        "ROLLBACK": "SUCCEED/ROLLBACK",
        "RETRY": "SUCCEED/RUN",
        "PASS": "SUCCEED/PASS",
        "CANCEL": "FAILED/CANCEL",
    }
    assert reached_end_state(dag, operator) == (f"{dag.state}/{dag.operator}" == ends[operator])


WORKDIR_FAILED = make_dag("FAILED", "RUN", ("Integrate config", "SUCCEED", "RUN"), (WORKDIR_NODE, "FAILED", "RUN"))


@pytest.mark.parametrize("operator", ["RETRY", "ROLLBACK"])
def test_going_through_a_failed_workdir_needs_consent(operator: str) -> None:
    refused = decide(WORKDIR_FAILED, operator)
    assert (refused.action, refused.data_at_risk) == ("refuse", ("127.0.0.1:2886",))
    assert "127.0.0.1:2886" in refused.reason and "accept_data_removal" in refused.reason
    assert decide(WORKDIR_FAILED, operator, accept_data_removal=True).action == "post"


def test_a_workdir_whose_cancelled_node_has_no_failed_sub_task_needs_consent_too() -> None:
    dag = make_dag("FAILED", "CANCEL", (WORKDIR_NODE, "FAILED", "CANCEL"))
    dag.raw["nodes"][0]["sub_tasks"][0]["state"] = "SUCCEED"
    assert decide(Dag.from_api(dag.raw), "RETRY").data_at_risk


@pytest.mark.parametrize("operator", ["RETRY", "ROLLBACK"])
@pytest.mark.parametrize("sub_tasks", [None, []])
@pytest.mark.parametrize("name", [WORKDIR_NODE, "create  Observer workdir "])
def test_what_the_guard_cannot_see_counts_as_a_risk(operator: str, sub_tasks: list[t.Any] | None, name: str) -> None:
    dag = make_dag("FAILED", "RUN", (name, "FAILED", "RUN"))
    dag.raw["nodes"][0]["sub_tasks"] = sub_tasks
    assert decide(Dag.from_api(dag.raw), operator).data_at_risk == ("an unknown agent",)


@pytest.mark.parametrize("operator", ["RETRY", "ROLLBACK"])
def test_a_failed_dag_without_details_counts_as_a_risk(operator: str) -> None:
    assert decide(make_dag("FAILED", "RUN"), operator).data_at_risk == ("an unknown agent",)


@pytest.mark.parametrize(("operator", "action"), [("PASS", "post"), ("CANCEL", "done")])
def test_operators_that_delete_nothing_need_no_consent(operator: str, action: str) -> None:
    assert decide(WORKDIR_FAILED, operator).action == action


def test_a_workdir_that_succeeded_needs_no_consent() -> None:
    dag = make_dag("FAILED", "RUN", (WORKDIR_NODE, "SUCCEED", "RUN"), ("Start observer", "FAILED", "RUN"))
    assert [decide(dag, operator).action for operator in ("RETRY", "ROLLBACK")] == ["post", "post"]
