# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DAG as text, for logs, chats and issue trackers."""

from __future__ import annotations

import re

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.failures import only_failed
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.gantt import gantt
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.tree import last_tree, tree

from .recorded import OBPROXY, TWO_AGENTS, large, last_failed, reads

FAILED = """\
DAG 22130706433029505 (Initialize cluster) is FAILED/RUN at stage 3 of 11, 9.0 s
|-- 1 Integrate config on 127.0.0.1:2950: SUCCEED, 1.0 s
|-- 2 Create observer workdir: SUCCEED, 3.0 s
|   |-- 127.0.0.1:2950: SUCCEED, 0.0 s
|   `-- 127.0.0.1:2951: SUCCEED, 2.0 s
|-- 3 Start observer: FAILED, 3.0 s
|   |-- 127.0.0.1:2950: FAILED, 0.0 s: ERROR: [Common.Unexpected]: Unexpected error: observer: cannot allocate \
memory_limit 6G: out of memory : exit status 1
|   `-- 127.0.0.1:2951: FAILED, 2.0 s: ERROR: [Task.RemoteTask.Failed]: Remote task 22130706433029513 Start observer \
failed
`-- 8 nodes have not run"""
PASSED = """\
DAG 42130706433029621 (Add obproxy) is SUCCEED/PASS at stage 2 of 4, 2.0 s
|-- 1 Check obproxy status on 127.0.0.1:2962: SUCCEED, 1.0 s
|-- 2 Start obproxy on 127.0.0.1:2962: SUCCEED/PASS, 2.0 s
|-- 3 Set proxyro password for connect on 127.0.0.1:2962: SUCCEED/PASS
`-- 4 Persist obproxy info on 127.0.0.1:2962: SUCCEED/PASS"""
CHART = """\
gantt
    title DAG 22130706433029505 (Initialize cluster) is FAILED/RUN at stage 3 of 11
    dateFormat x
    axisFormat %H:%M:%S
    section Integrate config
    127.0.0.1#58;2950 SUCCEED :done, 1795500181017, 1795500181117
    section Create observer workdir
    127.0.0.1#58;2950 SUCCEED :done, 1795500183020, 1795500183120
    127.0.0.1#58;2951 SUCCEED :done, 1795500183020, 1795500185031
    section Start observer
    127.0.0.1#58;2950 FAILED :crit, 1795500187025, 1795500187125
    127.0.0.1#58;2951 FAILED :crit, 1795500187024, 1795500189039"""
ATTACK = "a: b; #c %%{init} <script>\n\x1b[31m`${x}` section"
# A line of a chart: what Mermaid would take for the end of a name, a comment, a directive or HTML is not in a name.
LINE = re.compile(
    r"(    )?(gantt|title |dateFormat x|axisFormat %H:%M:%S|section |)([\w .,()/+-]|#\d+;)*( :[a-z0-9, ]+)?"
)


def test_a_tree() -> None:
    assert "\n".join(tree(last_failed(*TWO_AGENTS))) == FAILED
    assert "\n".join(tree(reads(*OBPROXY)[-1])) == PASSED


def test_a_tree_of_failed_nodes_only_numbers_none() -> None:
    raw = last_failed(*TWO_AGENTS)
    lines = tree({**raw, "nodes": [node for node in raw["nodes"] if node["state"] == "FAILED"]})
    assert (lines[1], len(lines)) == ("`-- Start observer: FAILED, 3.0 s", 4)
    assert tree({**raw, "nodes": None}) == FAILED.splitlines()[:1]


def test_why_it_failed_is_read_from_the_failures_if_the_dag_has_no_logs() -> None:
    raw = last_failed(*TWO_AGENTS)
    failed_only = {**only_failed(Dag.from_api(raw)), "failures": None}
    assert "no log" in tree(failed_only)[2]
    lines = tree({**failed_only, "failures": raw["failures"]})
    assert "out of memory" in lines[2] and "Remote task 22130706433029513" in lines[3]


def test_each_of_several_sub_tasks_on_one_agent_has_its_own_reason() -> None:
    raw = last_failed(*TWO_AGENTS)
    node = raw["nodes"][2]
    one, other = ({**node["sub_tasks"][0], "name": name, "id": name, "task_logs": [f"ERROR: {name}"]} for name in "ab")
    failed = {**raw, "failures": None, "nodes": [{**node, "sub_tasks": [one, other]}]}
    assert [line.rpartition(": ")[2] for line in tree(failed)[2:]] == ["a", "b"]


def test_a_large_node_shows_the_sub_tasks_that_failed() -> None:
    lines = tree(large(last_failed(*TWO_AGENTS), 1000))
    assert [": FAILED" in line for line in lines[6:26]] == [True] * 10 + [False] * 10
    assert lines[26:] == ["|   `-- and 980 more", "`-- 8 nodes have not run"]


def test_the_last_dag_of_results_is_drawn() -> None:
    one, other = last_failed(*TWO_AGENTS), reads(*OBPROXY)[-1]
    failed_only = {"dag": {**one, "nodes": None}, "failures": one["failures"]}
    assert last_tree([{"dags": [one]}, {}, {"dags": [other]}, {"skipped": True}]) == PASSED.splitlines()
    assert last_tree([{"dags": [other]}, failed_only]) == FAILED.splitlines()[:1]
    assert last_tree([{"dags": []}, {}]) == []


def test_a_chart() -> None:
    assert "\n".join(gantt(last_failed(*TWO_AGENTS))) == CHART


def test_a_chart_shows_what_still_runs() -> None:
    running = next(raw for raw in reads(*TWO_AGENTS) if any(n["state"] == "RUNNING" for n in raw["nodes"]))
    assert any(":active, " in line for line in gantt({**running, "nodes": [{**running["nodes"][0], "sub_tasks": []}]}))


@pytest.mark.parametrize("field", ["name", "state of a sub-task", "operator of a sub-task"])
def test_a_chart_escapes_what_mermaid_would_interpret(field: str) -> None:
    raw = last_failed(*TWO_AGENTS)
    sub_task = {**raw["nodes"][0]["sub_tasks"][0], **({field.split()[0]: ATTACK} if " " in field else {})}
    node = {**raw["nodes"][0], "name": ATTACK, "sub_tasks": [sub_task]}
    lines = gantt({**raw, "name": ATTACK, "nodes": [node]})
    assert not [line for line in lines if not LINE.fullmatch(line)]
    assert "    section a#58; b#59; #35;c #37;#37;#123;init#125; #60;script#62;" in "\n".join(lines)


def test_a_chart_of_a_large_dag_is_one_that_mermaid_draws() -> None:
    raw = large(last_failed(*TWO_AGENTS), 1000)
    assert gantt(raw)[-1] == "    %% 980 more sub-tasks are left out"
    many = {**raw, "max_stage": 330, "nodes": [{**node, "id": f"{n}"} for n in range(30) for node in raw["nodes"]]}
    lines = gantt(many)
    assert lines[-1] == "    %% more nodes are left out" and len("\n".join(lines)) < 50_000
