# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports in a real browser; where no Chromium is installed, conftest.py leaves these tests out."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._dag_page import render_dags
from ansible_collections.oceanbase.obshell.tests.unit.plugins.module_utils._dag.recorded import (
    OBPROXY,
    TWO_AGENTS,
    large,
    last_failed,
    reads,
)

from ..browser import Browser

FAILED = last_failed(*TWO_AGENTS)
# Where an element ends, in pixels from the top of a page that was not scrolled.
BOTTOM = "[...document.querySelectorAll('{}')].map(element => element.getBoundingClientRect().bottom)"
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"
ATTACK = "<script>document.title = 'attacked'</script><img src=x onerror=\"document.title = 'attacked'\">"


@pytest.fixture(name="browser", scope="module")
def fixture_browser(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


def write(folder: pathlib.Path, *dags: dict[str, t.Any], results: list[dict[str, t.Any]] | None = None) -> pathlib.Path:
    path = folder / "report.html"
    path.write_text(render_dags("obdemo", list(dags), results or []), encoding="utf-8")
    return path


def test_what_failed_is_visible_without_scrolling(browser: Browser, tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, FAILED, results=[{"dags": [FAILED], "trace_ids": ["105e3681098e92f2"]}])
    for selector in (".alert strong", ".operators tr", "details[open] summary.row"):
        visit = browser.visit(path, BOTTOM.format(selector))
        assert visit.value and visit.complaints == []
        assert max(visit.value) <= 800, (selector, visit.value)


def test_of_several_dags_the_one_that_failed_is_visible_too(browser: Browser, tmp_path: pathlib.Path) -> None:
    visit = browser.visit(write(tmp_path, reads(*OBPROXY)[-1], FAILED), BOTTOM.format("header td"))
    assert len(visit.value) == 4 and max(visit.value) < 400


@pytest.mark.parametrize("width", [1280, 400])
def test_a_page_is_as_wide_as_the_window(browser: Browser, tmp_path: pathlib.Path, width: int) -> None:
    path = write(tmp_path, *reads(*TWO_AGENTS), *reads(*OBPROXY))
    assert browser.visit(path, WIDER_THAN_THE_WINDOW, width=width).value is False


def test_a_log_line_with_a_script_is_text(browser: Browser, tmp_path: pathlib.Path) -> None:
    dag = {**FAILED, "failures": [{**FAILED["failures"][0], "logs": [ATTACK]}]}
    text = "[document.title, document.querySelector('.alert li').innerText, document.scripts.length]"
    visit = browser.visit(write(tmp_path, dag), text)
    assert (visit.value[0], ATTACK in visit.value[1], visit.value[2]) == ("obdemo", True, 0)
    assert visit.complaints == []


def test_the_policy_forbids_a_script_that_is_there_nevertheless(browser: Browser, tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, FAILED)
    path.write_text(path.read_text(encoding="utf-8").replace("<main", f"{ATTACK}<main"), encoding="utf-8")
    visit = browser.visit(path, "document.title")
    assert visit.value == "obdemo" and "Content Security Policy" in str(visit.complaints)


@pytest.mark.slow
def test_ten_thousand_sub_tasks_cost_less_than_two_seconds(browser: Browser, tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, large(FAILED, 10_000))
    visit = browser.visit(path, BOTTOM.format("details[open] summary.row"))
    assert max(visit.value) <= 800
    # Of the processor, which does not depend on what else the machine does.
    assert visit.seconds < 2
