# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one task: its options in, a masked result out. Modules and action plugins both come through :func:`execute`."""

from __future__ import annotations

import math
import typing as t

from .._dag.model import OnChange
from .._errors import ObshellError, wrap_unexpected
from .._operation.waiter import SliceEnded, TimeSlice, Waiter
from .connection import check_options
from .environment import environment_secrets, with_environment
from .masking import COLLISION, Masker
from .options import Params, Spec

Result = dict[str, t.Any]


class Closable(t.Protocol):
    """A client of one agent, or of several."""

    trace_ids: list[str]

    def close(self) -> None:
        """Close the connections."""


class Context(t.NamedTuple):
    """What a task is run with beside its options: whether it only predicts, and how it waits."""

    check: bool
    waiter: Waiter


class TaskDefinition(t.NamedTuple):
    """One module: its argument spec, how it connects, its function, and which of its options are secret.

    `run` takes what `connect` returns, the options and the context, and returns JSON-serialisable values.
    """

    spec: Spec
    connect: t.Callable[[Params], Closable]
    run: t.Callable[[t.Any, Params, Context], Result]
    secrets: t.Callable[[Params], t.Iterable[str | None]]


def run_module(definition: TaskDefinition) -> None:
    """Run a task as a module: what it returns is the result, an error of this collection is a failed task."""
    # Action plugins import this file too, and never need it.
    from ansible.module_utils.basic import AnsibleModule
    from ansible.module_utils.common.parameters import remove_values

    module = AnsibleModule(supports_check_mode=True, **definition.spec)
    result = execute(definition, module.params, check=module.check_mode, diff=module._diff)
    # Ansible would mask the rest of the result, too: keys, IDs and states that contain a password.
    arguments = {name: value for name, value in module.params.items() if name != "_slice"}
    result["invocation"] = remove_values({"module_args": arguments}, module.no_log_values)
    module.no_log_values = set()
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def execute(
    definition: TaskDefinition, params: Params, *, check: bool, diff: bool, on_change: OnChange | None = None
) -> Result:
    """Connect, run the task's function, and mask its result.

    :returns: the task's result, with `failed` if it failed. After a time slice it has `progress`, a list of what
        changed meanwhile, and `resume`, the arguments of the next slice, if one is needed.
    """
    result: Result
    time_slice = TimeSlice(**params["_slice"]) if params.get("_slice") is not None else None
    masker = Masker([*definition.secrets(params), *environment_secrets()])
    try:
        with wrap_unexpected():
            params = with_environment(params)
            result = _run(definition, params, check, on_change, time_slice)
    except ObshellError as error:
        retryable = error.tolerance == math.inf
        result = {"changed": False, **error.result, "retryable": retryable, "failed": True, "msg": error.message}
    result["check_mode"] = check
    if time_slice:
        result["progress"] = [progress._asdict() for progress in time_slice.events]
    if not diff:
        result.pop("diff", None)
    return _mask(masker, result)


def _mask(masker: Masker, result: Result) -> Result:
    masked = masker.result(result)
    return {**masked, "warnings": [COLLISION]} if masker.collides else masked


def _run(
    definition: TaskDefinition,
    params: Params,
    check: bool,
    on_change: OnChange | None,
    time_slice: TimeSlice | None,
) -> Result:
    check_options(params)
    client = definition.connect(params)
    client.trace_ids[:0] = time_slice.trace_ids if time_slice else []
    waiter = Waiter.start(
        timeout=params.get("wait_timeout", math.inf),
        interval=params.get("wait_interval", math.inf),
        on_change=on_change,
        time_slice=time_slice,
    )
    try:
        return definition.run(client, params, Context(check, waiter))
    except SliceEnded as ended:
        if time_slice is None:
            raise
        return {**ended.known, "resume": time_slice.to_next(ended.checkpoint, client.trace_ids)}
    finally:
        client.close()
