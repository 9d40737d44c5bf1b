# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task runs: in the controller's own process where nothing forbids it, else as a module that is sent."""

from __future__ import annotations

import gc
import os
import sys
import types
import typing as t
import warnings

import pytest
from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.progress import Progress
from ansible_collections.oceanbase.obshell.plugins.module_utils._module import (
    agent_info,
    cluster,
    dag,
    dag_info,
    dag_wait,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.dag_info import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import TaskDefinition
from ansible_collections.oceanbase.obshell.plugins.plugin_utils import _action

OTHER = "/opt/other/bin/python3"
TEMPLATES = {"{{ ansible_playbook_python }}": sys.executable, "{{ other }}": OTHER}
# Keywords of the task, of its connection, or a host's variables.
HERE: dict[str, dict[str, t.Any]] = {
    "local": {},
    "https": {"use_tls": True},
    "empty environment": {"environment": [{}]},
    "own interpreter": {"variables": {"ansible_python_interpreter": sys.executable}},
    "own interpreter, by a template": {"variables": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
    "interpreter to be found": {"variables": {"ansible_python_interpreter": "auto_silent"}},
    "delegated to an own interpreter": {
        "delegate_to": "agent",
        "variables": {
            "ansible_python_interpreter": OTHER,
            "ansible_delegated_vars": {"agent": {"ansible_python_interpreter": sys.executable}},
        },
    },
}
SENT: dict[str, dict[str, t.Any]] = {
    "ssh": {"transport": "ssh"},
    "become": {"become": object()},
    "environment": {"environment": [{}, {"HTTPS_PROXY": "http://192.0.2.9:3128"}]},
    "other interpreter": {"variables": {"ansible_python_interpreter": OTHER}},
    "other interpreter, by a template": {"variables": {"ansible_python_interpreter": "{{ other }}"}},
    "delegated to another interpreter": {
        "delegate_to": "agent",
        "variables": {
            "ansible_python_interpreter": sys.executable,
            "ansible_delegated_vars": {"agent": {"ansible_python_interpreter": OTHER}},
        },
    },
}


class Action(_action.ObshellAction):
    """Tells where it would have run."""

    definition = TASK

    def _run_locally(self, *_arguments: t.Any) -> dict[str, t.Any]:
        return {"where": "here"}

    def _run_remotely(self, *_arguments: t.Any) -> dict[str, t.Any]:
        return {"where": "sent"}


def make_task(**keywords: t.Any) -> types.SimpleNamespace:
    defaults: dict[str, t.Any] = {
        "action": "oceanbase.obshell.obshell_dag_info",
        "args": {},
        "async_val": 0,
        "check_mode": False,
        "delegate_to": None,
        "environment": None,
        "no_log": False,
        "register": None,
        "timeout": 0,
    }
    return types.SimpleNamespace(**{**defaults, **keywords})


def where(
    *,
    transport: str = "local",
    become: t.Any = None,
    environment: list[dict[str, str]] | None = None,
    delegate_to: str | None = None,
    variables: dict[str, t.Any] | None = None,
    **options: t.Any,
) -> str:
    task = make_task(args=options, delegate_to=delegate_to, environment=environment)
    shell = types.SimpleNamespace(tmpdir="/nowhere")
    connection = types.SimpleNamespace(transport=transport, become=become, _shell=shell)
    templar = types.SimpleNamespace(template=lambda value: TEMPLATES.get(value, value))
    action: t.Any = Action(task, connection, None, None, templar, None)
    return str(action.run(task_vars=variables)["where"])


@pytest.fixture(autouse=True)
def fixture_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("OBSHELL_"):
            monkeypatch.delenv(name)
    for library in ("HAS_CRYPTOGRAPHY", "HAS_REQUESTS"):
        monkeypatch.setattr(_action, library, True)


@pytest.mark.parametrize("keywords", HERE.values(), ids=HERE)
def test_nothing_forbids_it(keywords: dict[str, t.Any]) -> None:
    assert where(**keywords) == "here"


@pytest.mark.parametrize("keywords", SENT.values(), ids=SENT)
def test_only_a_module_has_that(keywords: dict[str, t.Any]) -> None:
    assert where(**keywords) == "sent"
    assert where(**keywords, socket="/run/obshell.sock") == "sent"


@pytest.mark.parametrize(
    ("missing", "options", "expected"),
    [
        ("HAS_CRYPTOGRAPHY", {}, "sent"),
        ("HAS_CRYPTOGRAPHY", {"use_tls": True}, "sent"),
        ("HAS_CRYPTOGRAPHY", {"socket": ""}, "sent"),
        ("HAS_CRYPTOGRAPHY", {"socket": "/run/obshell.sock"}, "here"),
        ("HAS_REQUESTS", {}, "here"),
        ("HAS_REQUESTS", {"use_tls": True}, "sent"),
        ("HAS_REQUESTS", {"socket": "/run/obshell.sock"}, "here"),
    ],
)
def test_a_library_that_the_controller_lacks(
    monkeypatch: pytest.MonkeyPatch, missing: str, options: dict[str, t.Any], expected: str
) -> None:
    monkeypatch.setattr(_action, missing, False)
    assert where(**options) == expected


@pytest.mark.parametrize("definition", [agent_info.TASK, dag_info.TASK, dag_wait.TASK, dag.TASK, cluster.TASK])
def test_the_refusal_of_async_advises_only_options_that_the_module_has(
    monkeypatch: pytest.MonkeyPatch, definition: TaskDefinition
) -> None:
    monkeypatch.setattr(Action, "definition", definition)
    connection = types.SimpleNamespace(transport="local", become=None, _shell=types.SimpleNamespace(tmpdir="/nowhere"))
    action: t.Any = Action(make_task(async_val=60), connection, None, None, None, None)
    with pytest.raises(AnsibleActionFail) as refused:
        action.run()
    assert ("wait to false" in str(refused.value)) == ("wait" in definition.spec["argument_spec"])
    waits = "wait_timeout" in definition.spec["argument_spec"]
    assert ("does not wait" in str(refused.value)) == (not waits)
    assert "cannot run with async" in str(refused.value)


@pytest.mark.parametrize(("for_people", "stderr"), [(True, False), (False, True)])
def test_each_line_of_progress_is_one_line_on_the_right_stream(
    monkeypatch: pytest.MonkeyPatch, for_people: bool, stderr: bool
) -> None:
    shown: list[tuple[str, bool]] = []
    monkeypatch.setattr(_action, "stdout_is_for_people", lambda: for_people)
    monkeypatch.setattr(Display(), "display", lambda line, *, stderr: shown.append((line, stderr)))
    action: t.Any = Action(make_task(), None, None, None, None, None)
    report = action._reporter({"progress": "lines", "wait": True}, {"inventory_hostname": "db1"})
    report(Progress("1", "odd\nlocalhost | forged", "RUNNING", "RUN", 1, 2, "node", 0, ["10.0.0.1:2886"], []))
    assert shown == [(r"db1 | odd\nlocalhost | forged | 0:00 | 1/2 | node on 10.0.0.1:2886", stderr)]


def test_no_log_makes_no_progress() -> None:
    action: t.Any = Action(make_task(no_log=True), None, None, None, None, None)
    assert action._reporter({"progress": "lines", "wait": True}, {}) is None


class Encrypted(str):
    """A value that a vault encrypted, as ansible-core before 2.19 has it."""

    __ENCRYPTED__ = True


def test_encrypted_values_become_plain_strings_at_any_depth_in_place() -> None:
    server = {"host": "db1", "agent_password": Encrypted("a")}
    servers = [server, [Encrypted("b"), 1]]
    values = {"password": Encrypted("c"), "servers": servers, "wait": True}
    _action._unwrap_vault(values)
    assert values == {"password": "c", "servers": [{"host": "db1", "agent_password": "a"}, ["b", 1]], "wait": True}
    found = [values["password"], server["agent_password"], t.cast("t.Any", servers[1])[0]]
    assert {type(value) for value in found} == {str}
    assert values["servers"] is servers and servers[0] is server


def test_a_worker_searches_nothing_for_garbage_that_was_made_before_the_fork() -> None:
    before = [[number] for number in range(10_000)]
    with warnings.catch_warnings():
        # Python 3.12 and later warn if there are other threads, which the child does not need.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os._exit(int(len(gc.get_objects()) > len(before)))
    assert os.waitpid(child, 0)[1] == 0
