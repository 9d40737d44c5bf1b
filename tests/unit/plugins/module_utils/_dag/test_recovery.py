# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a recovery, and its summary from the results of its tasks."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.recovery import add_attempts, outcome, summarise

from .test_decision import make_dag

FAILURE = {
    "node": "Start observer",
    "sub_task": "x",
    "agent": "a:1",
    "execute_times": 1,
    "logs": ["ERROR: out\nof memory"],
}
AGAIN = {**FAILURE, "execute_times": 3}


@pytest.mark.parametrize(
    ("state", "operator", "expected"),
    [
        ("SUCCEED", "RUN", "initialized"),
        ("SUCCEED", "ROLLBACK", "rolled_back"),
        ("SUCCEED", "PASS", "passed"),
        ("SUCCEED", "CANCEL", "failed"),
        ("FAILED", "RUN", "failed"),
        ("FAILED", "ROLLBACK", "failed"),
        ("RUNNING", "RUN", "unfinished"),
        ("READY", "ROLLBACK", "unfinished"),
    ],
)
def test_outcome(state: str, operator: str, expected: str) -> None:
    assert outcome(make_dag(state, operator)) == expected


def test_only_an_initialisation_initialises() -> None:
    dag = make_dag("SUCCEED", "RUN")
    assert outcome(dataclasses.replace(dag, name="Start OB")) == "succeeded"


def info(*dags: dict[str, t.Any], **result: t.Any) -> dict[str, t.Any]:
    return {"changed": False, "dags": list(dags), **result}


def dag(named: str, number: int = 1, *failures: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"id": f"1{number}", "dag_id": number, "outcome": named, "failures": list(failures)}


def operation(operator: str, *failures: dict[str, t.Any], **result: t.Any) -> dict[str, t.Any]:
    known = {"changed": True, "times_applied": 1, "fulfilled": True, "unblocked": [], "dag": {"id": "11"}}
    return {**known, "operator": operator, "failures": list(failures), "msg": "", **result}


@pytest.mark.parametrize(
    ("final", "expected"),
    [
        (info(), "none"),
        (info(incomplete=""), "none"),
        (info(incomplete="the database is down"), "failed"),
        (info(unavailable=[{"route": "dag/maintain/ob", "error": {"message": "not found"}}]), "none"),
        (info(unavailable=[{"route": "dag/22130706433028864", "error": {"message": "not found"}}]), "failed"),
        (info(incomplete="the database is down", check_mode=True), "failed"),
        (info(dag("initialized"), incomplete="the database is down"), "initialized"),
        (info(dag("initialized")), "initialized"),
        (info(dag("failed", 1), dag("rolled_back", 2)), "rolled_back"),
        (info(dag("unfinished")), "failed"),
        (info(dag("failed"), check_mode=True), "unfinished"),
        (info(dag("unfinished"), check_mode=True), "unfinished"),
        ({}, "failed"),
        ({"msg": "connection refused"}, "failed"),
    ],
)
def test_the_outcome_is_that_of_the_newest_dag_at_the_end(final: dict[str, t.Any], expected: str) -> None:
    assert summarise([info(dag("failed", 9)), final])["outcome"] == expected


def test_nothing_found_in_incomplete_lists_fails_with_the_reason() -> None:
    assert "the database is down" in summarise([info(), info(incomplete="the database is down")])["msg"]
    assert summarise([info(incomplete="the database is down"), info(dag("initialized"))])["msg"] == ""


def test_what_the_tasks_changed_and_found_is_added_up() -> None:
    skipped = {"changed": False, "skipped": True}
    retry = operation("RETRY", FAILURE, AGAIN, times_applied=2, fulfilled=False, msg="RETRY failed")
    rollback = operation("ROLLBACK", unblocked=["DAG 12"])
    found = info(dag("failed", 1, FAILURE))
    summary = summarise([found, skipped, {}, retry, rollback, info(dag("rolled_back"))])
    assert summary == {
        "outcome": "rolled_back",
        "dag_id": "11",
        "changed": True,
        "retries": 2,
        "failures": [FAILURE, AGAIN],
        "reasons": ["Start observer on a:1: ERROR: out of memory"],
        "unblocked": ["DAG 12"],
        "msg": "",
    }


def test_failures_are_also_those_of_dags_that_were_only_found() -> None:
    found = info(dag("failed", 1, FAILURE), dag("failed", 2, AGAIN, FAILURE), {"id": "13", "outcome": "failed"})
    assert summarise([found])["failures"] == [FAILURE, AGAIN]


@pytest.mark.parametrize("results", [[], [{}], [info()]])
def test_without_a_dag_nothing_was_changed(results: list[dict[str, t.Any]]) -> None:
    summary = summarise(results)
    assert (summary["dag_id"], summary["changed"], summary["retries"], summary["msg"]) == ("", False, 0, "")


def test_a_failed_recovery_says_why() -> None:
    retry = operation("RETRY", FAILURE, fulfilled=False, msg="RETRY failed")
    assert summarise([retry, info(dag("failed"))])["msg"] == "RETRY failed"


def test_attempts_of_one_task_are_added_to_the_last_one() -> None:
    earlier = operation("RETRY", FAILURE, unblocked=["DAG 12"])
    refused = operation("RETRY", AGAIN, changed=False, times_applied=0)
    add_attempts(earlier, refused)
    assert (refused["changed"], refused["times_applied"], refused["unblocked"]) == (True, 1, ["DAG 12"])
    assert refused["failures"] == [FAILURE, AGAIN]


def test_each_attempt_of_one_task_keeps_its_dag_with_why_that_failed() -> None:
    results = [
        operation("RETRY", FAILURE, dag={"id": "11", "stage": 1}),
        {"fulfilled": False, "changed": False, "times_applied": 0, "msg": "connection refused"},
        operation("RETRY", AGAIN, dag={"id": "11", "stage": 2}, operators={"RETRY": {}}),
        operation("RETRY", dag={"id": "11", "stage": 3}),
    ]
    for earlier, result in zip(results, results[1:]):
        add_attempts(earlier, result)
    assert results[-1]["reads"] == [
        {"id": "11", "stage": 1, "failures": [FAILURE], "operators": None},
        {"id": "11", "stage": 2, "failures": [AGAIN], "operators": {"RETRY": {}}},
        {"id": "11", "stage": 3, "failures": [], "operators": None},
    ]
    assert results[-1]["failures"] == [FAILURE, AGAIN]
