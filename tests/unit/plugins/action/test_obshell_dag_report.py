# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that writes reports: options, masking, and errors; the page itself is tested beside plugin_utils."""

from __future__ import annotations

import pathlib
import types
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.oceanbase.obshell.plugins.action.obshell_dag_report import SPEC, ActionModule
from ansible_collections.oceanbase.obshell.plugins.modules import obshell_dag_report
from ansible_collections.oceanbase.obshell.tests.unit.plugins.module_utils._dag.recorded import TWO_AGENTS, last_failed

FAILED = last_failed(*TWO_AGENTS)
SECRET = "s3cr3t#Root"


def report(folder: pathlib.Path, *, check: bool = False, diff: bool = False, **options: t.Any) -> dict[str, t.Any]:
    task = types.SimpleNamespace(
        action="oceanbase.obshell.obshell_dag_report",
        args={"dest": "report.html", **options},
        async_val=0,
        check_mode=check,
        delegate_to=None,
        diff=diff,
        environment=None,
        no_log=False,
    )
    connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir="/nowhere"))
    loader = types.SimpleNamespace(path_dwim=lambda path: str(folder / path))
    action: t.Any = ActionModule(task, connection, None, loader, None, None)
    # Ansible's plugin loader sets it.
    action._load_name = task.action
    return dict(action.run(task_vars={}))


def test_the_options_are_those_that_are_documented() -> None:
    documented = yaml.safe_load(obshell_dag_report.DOCUMENTATION)["options"]
    assert {name: {**option, "description": ""} for name, option in documented.items()} == {
        name: {**option, "description": ""} for name, option in SPEC["argument_spec"].items()
    }
    assert set(yaml.safe_load(obshell_dag_report.RETURN)) == {"dest"}


def test_check_do_do_again(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "report.html"
    options: dict[str, t.Any] = {"dags": [FAILED], "title": "obdemo"}
    check = report(tmp_path, check=True, diff=True, **options)
    assert (check["changed"], check["dest"], path.exists()) == (True, str(path), False)
    assert "<h1>obdemo</h1>" in check["diff"]["after"]
    do = report(tmp_path, **options)
    assert (do["changed"], "diff" in do) == (True, False)
    assert "<h1>obdemo</h1>" in path.read_text(encoding="utf-8")
    assert report(tmp_path, **options)["changed"] is False


def test_known_secrets_and_undeclared_ones_are_masked(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSHELL_PASSWORD", SECRET)
    logs = [f"root password is {SECRET}", "obproxy_sys_password=0123456789abcdef", "\x1b[31mred \ud800"]
    dag = {**FAILED, "failures": [{**FAILED["failures"][0], "logs": logs}]}
    looped = {"results": [{"dag": dag, "failures": dag["failures"], "msg": f"sent {SECRET}"}]}
    report(tmp_path, dags=[dag], results=[looped], title=f"with {SECRET}")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert SECRET not in page and "0123456789abcdef" not in page
    assert "\\x1b[31mred \\ud800" in page and "\x1b" not in page


def test_names_and_states_are_kept_also_if_a_password_is_a_part_of_them(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSHELL_PASSWORD", "observer")
    report(tmp_path, results=[{"dags": [FAILED]}])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>Start observer</b>" in page and "/bin/observer" not in page


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "one of the following is required: dags, results"),
        ({"dags": [{"id": "1"}]}, "must be what modules of this collection return: number 1 is not a DAG"),
        ({"dags": [{**FAILED, "operators": ["RETRY"]}]}, "must be what modules of this collection return"),
        ({"results": [{"dags": ["none"]}]}, "must be what modules of this collection return"),
        ({"dags": [FAILED], "colour": "red"}, "Unsupported parameters"),
        ({"dags": [FAILED], "dest": "missing/report.html"}, "does not exist on the controller"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_wrong_options(tmp_path: pathlib.Path, options: dict[str, t.Any], why: str, check: bool) -> None:
    with pytest.raises(AnsibleActionFail, match=why):
        report(tmp_path, check=check, **options)
