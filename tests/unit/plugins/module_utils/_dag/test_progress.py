# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line for a person, and lines of log once each."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.failures import WORKDIR_NODE
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.progress import REQUESTING, Progress, Reporter

from .test_decision import make_dag


def progress(end: str, stage: int = 2, logs: tuple[str, ...] = ()) -> Progress:
    state, operator = end.split("/")
    node = "Create observer workdir" if stage == 2 else "Integrate config"
    agents = ["10.0.0.1:2886", "10.0.0.2:2886"]
    return Progress("21", "Initialize cluster", state, operator, stage, 11, node, stage - 1, agents, [[*logs]])


@pytest.mark.parametrize(
    ("end", "line"),
    [
        ("RUNNING/RUN", "2/11 | Create observer workdir on 10.0.0.1:2886, 10.0.0.2:2886"),
        ("READY/ROLLBACK", "rolling back, 2 to go | Create observer workdir on 10.0.0.1:2886, 10.0.0.2:2886"),
        ("RUNNING/CANCEL", "cancelling 2/11 | Create observer workdir on 10.0.0.1:2886, 10.0.0.2:2886"),
        ("FAILED/RUN", "FAILED/RUN at Create observer workdir"),
    ],
)
def test_line(end: str, line: str) -> None:
    assert progress(end).line(host="db1", elapsed=62.9) == f"db1 | Initialize cluster | 1:02 | {line}"


def test_it_is_read_off_the_node_of_the_present_stage() -> None:
    dag = make_dag("RUNNING", "RUN", ("Integrate config", "SUCCEED", "RUN"), (WORKDIR_NODE, "RUNNING", "RUN"))
    dag.nodes[1].sub_tasks[0].logs.append("mkdir")
    now = Progress.from_dag(dag)
    assert (now.node, now.agents, now.logs) == (WORKDIR_NODE, ["127.0.0.1:2886"], [["mkdir"]])


@pytest.mark.parametrize(("operator", "words"), [("RETRY", "requesting RETRY"), ("", "requesting")])
def test_a_request_is_shown_before_it_is_sent(operator: str, words: str) -> None:
    assert (
        progress(f"{REQUESTING}/{operator}").line(host="db1", elapsed=0) == f"db1 | Initialize cluster | 0:00 | {words}"
    )


@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_a_stage_without_a_node_has_none(stage: int) -> None:
    raw = make_dag("RUNNING", "RUN", ("Integrate config", "SUCCEED", "RUN"), (WORKDIR_NODE, "RUNNING", "RUN")).raw
    shown = [Progress.from_dag(Dag.from_api({**raw, "stage": stage, "nodes": nodes})) for nodes in (raw["nodes"], None)]
    assert [now.node for now in shown] == [["", "Integrate config", WORKDIR_NODE, ""][stage], ""]
    assert shown[0].node_index == max(stage - 1, 0) * bool(shown[0].node)


def test_without_details_there_is_no_node() -> None:
    assert Progress.from_dag(make_dag("SUCCEED", "RUN")).node == ""
    assert Progress.from_dag(make_dag("SUCCEED", "RUN")).line(host="db1", elapsed=0).endswith("| SUCCEED/RUN")


def reported(*steps: Progress, verbose: bool = False) -> list[str]:
    shown: list[str] = []
    report = Reporter(shown.append, host="db1", elapsed=lambda: 0.0, verbose=verbose, end_only=False)
    for step in steps:
        report(step)
    return [line.split(" | ")[-1] for line in shown]


def test_the_same_position_is_shown_once() -> None:
    lines = reported(progress("READY/RUN"), progress("READY/RUN"), progress("RUNNING/RUN"), progress("RUNNING/RUN", 1))
    assert len(lines) == 2


