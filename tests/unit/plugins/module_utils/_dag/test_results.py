# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What results of tasks say of DAGs."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.recovery import add_attempts
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.results import (
    Step,
    dags_of,
    flat,
    records_of,
    steps_of,
    trace_ids_of,
    why_no_dag,
)

from .recorded import TWO_AGENTS, last_failed, reads

FAILED, ROLLED_BACK = last_failed(*TWO_AGENTS), reads(*TWO_AGENTS)[-1]
READ: dict[str, t.Any] = {"dags": [FAILED], "changed": False}
RETRY: dict[str, t.Any] = {
    "dag": {**FAILED, "failures": None, "operators": None},
    "failures": FAILED["failures"],
    "operators": FAILED["operators"],
    "operator": "RETRY",
    "applied": False,
    "failed": True,
    "changed": True,
    "elapsed": 0.2,
    "trace_ids": ["a1", "b2"],
    "trace_id": "b2",
    "msg": "RETRY is refused",
}


def test_a_failed_dag_has_failures_and_verdicts() -> None:
    (record,) = records_of(dags_of([READ, RETRY]))
    assert [failure.agent for failure in record.failures] == ["127.0.0.1:2950", "127.0.0.1:2951"]
    assert (record.earlier, record.outcome, record.operators["PASS"].verdict) == ([], "failed", "refused")
    assert "out of memory" in record.failures[0].last_line and "\n" not in record.failures[0].last_line


def test_what_failed_before_is_earlier_once_the_dag_has_ended_otherwise() -> None:
    (record,) = records_of([FAILED, ROLLED_BACK])
    assert (record.failures, record.outcome, len(record.earlier)) == ([], "rolled_back", 2)


def test_another_failure_does_not_hide_the_earlier_one() -> None:
    other = {**FAILED["failures"][0], "logs": ["ERROR: disk full"]}
    (record,) = records_of([FAILED, {**FAILED, "failures": [other]}])
    assert [failure.last_line for failure in record.failures] == ["ERROR: disk full"]
    assert record.earlier[0].last_line.startswith("ERROR: [Common.Unexpected]")


def test_each_attempt_of_a_task_is_a_run_and_only_the_last_one_says_why_it_failed_now() -> None:
    later = {"start_time": "2026-11-25T06:03:01Z", "end_time": "2026-11-25T06:03:10Z"}
    other = {**FAILED["failures"][0], "logs": ["ERROR: disk full"]}
    first, second = ({**RETRY, "fulfilled": False, "times_applied": 1} for _attempt in range(2))
    second.update(dag={**RETRY["dag"], **later}, failures=[other])
    add_attempts(first, second)
    (record,) = records_of(dags_of([second]))
    assert len(record.history.runs) == 2
    assert [failure.last_line for failure in record.failures] == ["ERROR: disk full"]
    assert [failure.agent for failure in record.earlier] == ["127.0.0.1:2950", "127.0.0.1:2951"]
    assert record.operators["PASS"].verdict == "refused"


def test_failures_are_read_from_the_nodes_if_no_task_has_done_so() -> None:
    (record,) = records_of([{name: value for name, value in FAILED.items() if name not in ("failures", "operators")}])
    assert ([failure.node for failure in record.failures], record.operators) == (["Start observer"] * 2, {})


def test_steps_are_what_the_tasks_did() -> None:
    nothing = {"dags": [], "incomplete": "the database is down"}
    assert steps_of(
        [READ, {}, {"skipped": True, "changed": False}, RETRY, nothing, {"unreachable": True, "msg": "x"}]
    ) == [
        Step("read", False, False, None, "Initialize cluster is FAILED/RUN"),
        Step("RETRY", False, True, 0.2, "RETRY is refused"),
        Step("read", False, False, None, "No DAG was found; the database is down"),
        Step("read", False, True, None, "x"),
    ]
    assert steps_of([{**RETRY, "changed": False}])[0].seconds is None
    cluster = {"steps": ["join a:1 as the master", "initialise the cluster"], "msg": "the cluster x is initialized"}
    assert steps_of([cluster])[0][0::4] == (
        "cluster",
        "join a:1 as the master; initialise the cluster: the cluster x is initialized",
    )
    assert steps_of([{"dags": []}])[0].text == "No DAG was found"
    incomplete = {**READ, "incomplete": "the database is down"}
    assert steps_of([incomplete])[0].text == "Initialize cluster is FAILED/RUN; the database is down"
    assert steps_of([{"fulfilled": False, "operator": "PASS", "msg": "m"}])[0].failed


@pytest.mark.parametrize(
    "failure", [{"retryable": False}, {"retryable": True, "fulfilled": False}, {"module_stdout": "", "rc": 1}]
)
def test_a_failure_that_the_play_does_not_count_as_one_has_failed(failure: dict[str, t.Any]) -> None:
    """As `failed_when: false` registers what the module, or Ansible after a crash of it, returns only if it failed."""
    hidden = {"changed": False, "failed": False, "failed_when_result": False, "msg": "connection refused", **failure}
    assert steps_of([hidden])[0].failed is True
    assert steps_of([{**READ, "failed": False, "failed_when_result": False}])[0].failed is False


def test_loops_are_replaced_by_their_items() -> None:
    assert flat([READ, {"results": [RETRY, {"results": []}]}]) == [READ, RETRY]


def test_why_there_is_no_dag() -> None:
    failed = {"retryable": True, "msg": "connection refused."}
    complete: dict[str, t.Any] = {"dags": [], "incomplete": ""}
    incomplete: dict[str, t.Any] = {"dags": [], "incomplete": "the database is down"}
    assert why_no_dag([]) == why_no_dag([failed, complete, {}, {"skipped": True}]) == "No DAG was found."
    assert why_no_dag([incomplete]) == "No DAG was found, but there may be one: the database is down."
    assert why_no_dag([incomplete, failed, {"skipped": True}]) == "No DAG is shown. connection refused."


def test_each_trace_id_is_there_once() -> None:
    assert trace_ids_of([RETRY, {}, RETRY, {"trace_ids": None, "trace_id": "c3"}]) == ["a1", "b2", "c3"]


def test_what_is_no_dag_is_refused_by_its_number() -> None:
    with pytest.raises(ValueError, match="number 2 is not a DAG as modules return it: max_stage is not int"):
        records_of([FAILED, {**FAILED, "max_stage": None}])
