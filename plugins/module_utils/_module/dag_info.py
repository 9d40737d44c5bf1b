# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what an agent knows: its DAGs, and itself."""

from __future__ import annotations

import typing as t

from .._agent.client import ObshellClient
from .._dag.decision import allowed_operators
from .._dag.failures import failures, only_failed
from .._dag.model import Dag, address
from .._errors import NotFound
from .._operation.foreign import refuse_stranger
from .._operation.lookup import Found, find_dag, list_dags

AGENT_STATES = ("UNKNOWN", "STARTING", "RUNNING", "STOPPING", "STOPPED")


def dag_info(client: ObshellClient, params: dict[str, t.Any]) -> dict[str, t.Any]:
    """Find and read DAGs.

    :param params: the options of `obshell_dag_info`.
    :returns: what that module documents as its return values.
    """
    found = _select(client, params)
    dags = [dag for dag in found.dags if _matches(dag, params)]
    return {
        "changed": False,
        "dags": [_present(dag, params["details"]) for dag in dags],
        "unavailable": found.unavailable,
    }


def agent_info(client: ObshellClient, params: dict[str, t.Any]) -> dict[str, t.Any]:
    """Read what an agent is, what it takes and how it is; needs no password.

    :returns: what `obshell_agent_info` documents as its return values.
    """
    info, status = client.info(), client.status()
    state = int(status.get("state") or 0)
    agent = {
        "address": address(info),
        "identity": info.get("identity"),
        "version": info.get("version"),
        "ob_version": info.get("obVersion") or None,
        "zone": info.get("zone") or None,
        "home_path": info.get("homePath"),
        "architecture": info.get("architecture"),
        "pid": info.get("pid"),
        "state": AGENT_STATES[state] if state < len(AGENT_STATES) else str(state),
        "under_maintenance": bool(status.get("underMaintenance")),
        "supported_auth": info.get("supportedAuth") or [],
        "agent_password_set": bool(info.get("security")),
        "obproxy_agent": bool(info.get("isObproxyAgent")),
        "observer_state": status.get("obState"),
        "sql_port": status.get("sqlPort"),
    }
    return {"changed": False, "agent": agent}


def _select(client: ObshellClient, params: dict[str, t.Any]) -> Found:
    details = params["details"] != "none"
    if params["id"] is None:
        return list_dags(client, params["scope"], details=details)
    members, allow_foreign_agent = params["members"], params["allow_foreign_agent"]
    refuse_stranger(client, params["id"], members=members, allow_foreign_agent=allow_foreign_agent)
    try:
        return Found([find_dag(client, dag_id=params["id"])], [])
    except NotFound as error:
        return Found([], [{"route": f"dag/{params['id']}", **error.result}])


def _matches(dag: Dag, params: dict[str, t.Any]) -> bool:
    return all(params[key] in (None, getattr(dag, key)) for key in ("name", "state", "operator"))


def _present(dag: Dag, details: str) -> dict[str, t.Any]:
    if details == "none":
        return {**dag.raw, "nodes": None}
    shown = dag.raw if details == "all" else only_failed(dag)
    return {**shown, "failures": failures(dag), "allowed_operators": allowed_operators(dag)}