def test_verbose_shows_the_last_attempts_log_as_it_comes() -> None:
    old = ("mkdir", "ERROR: not empty")
    steps = [progress("READY/RUN", logs=old), progress("RUNNING/RUN", logs=(*old, "mkdir again"))]
    assert reported(*steps, verbose=True)[1:3] == ["mkdir", "ERROR: not empty"]
    assert reported(*steps, verbose=True)[-1] == "mkdir again"
    assert len(reported(*steps)) == 1


@pytest.mark.parametrize(("shown", "changed", "lines"), [(True, False, 2), (False, True, 1), (False, False, 0)])
def test_the_end_is_shown_of_what_was_waited_for_or_changed(shown: bool, changed: bool, lines: int) -> None:
    told: list[str] = []
    report = Reporter(told.append, host="db1", elapsed=lambda: 0.0, verbose=True, end_only=False)
    if shown:
        report(progress("RUNNING/RUN"))
    report.end(progress("SUCCEED/RUN"), changed=changed)
    report.end(progress("RUNNING/RUN"), changed=changed)
    assert len(told) == lines


def test_of_a_dag_that_ended_the_node_that_failed_is_named() -> None:
    dag = make_dag("FAILED", "RUN", ("Integrate config", "SUCCEED", "RUN"), (WORKDIR_NODE, "FAILED", "RUN"))
    assert Progress.from_dag(dag).position == f"FAILED/RUN at {WORKDIR_NODE}"
    assert (
        Progress.from_dag(make_dag("SUCCEED", "RUN", ("Integrate config", "SUCCEED", "RUN"))).position == "SUCCEED/RUN"
    )


def test_each_servers_lines_are_shown_once_and_as_its_own() -> None:
    step = progress("RUNNING/RUN")
    first = step._replace(logs=[["a1"], ["b1", "b2"]])
    second = step._replace(logs=[["a1", "a2"], ["b1", "b2", "b3"]])
    lines = [line for line in reported(first, second, verbose=True) if not line.startswith("Create")]
    assert lines == ["a1", "b1", "b2", "a2", "b3"]
    shown: list[str] = []
    report = Reporter(shown.append, host="db1", elapsed=lambda: 0.0, verbose=True, end_only=False)
    report(first)
    report(second)
    assert shown[1:] == [
        "db1 |   10.0.0.1:2886 | a1",
        "db1 |   10.0.0.2:2886 | b1",
        "db1 |   10.0.0.2:2886 | b2",
        "db1 |   10.0.0.1:2886 | a2",
        "db1 |   10.0.0.2:2886 | b3",
    ]


def test_lines_of_equally_named_nodes_and_dags_are_all_shown() -> None:
    step = progress("RUNNING/RUN", logs=("mkdir",))._replace(agents=["10.0.0.1:2886"])
    again = step._replace(stage=3, node_index=2, logs=[["mkdir again"]])
    other = step._replace(dag_id="22", logs=[["mkdir in another DAG"]])
    lines = [line for line in reported(step, again, other, verbose=True) if "mkdir" in line]
    assert lines == ["  mkdir", "  mkdir again", "  mkdir in another DAG"]


def test_the_same_position_of_another_dag_is_shown() -> None:
    assert len(reported(progress("RUNNING/RUN"), progress("RUNNING/RUN")._replace(dag_id="22"))) == 2


def test_a_line_of_log_cannot_pose_as_a_line_of_progress() -> None:
    step = progress("RUNNING/RUN", logs=("a\nlocalhost | Initialize cluster | 0:01 | SUCCEED/RUN",))
    shown: list[str] = []
    Reporter(shown.append, host="db1", elapsed=lambda: 0.0, verbose=True, end_only=False)(step)
    assert all(line.startswith("db1 | ") for line in shown) and len(shown) == 3


def test_equally_named_nodes_are_told_apart_by_their_place() -> None:
    dag = make_dag("RUNNING", "RUN", (WORKDIR_NODE, "SUCCEED", "RUN"), (WORKDIR_NODE, "RUNNING", "RUN"))
    assert Progress.from_dag(dag).node_index == 1
