# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of DAGs: complete, readable, and harmless whatever the logs hold."""

from __future__ import annotations

import html.parser
import json
import re
import time
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._dag_page import MAX_SHOWN, render_dags
from ansible_collections.oceanbase.obshell.tests.unit.plugins.module_utils._dag.recorded import (
    OBPROXY,
    TWO_AGENTS,
    large,
    last_failed,
    reads,
)

FAILED = last_failed(*TWO_AGENTS)
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\"' style='x'"
VOID = {"meta", "rect"}


class Page(html.parser.HTMLParser):
    """What a page holds, read without a browser: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_what_failed_and_what_can_be_done_come_first() -> None:
    text = Page(render_dags("obdemo", [FAILED], [])).text
    words = ["obdemo", "Initialize cluster", "FAILED/RUN", FAILED["id"], "Start observer", "127.0.0.1:2950"]
    words += ["out of memory", "ROLLBACK", "allowed", "PASS", "refused", "Timeline", "Integrate config"]
    positions = [text.index(word) for word in words]
    assert positions == sorted(positions)


def test_verdicts_are_folded_if_no_operator_is_allowed() -> None:
    assert "No operator is allowed now" not in Page(render_dags("x", [FAILED], [])).text
    page = render_dags("x", [reads(*OBPROXY)[-1]], [])
    assert page.index("No operator is allowed now") < page.index("What each operator does now")


def test_consent_is_named() -> None:
    risky = {"ROLLBACK": {"verdict": "needs_consent", "accept": ["data_removal"], "reason": "deletes the store"}}
    text = Page(render_dags("obdemo", [{**FAILED, "operators": risky}], [])).text
    assert "needs consent" in text and "data_removal" in text and "deletes the store" in text


def test_only_the_node_that_failed_is_unfolded() -> None:
    page = render_dags("obdemo", [FAILED], [])
    assert page.count("<details open>") == 1
    assert (
        page.index("<b>Create observer workdir</b>")
        < page.index("<details open>")
        < page.index("<b>Start observer</b>")
    )


def test_who_waited_for_whom_is_said() -> None:
    assert (
        "The node waited for 127.0.0.1:2951, which ended 2.0 s after all others."
        in Page(render_dags("obdemo", [FAILED], [])).text
    )


def test_all_attempts_that_were_read_have_bars() -> None:
    one, both = (Page(render_dags("x", dags, [])).all("rect") for dags in ([FAILED], reads(*TWO_AGENTS)))
    backwards = [drawn for drawn in both if "back" in str(drawn["class"]).split()]
    assert (len(one), len(both), len(backwards)) == (9, 18, 9)


def test_earlier_runs_are_text_too() -> None:
    once, again = (Page(render_dags("x", dags, [])).text for dags in ([FAILED], reads(*TWO_AGENTS)))
    assert "earlier run" not in once
    # Of the DAG, of its three nodes that have run, and of their five sub-tasks.
    assert again.count("1 earlier run") == again.count("RUN, began 2026-11-24 06:03:") == 9
    node = " ".join(again[again.index("Start observer on 2 agents") :].split())
    assert "1 earlier run of Start observer RUN, began 2026-11-24 06:03:07, took 3.0 s, FAILED" in node
    assert "1 earlier run of 127.0.0.1:2951 RUN, began 2026-11-24 06:03:07, took 2.0 s, FAILED" in node


def test_earlier_runs_of_a_folded_sub_task_are_in_its_table() -> None:
    dag = large(FAILED, MAX_SHOWN + 1)
    again = json.loads(json.dumps(dag).replace("2026-11-24T", "2026-11-25T"))
    text = " ".join(Page(render_dags("x", [dag, again], [])).text.partition("1 other sub-task")[2].split())
    assert "2886SUCCEED2026-11-24 06:03:070.0 s 10.0.0.20:2886SUCCEED2026-11-25 06:03:070.0 s" in text


def test_an_earlier_run_of_which_no_read_saw_the_end_has_no_duration() -> None:
    running = {**FAILED, "state": "RUNNING", "nodes": [], "failures": []}
    text = Page(render_dags("x", [running, {**FAILED, "start_time": "2026-11-25T06:03:01Z"}], [])).text
    assert "RUN, began 2026-11-24 06:03:01, RUNNING" in text


def test_a_whole_run_shows_what_was_done_and_the_trace_ids() -> None:
    retry = {"dag": FAILED, "failures": FAILED["failures"], "operator": "RETRY", "changed": True, "msg": "RETRY failed"}
    page = Page(
        render_dags("x", [], [{"dags": [FAILED]}, {**retry, "trace_ids": ["105e3681098e92f2"], "elapsed": 4.2}])
    )
    assert "What was done, and why" in page.text and "RETRY failed" in page.text and "4.2 s" in page.text
    assert page.text.index("105e3681098e92f2") < page.text.index("Initialize cluster")
    assert page.text.count("out of memory") > 0


def test_many_trace_ids_are_listed_at_the_end() -> None:
    page = Page(render_dags("x", [], [{"dags": [FAILED], "trace_ids": [f"trace{number}" for number in range(7)]}]))
    assert page.text.count("trace4") == 2 and page.text.count("trace6") == 1 and "2 more" in page.text
    assert "#traces" in [link["href"] for link in page.all("a")]


def test_several_dags_have_a_table_that_leads_to_them() -> None:
    page = Page(render_dags("x", [FAILED, reads(*OBPROXY)[-1]], []))
    assert [link["href"] for link in page.all("a")][1:3] == ["#dag-1", "#dag-2"]
    assert {"dag-1", "dag-2"} <= {attributes.get("id") for _tag, attributes in page.elements}


def test_a_page_without_a_dag_says_why() -> None:
    assert "No DAG was found." in Page(render_dags("x", [], [])).text
    page = Page(render_dags("x", [], [{"failed": True, "msg": "Cannot connect to db1"}]))
    assert page.text.count("Cannot connect to db1") == 2 and "No DAG was found" not in page.text


def test_each_id_is_there_once_and_each_label_exists() -> None:
    page = Page(render_dags("x", [FAILED, reads(*OBPROXY)[-1]], [{"dags": [FAILED], "trace_ids": ["a"]}]))
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = {attributes["aria-labelledby"] for _tag, attributes in page.elements if "aria-labelledby" in attributes}
    links = {str(attributes["href"])[1:] for attributes in page.all("a")}
    assert labels | links <= set(ids)


def test_every_table_has_a_caption_and_every_heading_a_scope() -> None:
    page = Page(render_dags("x", [FAILED, reads(*OBPROXY)[-1]], [{"dags": [FAILED]}]))
    assert len(page.all("table")) == len(page.all("caption")) > 2
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))


def attacked(value: t.Any) -> t.Any:
    """The value with an attack at the end of each text that a page may show."""
    if isinstance(value, dict):
        kept = ("id", "state", "operator", "start_time", "end_time", "ip", "verdict")
        return {key: item if key in kept else attacked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [attacked(item) for item in value]
    return value + ATTACK if isinstance(value, str) else value


def test_whatever_the_agent_says_is_text() -> None:
    page = Page(render_dags(ATTACK, [attacked(FAILED)], [attacked({"dags": [FAILED], "msg": "m", "trace_ids": ["a"]})]))
    assert page.text.count("<script>alert(1)</script>") > 50
    tags = {tag for tag, _attributes in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "link", "form", "base"}
    assert not [
        name for _tag, attributes in page.elements for name in attributes if name == "style" or name[:2] == "on"
    ]


def axis_of(*dags: dict[str, t.Any]) -> list[str]:
    axis = render_dags("x", list(dags), []).partition('<svg class="line" height="16">')[2].partition("</svg>")[0]
    return re.findall(r'<text x="[^"]+" y="12" text-anchor="[^"]+">([^<]+)</text>', axis)


def test_the_axis_has_times_and_dates_where_the_day_changes() -> None:
    assert axis_of(FAILED) == ["06:03:01", "06:03:10"]
    again = {**FAILED, "start_time": "2026-11-25T06:03:01Z", "end_time": "2026-11-25T06:03:10Z"}
    assert axis_of(FAILED, again) == ["06:03:01", "2026-11-25 06:03:01"]


def test_a_node_that_failed_earlier_is_folded() -> None:
    failed = [node for node in FAILED["nodes"] if node["state"] == "FAILED"]
    done = {**FAILED, "state": "SUCCEED", "nodes": [], "failures": []}
    page = render_dags("x", [{**FAILED, "nodes": failed}, done], [])
    assert "FAILED earlier" in Page(page).text and "<details open>" not in page and 'class="alert' not in page
    assert "Only the nodes that failed were read" in page and "Logs of earlier failures" in page


def test_a_state_of_a_later_agent_is_shown_as_a_word() -> None:
    node = {**FAILED["nodes"][2], "sub_tasks": [{**FAILED["nodes"][2]["sub_tasks"][0], "state": "SKIPPED"}]}
    assert "SKIPPED" in Page(render_dags("x", [{**FAILED, "nodes": [node]}], [])).text


def test_ten_thousand_sub_tasks_are_all_there_and_few_unfolded() -> None:
    begin = time.process_time()
    page = render_dags("x", [large(FAILED, 10_000)], [])
    assert time.process_time() - begin < 5
    shown, _more, folded = page.partition('<details class="more">')
    assert (shown.count("10.0."), page.count("10.0.")) > (MAX_SHOWN, 10_000)
    assert shown.count('<span class="id">10.0.') < 2 * MAX_SHOWN and "10.0.39.249:2886" in folded
    assert "9980 other sub-tasks" in page


@pytest.mark.parametrize("broken", [{"nodes": 1}, {"id": None}, {"failures": [1]}, {"operators": [1]}])
def test_what_is_no_dag_makes_no_page(broken: dict[str, t.Any]) -> None:
    with pytest.raises((AttributeError, ValueError)):
        render_dags("x", [{**FAILED, **broken}], [])
