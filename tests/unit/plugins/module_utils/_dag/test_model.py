# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is accepted as a DAG, and what is read from it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, Node, SubTask, parse_time
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address

SUB_TASK: dict[str, t.Any] = {
    "name": "Start observer",
    "state": "FAILED",
    "operator": "RUN",
    "execute_times": 2,
    "execute_agent": {"ip": "192.0.2.1", "port": 2886},
    "task_logs": ["one", "two"],
}
NODE = {"name": "Start observer", "state": "FAILED", "operator": "RETRY", "sub_tasks": [SUB_TASK]}
DAG: dict[str, t.Any] = {
    "id": "23221225985028864",
    "dag_id": 4,
    "name": "Initialize cluster",
    "state": "FAILED",
    "operator": "RUN",
    "start_time": "2026-11-24T05:59:39Z",
    "stage": 1,
    "max_stage": 1,
    "nodes": [NODE],
}


def test_all_that_is_read() -> None:
    dag = Dag.from_api(DAG, details=True)
    (node,) = dag.nodes
    assert (dag.id, dag.name, dag.state, dag.operator) == (DAG["id"], "Initialize cluster", "FAILED", "RUN")
    assert (dag.stage, dag.max_stage, dag.raw, dag.number) == (1, 1, DAG, 4)
    assert dag.owner == Address("192.0.2.1", 2886)
    assert dag.attempt == ("RUN", "FAILED", "2026-11-24T05:59:39Z")
    assert dag.position == (*dag.attempt, "1")
    assert str(dag) == f"DAG {DAG['id']} (Initialize cluster) is FAILED/RUN at stage 1 of 1"
    assert node[:3] == ("Start observer", "FAILED", "RETRY") and node.raw == NODE
    assert node.sub_tasks == [SubTask("Start observer", "FAILED", "RUN", dag.owner, 2, ["one", "two"], SUB_TASK)]


@pytest.mark.parametrize("name", ["nodes", "sub_tasks", "task_logs", "execute_agent"])
def test_null_stands_for_nothing(name: str) -> None:
    sub_task = {**SUB_TASK, name: None} if name in SUB_TASK else SUB_TASK
    node = {**NODE, "sub_tasks": None if name == "sub_tasks" else [sub_task]}
    dag = Dag.from_api({**DAG, "nodes": None if name == "nodes" else [node]})
    nodes: tuple[Node, ...] = dag.nodes
    assert bool(nodes) == (name != "nodes")
    assert bool(nodes and nodes[0].sub_tasks) == (name not in ("nodes", "sub_tasks"))
    if name == "task_logs":
        assert nodes[0].sub_tasks[0].logs == []


@pytest.mark.parametrize("name", ["id", "name", "state", "operator", "start_time", "stage", "max_stage"])
@pytest.mark.parametrize("value", [None, [], {}])
def test_what_a_dag_must_have(name: str, value: t.Any) -> None:
    with pytest.raises(ValueError, match=f"{name} is not"):
        Dag.from_api({**DAG, name: value})


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "DAG",
        {**DAG, "state": "SKIPPED"},
        {**DAG, "nodes": {}},
        {**DAG, "nodes": ["node"]},
        {**DAG, "nodes": [{**NODE, "state": "SKIPPED"}]},
        {**DAG, "nodes": [{**NODE, "sub_tasks": ["task"]}]},
        {**DAG, "nodes": [{**NODE, "sub_tasks": [{**SUB_TASK, "execute_times": "2"}]}]},
        {**DAG, "nodes": [{**NODE, "sub_tasks": [{**SUB_TASK, "task_logs": [1]}]}]},
    ],
)
def test_what_is_no_dag(odd: t.Any) -> None:
    with pytest.raises(ValueError):
        Dag.from_api(odd)


@pytest.mark.parametrize(
    ("nodes", "max_stage"), [(None, 1), ([], 1), ([NODE], 2), ([NODE, NODE], 1), ([], 0), (None, 0)]
)
def test_details_must_hold_every_node(nodes: list[t.Any] | None, max_stage: int) -> None:
    raw = {**DAG, "nodes": nodes, "max_stage": max_stage}
    assert Dag.from_api(raw).max_stage == max_stage
    with pytest.raises(ValueError, match=f"{len(nodes or ())} nodes instead of {max_stage}"):
        Dag.from_api(raw, details=True)


@pytest.mark.parametrize(("raw", "number"), [({"dag_id": 4}, 4), ({"dag_id": None}, 0), ({}, 0)])
def test_a_dag_without_a_number_is_the_oldest(raw: dict[str, t.Any], number: int) -> None:
    without = {name: value for name, value in DAG.items() if name != "dag_id"}
    assert Dag.from_api({**without, **raw}).number == number


def test_the_state_of_a_sub_task_may_be_an_unknown_one() -> None:
    node = {**NODE, "sub_tasks": [{**SUB_TASK, "state": "SKIPPED"}]}
    assert Dag.from_api({**DAG, "nodes": [node]}).nodes[0].sub_tasks[0].state == "SKIPPED"


@pytest.mark.parametrize(
    ("operator", "node_operator", "half", "half_or_cancelled"),
    [
        ("RUN", "RUN", False, False),
        ("ROLLBACK", "RUN", True, True),
        ("RUN", "ROLLBACK", True, True),
        ("CANCEL", "RUN", False, True),
        ("CANCEL", "ROLLBACK", True, True),
    ],
)
def test_half_rolled_back(operator: str, node_operator: str, half: bool, half_or_cancelled: bool) -> None:
    dag = Dag.from_api({**DAG, "operator": operator, "nodes": [NODE, {**NODE, "operator": node_operator}]})
    assert (dag.half_rolled_back, dag.half_rolled_back_or_cancelled) == (half, half_or_cancelled)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T00:00:01.987654321Z", 1.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00:00.5-00:30", 1800.0),
        ("1970-01-01T00:00:60Z", None),
        ("1970-13-01T00:00:00Z", None),
        ("1970-01-01 00:00:00Z", None),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01T00:00:00Z+", None),
        ("", None),
        ("None", None),
    ],
)
def test_times(stamp: str, expected: float | None) -> None:
    assert parse_time(stamp) == expected


@pytest.mark.parametrize(
    ("changes", "now", "age"),
    [
        ({"end_time": "2026-11-24T06:00:00.5Z"}, "2026-11-24T07:00:00Z", 3600),
        ({"end_time": "2026-11-24T14:00:00+08:00"}, "2026-11-24T07:00:00Z", 3600),
        ({"state": "RUNNING", "end_time": "1970-01-01T00:00:00Z"}, "2026-11-24T06:00:39Z", 60),
        ({"state": "READY", "start_time": "1970-01-01T00:00:00Z"}, "2026-11-24T06:00:39Z", None),
        ({"state": "RUNNING", "start_time": "0001-01-01T00:00:00Z"}, "2026-11-24T06:00:39Z", None),
        ({"state": "RUNNING"}, "2026-11-24T05:59:38Z", 0),
        ({}, "2026-11-24T07:00:00Z", None),
        ({"state": "RUNNING"}, "", None),
    ],
)
def test_the_age_counts_from_the_end_or_from_the_begin_of_the_attempt(
    changes: dict[str, t.Any], now: str, age: float | None
) -> None:
    assert Dag.from_api({**DAG, **changes}).age(parse_time(now)) == age


def test_without_nodes_nothing_else_changes() -> None:
    dag = Dag.from_api(DAG, details=True)
    assert dag.without_nodes() == Dag.from_api({**DAG, "nodes": None})
