# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of `obshell_dag_wait`: wait for DAGs to end."""

from __future__ import annotations

from .._agent.client import ObshellClient
from .._operation.selection import WaitRequest
from .._operation.wait import wait_for_end
from .connection import connect, foreign_agents
from .options import FOREIGN_AGENTS, WAIT_LIMITS, Params, connection_secrets, make_spec
from .runner import Context, Result, TaskDefinition


def _run(client: ObshellClient, params: Params, context: Context) -> Result:
    request = WaitRequest(
        id=params["id"],
        name=params["name"],
        tenant=params["tenant"],
        must_succeed=params["until"] == "succeeded",
        foreign_agents=foreign_agents(params),
        check=context.check,
    )
    return wait_for_end(client, request, context.waiter, context.waiter.checkpoint)


TASK = TaskDefinition(
    spec=make_spec(
        WAIT_LIMITS,
        FOREIGN_AGENTS,
        {
            "id": {"type": "str"},
            "name": {"type": "str"},
            "tenant": {"type": "str"},
            "until": {"type": "str", "choices": ["ended", "succeeded"], "default": "succeeded"},
        },
        mutually_exclusive=[("id", "tenant")],
        required_one_of=[("id", "name", "tenant")],
    ),
    connect=connect,
    run=_run,
    secrets=connection_secrets,
)
