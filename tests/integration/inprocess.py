# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks without Ansible's processes: options through their spec, then the edge that modules and actions share."""

from __future__ import annotations

import functools
import json
import time
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import OnChange
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.cluster import (
    CLUSTER,
    CLUSTER_KIND,
    cluster,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.dag_info import agent_info, dag_info
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.options import AGENT_INFO, DAG, DAG_INFO
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import ONE_AGENT, Function, Kind, perform
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.operate import operate_dag

TASKS: dict[str, tuple[Function, dict[str, t.Any], Kind]] = {
    "obshell_dag": (operate_dag, DAG, ONE_AGENT),
    "obshell_dag_info": (dag_info, DAG_INFO, ONE_AGENT),
    "obshell_agent_info": (agent_info, AGENT_INFO, ONE_AGENT),
    "obshell_cluster": (cluster, CLUSTER, CLUSTER_KIND),
}


def task(
    module: str, /, *, check: bool = False, diff: bool = False, on_change: OnChange | None = None, **options: t.Any
) -> dict[str, t.Any]:
    """Run one task and return its result, `failed` among it where it did.

    With the option `_slice`, {}, it is done in parts, as the action plugin has it done.
    """
    function, spec, kind = TASKS[module]
    if on_change:
        function = functools.partial(t.cast("t.Any", function), on_change=on_change)
    validated = ArgumentSpecValidator(**spec).validate(options)
    if validated.error_messages:
        return {"failed": True, "changed": False, "msg": "; ".join(validated.error_messages)}
    params = {**validated.validated_parameters, "check_mode": check}
    begin = time.monotonic()
    while True:
        result = perform(function, params, kind, diff=diff)
        if "resume" not in result:
            return result
        params["_slice"] = {**json.loads(json.dumps(result["resume"])), "gone": time.monotonic() - begin}
