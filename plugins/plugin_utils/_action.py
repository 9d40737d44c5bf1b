# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a function of this collection in the controller's own process where nothing forbids it, else send the module."""

from __future__ import annotations

import abc
import collections.abc
import contextlib
import gc
import importlib.util
import re
import signal
import sys
import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._agent.encryption import HAS_CRYPTOGRAPHY
from ..module_utils._dag.model import Dag, OnChange
from ..module_utils._dag.progress import Progress, Reporter
from ..module_utils._module.masking import Masker
from ..module_utils._module.options import Spec
from ..module_utils._module.runner import ONE_AGENT, Kind, perform

FLEET = 10
HAS_REQUESTS = importlib.util.find_spec("requests") is not None
# Names, IDs and times, as parts of a task hand them to one another: there a password like one of these would be masked.
LIKE_HANDED = re.compile(r"[A-Za-z_ ]+|[0-9TZ:.+-]+")
AUTOMATIC = ("auto", "auto_legacy", "auto_silent", "auto_legacy_silent")
Result = dict[str, t.Any]

# Ansible loads this before it forks a worker for each host. What was made until here stays: without this each worker
# would look through all of it for garbage, and thereby copy it, which takes more CPU than its task.
gc.freeze()


class ObshellAction(ActionBase):
    """Base of the action plugins.

    `spec` holds the arguments of the module that is named like the action, `kind` how it reaches its agents.
    """

    _supports_async = True
    spec: t.ClassVar[Spec]
    kind: t.ClassVar[Kind] = ONE_AGENT

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task, here or as a module."""
        task_vars = task_vars or {}
        result: Result = super().run(tmp, task_vars)
        if self._task.async_val:
            raise AnsibleActionFail(
                f"{self._task.action} cannot run with async: it would wait where nobody sees it. Set wait to false, go "
                "on with other tasks, and run the same task again later: it goes on waiting without a second request"
            )
        _decrypt(self._task.args)
        _validated, params = self.validate_argument_spec(**self.spec)
        reporter = self._reporter(params, task_vars)
        following = None if reporter is None or reporter.end_only else reporter
        if self._belongs_here(params, task_vars):
            result.update(self._here(params, following))
        else:
            alike = any(LIKE_HANDED.fullmatch(secret) for secret in self.kind.secrets(params) if secret)
            result.update(self._there(None if alike else following, task_vars))
        if reporter and result.get("dag"):
            reporter.end(Progress.of(Dag.from_api(result["dag"])), changed=bool(result["changed"]))
        return result

    @abc.abstractmethod
    def function(self, client: t.Any, params: dict[str, t.Any], on_change: OnChange | None) -> Result:
        """Do what the module does, and call `on_change` with each change of a DAG that is waited for."""

    def _belongs_here(self, params: dict[str, t.Any], task_vars: dict[str, t.Any]) -> bool:
        variables = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, task_vars)
        interpreter = self._templar.template(variables.get("ansible_python_interpreter"))
        return (
            self._connection.transport == "local"
            and not self._connection.become
            and not any(self._task.environment or [])
            and interpreter in (None, sys.executable, *AUTOMATIC)
            and (bool(params["socket"]) or (HAS_CRYPTOGRAPHY and (HAS_REQUESTS or not params["use_tls"])))
        )

    def _here(self, params: dict[str, t.Any], reporter: Reporter | None) -> Result:
        on_change = (lambda dag: reporter(Progress.of(dag))) if reporter else None
        return perform(
            lambda client, options: self.function(client, options, on_change),
            {**params, "check_mode": self._task.check_mode},
            self.kind,
            diff=self._task.diff,
        )

    def _there(self, reporter: Reporter | None, task_vars: dict[str, t.Any]) -> Result:
        arguments = dict(self._task.args)
        if reporter is None:
            return t.cast("Result", self._execute_module(module_args=arguments, task_vars=task_vars))
        begin = time.monotonic()
        handed: dict[str, t.Any] = {}
        known: Result = {}
        while True:
            arguments["_slice"] = {**handed, "gone": time.monotonic() - begin}
            result: Result = self._execute_module(module_args=arguments, task_vars=task_vars)
            for progress in result.pop("progress", ()):
                reporter(Progress(**progress))
            if "resume" not in result:
                # A module that breaks down knows nothing of the parts before it, and is said to have changed nothing.
                changed = known.get("changed", False) or result.get("changed", False)
                return {**known, **result, "changed": changed}
            handed = result["resume"]
            known = {name: result[name] for name in ("changed", "steps") if name in result}

    def _reporter(self, params: dict[str, t.Any], task_vars: dict[str, t.Any]) -> Reporter | None:
        progress = params.get("progress", "none")
        if progress == "none" or self._task.check_mode or not params.get("wait"):
            return None
        masker = Masker(self.kind.secrets(params))
        display, begin = Display(), time.monotonic()
        fleet = len(task_vars.get("ansible_play_hosts") or ()) > FLEET

        def show(line: str) -> None:
            with _whole():
                display.display(masker.text(line))

        return Reporter(
            show,
            host=str(task_vars.get("inventory_hostname", "")),
            elapsed=lambda: time.monotonic() - begin,
            verbose=display.verbosity > 0,
            end_only=progress == "auto" and fleet,
        )


@contextlib.contextmanager
def _whole() -> collections.abc.Iterator[None]:
    """Put off what ends this worker: in the middle of a line it would keep a lock that Ansible waits for, for ever."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _decrypt(values: t.Any) -> None:
    """Put strings for what a vault encrypted: before 2.19 ansible-core's own check of arguments does not know it.

    In place, since by what it knows of these very objects a later core tells where a task is, without its arguments.
    """
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, (dict, list)):
            _decrypt(value)
        elif getattr(value, "__ENCRYPTED__", False):
            values[key] = str(value)
