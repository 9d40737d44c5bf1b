# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision table, cell by cell."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import (
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
    (make_dag("FAILED", "SKIP", ("a", "FAILED", "RUN")), ("refuse", "refuse", "refuse", "done")),
    (make_dag("SUCCEED", "SKIP"), ("refuse", "refuse", "refuse", "done")),
    *((make_dag(state, "ROLLBACK"), ("wait", "refuse", "refuse", "refuse")) for state in UNFINISHED),
    *((make_dag(state, "RUN"), ("settle", "wait", "settle", "post")) for state in UNFINISHED),
    *((make_dag(state, "CANCEL"), ("settle", "settle", "settle", "wait")) for state in UNFINISHED),
    *(
        (make_dag(state, operator), ("settle", "settle", "settle", "settle"))
        for state in UNFINISHED
        for operator in ("PASS", "SKIP")
    ),
]
CELLS = [(dag, operator, cell) for dag, row in TABLE for operator, cell in zip(OPERATORS, row)]


def name(value: t.Any) -> str:
    return f"{value.state}/{value.operator}{len(value.nodes) or ''}" if isinstance(value, Dag) else value


@pytest.mark.parametrize(("dag", "operator", "cell"), CELLS, ids=name)
def test_cell(dag: Dag, operator: str, cell: str) -> None:
    decision = decide(dag, operator)
    assert (decision.action, decision.may_change) == (("refuse", True) if cell == "settle" else (cell, False))
    assert decision.reason


@pytest.mark.parametrize(
    ("state", "shown", "requested", "reason"),
    [
        ("FAILED", "SKIP", "RETRY", "it failed with the unknown operator SKIP"),
        ("RUNNING", "SKIP", "CANCEL", "it is unfinished with the unknown operator SKIP"),
        ("SUCCEED", "SKIP", "ROLLBACK", "it succeeded with the unknown operator SKIP"),
        ("SUCCEED", "RUN", "ROLLBACK", "it succeeded"),
        ("SUCCEED", "ROLLBACK", "RETRY", "it was rolled back; start a new one"),
        ("SUCCEED", "PASS", "ROLLBACK", "it was passed"),
        ("SUCCEED", "CANCEL", "RETRY", "another client cancelled its rollback, and it ran forward"),
        ("RUNNING", "ROLLBACK", "CANCEL", "its rollback is under way, and the agent runs a cancelled rollback forward"),
        ("RUNNING", "ROLLBACK", "RETRY", "its rollback is under way"),
    ],
)
def test_a_refusal_says_why(state: str, shown: str, requested: str, reason: str) -> None:
    assert decide(make_dag(state, shown), requested).reason.split(":")[0] == reason


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
