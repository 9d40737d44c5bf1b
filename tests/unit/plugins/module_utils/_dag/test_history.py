# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened in a DAG, put together from all reads of it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.history import History, Run, histories, label
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag

from .recorded import OBPROXY, TWO_AGENTS, last_failed, reads

START = "Start observer"
Raw = dict[str, t.Any]


def history_of(raws: t.Iterable[Raw]) -> History:
    (history,) = histories([Dag.from_api(raw) for raw in raws])
    return history


def kinds_of(runs: list[Run]) -> list[str]:
    return [f"{run.state}/{run.operator}" for run in runs]


def test_one_read_of_a_failed_dag() -> None:
    history = history_of([last_failed(*TWO_AGENTS)])
    assert (history.complete, [node.has_run for node in history.nodes]) == (True, [True] * 3 + [False] * 8)
    assert kinds_of(history.runs) == kinds_of(history.nodes[2].runs) == ["FAILED/RUN"]
    assert [round(node.runs[0].seconds or 0) for node in history.nodes[:3]] == [1, 3, 3]
    assert history.first_start == history.runs[0].start < history.nodes[0].runs[0].start


def test_the_next_node_waited_for_the_agent_that_ended_last() -> None:
    history = history_of([last_failed(*TWO_AGENTS)])
    waited_for = history.nodes[1].waited_for
    assert waited_for and (str(waited_for[0].agent), round(waited_for[1])) == ("127.0.0.1:2951", 2)
    assert history.nodes[0].waited_for is None and history.nodes[5].waited_for is None


def test_all_reads_show_the_rollback_after_the_failure() -> None:
    history = history_of(reads(*TWO_AGENTS))
    assert label(history.last) == "SUCCEED/ROLLBACK"
    both = ["FAILED/RUN", "SUCCEED/ROLLBACK"]
    assert kinds_of(history.runs) == kinds_of(history.nodes[2].runs) == both
    assert [kinds_of(sub_task.runs) for sub_task in history.nodes[2].sub_tasks] == [both, both]
    assert kinds_of(history.nodes[0].runs) == ["SUCCEED/RUN", "SUCCEED/ROLLBACK"]


def test_the_last_read_alone_shows_only_the_rollback() -> None:
    history = history_of(reads(*TWO_AGENTS)[-1:])
    assert kinds_of(history.nodes[2].runs) == ["SUCCEED/ROLLBACK"]


def test_pass_hides_no_run_and_makes_none() -> None:
    history = history_of(reads(*OBPROXY))
    assert [kinds_of(node.runs) for node in history.nodes] == [
        ["SUCCEED/RUN"],
        ["FAILED/RUN", "FAILED/RETRY"],
        [],
        [],
    ]
    assert [label(node.last) for node in history.nodes[1:]] == ["SUCCEED/PASS"] * 3
    assert all(node.has_run for node in history.nodes)


def test_what_still_ran_when_it_was_read_has_no_end() -> None:
    running = [raw for raw in reads(*TWO_AGENTS) if raw["state"] == "RUNNING"]
    assert {history_of([raw]).runs[0].end for raw in running} == {None}
    assert any(history_of([raw]).nodes[2].runs[-1:] == [] for raw in running)


def test_times_that_were_reset_are_no_runs() -> None:
    ready = next(raw for raw in reads(*TWO_AGENTS) if (raw["state"], raw["operator"]) == ("READY", "ROLLBACK"))
    history = history_of([ready])
    assert ready["start_time"].startswith("1970") and history.runs == []
    assert history_of([{**ready, "state": "RUNNING"}]).runs == []
    assert kinds_of(history.nodes[2].sub_tasks[0].runs) == ["FAILED/RUN"]


def test_a_dag_without_details_has_no_nodes() -> None:
    history = history_of([{**last_failed(*TWO_AGENTS), "nodes": None}])
    assert (history.nodes, history.complete) == ([], False)


def test_only_failed_nodes_have_no_known_place() -> None:
    raw = last_failed(*TWO_AGENTS)
    history = history_of([{**raw, "nodes": [node for node in raw["nodes"] if node["state"] == "FAILED"]}])
    assert ([node.last.name for node in history.nodes], history.complete) == ([START], False)


def test_what_a_read_of_failed_nodes_does_not_show_is_not_current() -> None:
    raw = last_failed(*TWO_AGENTS)
    failed = [node for node in raw["nodes"] if node["state"] == "FAILED"]
    one = [{**failed[0], "sub_tasks": failed[0]["sub_tasks"][:1]}]
    then = history_of([{**raw, "nodes": failed}, {**raw, "nodes": one}])
    assert (then.nodes[0].is_current, [sub_task.is_current for sub_task in then.nodes[0].sub_tasks]) == (
        True,
        [True, False],
    )
    assert not history_of([{**raw, "nodes": failed}, {**raw, "state": "SUCCEED", "nodes": []}]).nodes[0].is_current


def test_several_dags_are_in_the_order_of_their_first_reads() -> None:
    one, other = last_failed(*TWO_AGENTS), last_failed(*OBPROXY)
    found = histories([Dag.from_api(raw) for raw in (other, one, other)])
    assert [history.last.id for history in found] == [other["id"], one["id"]]


@pytest.mark.parametrize("broken", [{"state": "LOST"}, {"name": None}, {"nodes": [{}]}])
def test_what_is_no_dag_is_refused(broken: Raw) -> None:
    with pytest.raises(ValueError):
        history_of([{**last_failed(*TWO_AGENTS), **broken}])
