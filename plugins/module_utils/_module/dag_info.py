# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of `obshell_dag_info`: find and read DAGs."""

from __future__ import annotations

import typing as t

from .._agent.client import ObshellClient
from .._dag.failures import failures, only_failed
from .._dag.model import OPERATORS, STATES, Dag
from .._dag.operators import advice, operators
from .._dag.recovery import outcome
from .._errors import NotFound, ObshellError
from .._operation.completeness import why_incomplete
from .._operation.context import ContextReader
from .._operation.foreign import refuse_foreign_id
from .._operation.lookup import Found, find_dag, find_last, list_dags
from .connection import connect, foreign_agents
from .options import FOREIGN_AGENTS, Params, connection_secrets, make_spec
from .runner import Context, Result, TaskDefinition


def _run(client: ObshellClient, params: Params, context: Context) -> Result:
    found = _find(client, params)
    dags = [dag for dag in found.dags if _matches(dag, params)]
    contexts = ContextReader(client, found.dags)
    newest_first = sorted(dags, key=lambda dag: dag.number, reverse=True)
    return {
        "changed": False,
        "running_ids": [dag.id for dag in newest_first if not dag.finished],
        "failed_ids": [dag.id for dag in newest_first if dag.state == "FAILED"],
        "dags": [_present(dag, params["details"], contexts) for dag in dags],
        "unavailable": found.unavailable,
        "incomplete": _incomplete(client) if params["id"] is None and params["scope"] != "agent" else "",
    }


def _find(client: ObshellClient, params: Params) -> Found:
    if params["id"] is not None:
        refuse_foreign_id(client, params["id"], foreign_agents(params))
    details = params["details"] != "none"
    if params["scope"] == "last":
        return find_last(client, params["name"], params["id"])
    if params["id"] is None:
        return list_dags(client, params["scope"], details=details)
    try:
        return Found([find_dag(client, dag_id=params["id"], name=params["name"])], [])
    except NotFound as error:
        return Found([], [{"route": f"dag/{params['id']}", **error.result}])


def _incomplete(client: ObshellClient) -> str:
    """Explain what the lists may leave out; what was listed is returned also if the agent does not answer any more."""
    try:
        return why_incomplete(client)
    except ObshellError as error:
        return f"it is not known whether the lists are complete: {error.message}"


def _matches(dag: Dag, params: Params) -> bool:
    return all(params[key] in (None, getattr(dag, key)) for key in ("name", "state", "operator"))


def _present(dag: Dag, details: str, contexts: ContextReader) -> dict[str, t.Any]:
    if details == "none":
        return {**dag.raw, "nodes": None, "outcome": outcome(dag)}
    shown = dag.raw if details == "all" else only_failed(dag)
    verdicts = operators(dag, contexts.context_of(dag))
    return {**shown, "outcome": outcome(dag), "failures": failures(dag), **advice(verdicts)}


TASK = TaskDefinition(
    spec=make_spec(
        FOREIGN_AGENTS,
        {
            "id": {"type": "str"},
            "scope": {
                "type": "str",
                "choices": ["unfinished", "last", "agent", "agents", "cluster", "all"],
                "default": "unfinished",
            },
            "name": {"type": "str"},
            "state": {"type": "str", "choices": list(STATES)},
            "operator": {"type": "str", "choices": ["RUN", *OPERATORS]},
            "details": {"type": "str", "choices": ["none", "failed", "all"], "default": "failed"},
        },
        mutually_exclusive=[("id", "state"), ("id", "operator")],
        required_if=[("scope", "last", ["name"])],
    ),
    connect=connect,
    run=_run,
    secrets=connection_secrets,
)
