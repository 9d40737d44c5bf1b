# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of `obshell_dag`: apply an operator to one DAG."""

from __future__ import annotations

from .._agent.client import ObshellClient
from .._dag.kinds.definition import CANCEL, CONSEQUENCES, PASS
from .._dag.model import OPERATORS
from .._errors import InvalidInput, ObshellError
from .._operation.operate import operate
from .._operation.record import OperationRequest
from .._operation.waiter import SliceEnded
from .connection import connect, foreign_agents
from .options import FOREIGN_AGENTS, WAIT, Params, connection_secrets, make_spec
from .runner import Context, Result, TaskDefinition


def _read_request(params: Params, *, check: bool) -> OperationRequest:
    if params["node"] is not None and params["operator"] != PASS:
        raise InvalidInput(f"node cannot be used with operator {params['operator']}: an agent can only PASS one node")
    return OperationRequest(
        operator=params["operator"],
        id=params["id"],
        name=params["name"],
        node=params["node"],
        settle=params["settle"],
        accept=frozenset(params["accept"]),
        foreign_agents=foreign_agents(params),
        wait=params["wait"],
        check=check,
    )


def _run(client: ObshellClient, params: Params, context: Context) -> Result:
    try:
        request = _read_request(params, check=context.check)
        result = operate(client, request, context.waiter, context.waiter.checkpoint)
    except SliceEnded as ended:
        ended.known.update(fulfilled=False, final=False, times_applied=int(ended.known["changed"]))
        raise
    except ObshellError as error:
        no_consent = bool(error.result.get("missing_accept"))
        error.result.update(fulfilled=False, final=no_consent, times_applied=int(error.result.get("changed", False)))
        raise
    # A cancelled DAG has failed, and waits for another operator.
    final = request.operator != CANCEL or (request.check and result["changed"])
    return {**result, "fulfilled": True, "final": final, "times_applied": int(result["changed"])}


TASK = TaskDefinition(
    spec=make_spec(
        WAIT,
        FOREIGN_AGENTS,
        {
            "id": {"type": "str"},
            "name": {"type": "str"},
            "operator": {"type": "str", "choices": list(OPERATORS), "required": True},
            "node": {"type": "str"},
            "settle": {"type": "bool", "default": False},
            "accept": {"type": "list", "elements": "str", "choices": list(CONSEQUENCES), "default": []},
        },
        required_one_of=[("id", "name")],
    ),
    connect=connect,
    run=_run,
    secrets=connection_secrets,
)
