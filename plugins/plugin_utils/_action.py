# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a task of this collection in the controller's own process if nothing forbids it, else send its module."""

from __future__ import annotations

import collections.abc
import contextlib
import gc
import importlib.util
import os
import signal
import sys
import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._agent.encryption import HAS_CRYPTOGRAPHY, warm_up
from ..module_utils._dag.model import Dag, OnChange
from ..module_utils._dag.progress import Progress, Reporter
from ..module_utils._dag.recovery import add_attempts
from ..module_utils._errors import InvalidInput
from ..module_utils._module.environment import DEFAULTS, environment_secrets, with_environment
from ..module_utils._module.masking import Masker
from ..module_utils._module.printable import one_line
from ..module_utils._module.runner import TaskDefinition, execute
from ._slices import SlicedRun
from ._stdout import stdout_is_for_people

LARGE_PLAY = 10
HAS_REQUESTS = importlib.util.find_spec("requests") is not None
AUTOMATIC = ("auto", "auto_legacy", "auto_silent", "auto_legacy_silent")
Params = dict[str, t.Any]
Result = dict[str, t.Any]

# Ansible loads this before it forks a worker for each host. Without this each worker would load OpenSSL's algorithms
# again, and search everything that Ansible has made until the fork for garbage, and thereby copy it.
warm_up()
gc.freeze()
os.register_at_fork(after_in_child=gc.freeze)


class ObshellAction(ActionBase):
    """Base of the action plugins; `definition` is that of the module of the same name."""

    _supports_async = True
    definition: t.ClassVar[TaskDefinition]

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task, locally or as a module."""
        task_vars = task_vars or {}
        result: Result = super().run(tmp, task_vars)
        if self._task.async_val:
            raise AnsibleActionFail(f"{self._task.action} cannot run with async: {self._instead_of_async}")
        _unwrap_vault(self._task.args)
        _validated, given = self.validate_argument_spec(**self.definition.spec)
        params = given
        with contextlib.suppress(InvalidInput):
            params = with_environment(given)
        reporter = self._reporter(params, task_vars)
        live = None if reporter is None or reporter.end_only else reporter
        if self._can_run_locally(params, task_vars):
            result.update(self._run_locally(given, live))
        else:
            result.update(self._run_remotely(given, live, task_vars))
        self._include_earlier_attempts(result)
        if reporter and result.get("dag"):
            reporter.end(Progress.from_dag(Dag.from_api(result["dag"])), changed=bool(result["changed"]))
        return result

    @property
    def _instead_of_async(self) -> str:
        options = self.definition.spec["argument_spec"]
        if "wait_timeout" not in options:
            return "it reads from the agent and does not wait. Remove async and poll from the task"
        if "wait" not in options:
            return "nobody would see its progress. Remove async, or use obshell_dag_info with until, retries and delay"
        return (
            "nobody would see its progress. Set wait to false, continue with other tasks, and run this task again "
            "later: it resumes waiting without a second request"
        )

    def _include_earlier_attempts(self, result: Result) -> None:
        """Let the result of a task with `until` say what all its attempts have changed, and why they failed.

        Ansible makes an action for each attempt, but keeps the object of the task, which no other item or host has.
        """
        before = getattr(self._task, "_obshell_attempts", {})
        if "fulfilled" in before and "fulfilled" in result:
            add_attempts(before, result)
        self._task._obshell_attempts = dict(result)

    def _can_run_locally(self, params: Params, task_vars: dict[str, t.Any]) -> bool:
        variables = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, task_vars)
        interpreter = self._templar.template(variables.get("ansible_python_interpreter"))
        return (
            self._connection.transport == "local"
            and not self._connection.become
            and not any(self._task.environment or [])
            and interpreter in (None, sys.executable, *AUTOMATIC)
            and (bool(params["socket"]) or (HAS_CRYPTOGRAPHY and (HAS_REQUESTS or not params["use_tls"])))
        )

    def _limits(self, params: Params) -> Params:
        """Let the wait, and the last request in it, end before Ansible ends the task and all that it knows is lost."""
        seconds = self._task.timeout
        if not seconds or "wait_timeout" not in params:
            return {}
        request = min(params.get("timeout") or DEFAULTS["timeout"], seconds / 4)
        wait = max(seconds - request - min(1, seconds / 4), seconds / 4)
        return {"timeout": request, "wait_timeout": min(params["wait_timeout"], wait)}

    def _run_locally(self, params: Params, reporter: Reporter | None) -> Result:
        on_change = self._report_masked(params, reporter) if reporter else None
        params = {**params, **self._limits(params)}
        return execute(self.definition, params, check=self._task.check_mode, diff=self._task.diff, on_change=on_change)

    def _report_masked(self, params: Params, reporter: Reporter) -> OnChange:
        masker = Masker([*self.definition.secrets(params), *environment_secrets()])
        return lambda dag: reporter(Progress(**masker.result(Progress.from_dag(dag)._asdict())))

    def _run_remotely(self, params: Params, reporter: Reporter | None, task_vars: dict[str, t.Any]) -> Result:
        arguments = {**self._task.args, **self._limits(params)}
        if reporter is None:
            return t.cast("Result", self._execute_module(module_args=arguments, task_vars=task_vars))

        def send(time_slice: Params) -> Result:
            sliced = {**arguments, "_slice": time_slice}
            return t.cast("Result", self._execute_module(module_args=sliced, task_vars=task_vars))

        retries = "RETRY" in (params.get("operator"), str(params.get("recover")).upper())
        return SlicedRun(send, reporter, retries=retries).run()

    def _reporter(self, params: Params, task_vars: dict[str, t.Any]) -> Reporter | None:
        progress = params.get("progress", "none")
        if progress == "none" or self._task.no_log or self._task.check_mode or not params.get("wait", True):
            return None
        display, begin = Display(), time.monotonic()
        is_large = len(task_vars.get("ansible_play_hosts") or ()) > LARGE_PLAY
        to_stderr = not stdout_is_for_people()

        def show(line: str) -> None:
            with _block_signals():
                display.display(one_line(line), stderr=to_stderr)

        return Reporter(
            show,
            host=str(task_vars.get("inventory_hostname", "")),
            elapsed=lambda: time.monotonic() - begin,
            verbose=display.verbosity > 0,
            end_only=progress == "auto" and is_large,
        )


@contextlib.contextmanager
def _block_signals() -> collections.abc.Iterator[None]:
    """Block signals while printing: a worker killed within a line would hold Ansible's display lock for ever."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _unwrap_vault(values: t.Any) -> None:
    """Replace values that a vault encrypted by strings, which the argument validation before 2.19 requires.

    In place, since later versions of ansible-core remember for these very objects where in a file they come from.
    """
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, (dict, list)):
            _unwrap_vault(value)
        elif getattr(value, "__ENCRYPTED__", False):
            values[key] = str(value)
