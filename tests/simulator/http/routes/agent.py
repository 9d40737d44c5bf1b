# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes about the agent itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.agent import OBSERVER_RUNNING
from ...core.dag import Json
from ...core.errors import ApiError
from ..call import Call, DataWithError

if TYPE_CHECKING:
    from ...core.agent import AgentModel

ACTIVE = 2
"""`state` of an agent, as recorded."""


def info(call: Call) -> Json | DataWithError:
    agent, data = call.agent, describe(call.agent)
    if agent.spec.observer_version or agent.version.info_without_observer:
        return data
    return DataWithError(data, ApiError("unexpected", "exec get my ob version failed: exit status 127"))


def describe(agent: AgentModel) -> Json:
    version = agent.version
    security = {"isObproxyAgent": False, "security": bool(agent.agent_password)}
    return {
        "pid": agent.process_id,
        "state": ACTIVE,
        "startAt": agent.started_at,
        "homePath": agent.spec.home,
        "obVersion": _observer_version(agent),
        **({"architecture": "x86_64"} if version.architecture_in_info else {}),
        **agent.location.as_dict(),
        "zone": agent.zone,
        "identity": agent.identity,
        "version": version.release,
        **(security if version.agent_password else {}),
        "supportedAuth": list(version.supported_auth),
    }


def _observer_version(agent: AgentModel) -> str:
    version = agent.spec.observer_version
    connected = agent.database_state > OBSERVER_RUNNING
    return version.partition("-")[0] if connected and agent.version.version_of_database else version


def status(call: Call) -> Json:
    agent = call.agent
    initialized = agent.identity in ("CLUSTER AGENT", "SCALING IN")
    return {
        "agent": {**agent.location.as_dict(), "identity": agent.identity},
        "state": ACTIVE,
        "version": agent.version.release,
        "pid": agent.process_id,
        "startAt": agent.started_at,
        "port": agent.location.port,
        "obState": agent.database_state,
        **({"sqlPort": agent.observer.mysql_port} if initialized else {}),
        "underMaintenance": agent.under_maintenance(),
    }


def secret(call: Call) -> Json:
    return {**call.agent.location.as_dict(), "public_key": call.agent.key.public_key}


def set_password(call: Call) -> None:
    call.agent.agent_password = str(call.required("password", structure="SetAgentPasswordParam"))
    call.agent.network.count_change()
