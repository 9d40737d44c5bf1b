# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks without Ansible's processes: options through their spec, then the function that modules and actions share."""

from __future__ import annotations

import json
import time
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import OnChange
from ansible_collections.oceanbase.obshell.plugins.module_utils._module import (
    agent_info,
    cluster,
    dag,
    dag_info,
    dag_wait,
    fleet_info,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import TaskDefinition, execute

TASKS: dict[str, TaskDefinition] = {
    "obshell_dag": dag.TASK,
    "obshell_dag_info": dag_info.TASK,
    "obshell_dag_wait": dag_wait.TASK,
    "obshell_agent_info": agent_info.TASK,
    "obshell_cluster": cluster.TASK,
    "obshell_fleet_info": fleet_info.TASK,
}


def task(
    module: str, /, *, check: bool = False, diff: bool = False, on_change: OnChange | None = None, **options: t.Any
) -> dict[str, t.Any]:
    """Run one task and return its result, with `failed` if it failed.

    With the option `_slice`, {}, it runs in time slices, as the action plugin runs it.
    """
    definition = TASKS[module]
    validated = ArgumentSpecValidator(**definition.spec).validate(options)
    if validated.error_messages:
        return {"failed": True, "changed": False, "msg": "; ".join(validated.error_messages)}
    params = validated.validated_parameters
    begin = time.monotonic()
    while True:
        result = execute(definition, params, check=check, diff=diff, on_change=on_change)
        if "resume" not in result:
            return result
        elapsed = time.monotonic() - begin
        params["_slice"] = {**json.loads(json.dumps(result["resume"])), "already_elapsed": elapsed}
