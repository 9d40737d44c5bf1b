# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of `obshell_agent_info`: read the identity, version and health of an agent."""

from __future__ import annotations

from .._agent.client import ObshellClient
from .connection import connect
from .options import Params, connection_secrets, make_spec
from .runner import Context, Result, TaskDefinition


def _run(client: ObshellClient, params: Params, context: Context) -> Result:
    info, status = client.info(), client.status()
    agent = {
        "address": str(info.address),
        "type": info.type,
        "identity": info.identity or None,
        "version": info.version or None,
        "ob_version": info.ob_version or None,
        "zone": info.zone or None,
        "home_path": info.home_path or None,
        "architecture": info.architecture or None,
        "pid": info.pid,
        "state": status.state,
        "under_maintenance": status.under_maintenance,
        "supported_auth": list(info.supported_auth),
        "agent_password_set": bool(info.has_agent_password),
        "obproxy_agent": info.is_obproxy_agent,
        "observer_state": status.observer_state,
        "sql_port": status.sql_port,
    }
    return {"changed": False, "agent": agent}


TASK = TaskDefinition(spec=make_spec(), connect=connect, run=_run, secrets=connection_secrets)
