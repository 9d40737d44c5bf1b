# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module obshell_dag_report: one page on the controller, whatever the host of the task is."""

from __future__ import annotations

import stat
import typing as t

import html5lib
import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, Ansible

NODE = "Start observer"
LOGS = ("start observer", f"root password is {ROOT_PASSWORD}", "ERROR: <script>alert(1)</script>")


@pytest.fixture(name="version")
def fixture_version() -> str:
    return "4.5.0.0"


def test_check_do_do_again_for_a_host_that_cannot_be_reached(
    ansible: Ansible, simulator: Simulator, connection: dict[str, t.Any]
) -> None:
    dag_id = simulator.fail_init(obstacle=Obstacle(node=NODE, logs=LOGS), root_password=ROOT_PASSWORD)
    path = ansible.folder / "report.html"
    report = {
        "oceanbase.obshell.obshell_dag_report": {"dags": "{{ found.dags }}", "dest": "report.html", "title": "obdemo"}
    }
    nowhere: dict[str, t.Any] = {"vars": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"}}
    tasks = [
        {
            "name": "Read",
            "oceanbase.obshell.obshell_dag_info": {**connection, "details": "all"},
            "register": "found",
        },
        {"name": "Check", **report, **nowhere, "check_mode": True, "diff": True},
        {"name": "Do", **report, **nowhere},
        {"name": "Again", **report, **nowhere, "diff": True},
        {"name": "Secretly", **report, **nowhere, "no_log": True, "diff": True, "when": "found is not changed"},
    ]
    run = ansible.playbook([{"hosts": "all", "gather_facts": False, "tasks": tasks}])
    assert run.status == 0, run.output
    check, do, again, secretly = (run.of(name) for name in ("Check", "Do", "Again", "Secretly"))
    assert [result["changed"] for result in (check, do, again, secretly)] == [True, True, False, False]
    assert (do["dest"], "diff" in do, again["diff"]["after"]) == (str(path), False, "")
    assert f"+++ after: {path}" in run.output and "+<h1>obdemo</h1>" in run.output
    page = path.read_text(encoding="utf-8")
    assert (stat.S_IMODE(path.stat().st_mode), dag_id in page, NODE in page) == (0o600, True, True)
    # Any error of a parser that browsers agree with.
    html5lib.HTMLParser(strict=True).parse(page)
    assert ROOT_PASSWORD not in page and "ERROR: &lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.slow
def test_a_task_that_cannot_write_says_why(ansible: Ansible) -> None:
    run = ansible.module("obshell_dag_report", dags=[], dest="missing/report.html")
    assert run.status != 0 and f"The directory {ansible.folder}/missing does not exist" in run.result["msg"]


@pytest.mark.slow
def test_it_cannot_run_in_the_background(ansible: Ansible) -> None:
    task = {"oceanbase.obshell.obshell_dag_report": {"dags": [], "dest": "report.html"}, "async": 10, "poll": 1}
    run = ansible.playbook([{"hosts": "all", "gather_facts": False, "tasks": [task]}])
    assert run.status != 0 and not (ansible.folder / "report.html").exists(), run.output
