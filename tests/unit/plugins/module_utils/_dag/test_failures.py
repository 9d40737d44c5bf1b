# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading DAGs: what failed, and where."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.failures import (
    data_at_risk,
    explain,
    failures,
    last_attempt,
    last_lines,
    only_failed,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag

from .test_decision import WORKDIR_FAILED, make_dag

FIRST = ["mkdir data_dir: /data/store", "ERROR: dir '/data/store' is not empty"]


@pytest.mark.parametrize(
    ("logs", "last"),
    [
        ([], []),
        (["one line"], ["one line"]),
        (FIRST, FIRST),
        ([*FIRST, "clear dir /log", *FIRST], ["clear dir /log", *FIRST]),
        ([*FIRST, "mkdir data_dir: /data/store"], ["mkdir data_dir: /data/store"]),
        (["task x: ERROR: out of memory", "ERROR: remote"], ["task x: ERROR: out of memory", "ERROR: remote"]),
    ],
)
def test_last_attempt(logs: list[str], last: list[str]) -> None:
    assert last_attempt(logs) == last


def test_failures_name_node_sub_task_agent_and_log() -> None:
    WORKDIR_FAILED.nodes[1].sub_tasks[0].logs[:] = [*FIRST, *FIRST]
    assert failures(WORKDIR_FAILED) == [
        {
            "node": "Create observer workdir",
            "sub_task": "Create observer workdir",
            "agent": "127.0.0.1:2886",
            "execute_times": 1,
            "logs": FIRST,
        }
    ]
    assert explain(WORKDIR_FAILED) == f"Create observer workdir on 127.0.0.1:2886: {FIRST[-1]}"


def test_only_failed_leaves_the_rest_out_and_the_original_alone() -> None:
    shown = only_failed(WORKDIR_FAILED)
    assert [node["name"] for node in shown["nodes"]] == ["Create observer workdir"]
    assert len(WORKDIR_FAILED.raw["nodes"]) == 2


def test_a_dag_read_without_details_has_no_nodes_and_no_failures() -> None:
    dag = make_dag("FAILED", "RUN")
    assert (dag.nodes, failures(dag), explain(dag)) == ((), [], "")


def test_an_ipv6_agent_is_named_with_brackets() -> None:
    dag = make_dag("FAILED", "RUN", ("Create observer workdir", "FAILED", "RUN"))
    dag.raw["nodes"][0]["sub_tasks"][0]["execute_agent"] = {"ip": "2001:db8::1", "port": 2886}
    assert data_at_risk(Dag.from_api(dag.raw)) == ["[2001:db8::1]:2886"]


@pytest.mark.parametrize(
    ("states", "agents"),
    [
        (None, ["an unknown agent"]),
        ([], ["an unknown agent"]),
        (["SUCCEED", "FAILED"], ["192.0.2.2:2886"]),
        (["SUCCEED", "PENDING"], ["192.0.2.1:2886", "192.0.2.2:2886"]),
    ],
)
def test_what_cannot_be_seen_of_the_failed_node_counts_as_a_risk(states: list[str] | None, agents: list[str]) -> None:
    raw = make_dag("FAILED", "RUN", ("Start", "FAILED", "RUN"), ("create  Observer workdir", "FAILED", "RUN")).raw
    sub_task = raw["nodes"][1]["sub_tasks"][0]
    raw["nodes"][1]["sub_tasks"] = (
        None
        if states is None
        else [
            {**sub_task, "state": state, "execute_agent": {"ip": f"192.0.2.{number}", "port": 2886}}
            for number, state in enumerate(states, 1)
        ]
    )
    assert data_at_risk(Dag.from_api(raw)) == agents


def test_attempts_differ_by_operator_state_and_start_time() -> None:
    one = make_dag("FAILED", "RUN")
    assert one.attempt == make_dag("FAILED", "RUN").attempt
    assert one.attempt != make_dag("FAILED", "CANCEL").attempt
    assert one.attempt != one.attempt._replace(start_time="1970-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        (12, ["aaaa", "bbbb", "cccc"]),
        (11, ["(1 earlier lines left out)", "bbbb", "cccc"]),
        (4, ["(2 earlier lines left out)", "cccc"]),
        (3, ["(2 earlier lines left out)", "cccc"]),
    ],
)
def test_of_a_long_log_the_last_lines_are_kept_and_the_loss_is_told(most: int, kept: list[str]) -> None:
    assert last_lines(["aaaa", "bbbb", "cccc"], most) == kept


@pytest.mark.parametrize("length", [9_999, 10_001])
def test_a_last_line_is_kept_whole_or_not_at_all(length: int) -> None:
    """The rest of a line could begin in the middle of a password."""
    last = "x" * length
    assert last_lines([last], 3) == [last if length < 10_000 else "(left out: 10001 characters)"]


def test_a_large_dag_that_failed_everywhere_still_makes_a_small_result() -> None:
    dag = make_dag("FAILED", "RUN", *[("Start observer", "FAILED", "RUN")] * 500)
    for node in dag.raw["nodes"]:
        node["sub_tasks"] = [{**node["sub_tasks"][0], "task_logs": ["x" * 80] * 200} for _task in range(20)]
    dag = Dag.from_api(dag.raw)
    result: dict[str, t.Any] = {"dag": only_failed(dag), "failures": failures(dag), "msg": explain(dag)}
    assert len(json.dumps(result)) <= 2**20
    assert len(result["failures"]) == 200 and result["failures"][0]["logs"][-1] == "x" * 80
    assert result["msg"].endswith("and 9995 more")
