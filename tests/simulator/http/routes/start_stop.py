# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that start and stop the observers of a cluster. Each creates a DAG of the agent that receives the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.dag import Json
from ...core.kinds.start_stop import start_oceanbase, stop_oceanbase
from ..call import Call, DataWithError
from .cluster import cluster_agent, submit_or_refuse

if TYPE_CHECKING:
    from ...core.agent import AgentModel


def start(call: Call) -> Json | DataWithError:
    agent, scope = cluster_agent(call), call.required("scope", structure="StartObParams")
    kind = start_oceanbase(with_zones=scope["type"] != "SERVER")
    pass_first = (call.body.get("forcePassDag") or {}).get("id", [])
    return submit_or_refuse(agent, kind, {"targets": _targets(agent, scope), "pass_first": pass_first})


def stop(call: Call) -> Json | DataWithError:
    agent, scope = cluster_agent(call), call.required("scope", structure="ObStopParams")
    pass_first = (call.body.get("forcePassDag") or {}).get("id", [])
    return submit_or_refuse(agent, stop_oceanbase(), {"targets": _targets(agent, scope), "pass_first": pass_first})


def _targets(agent: AgentModel, scope: Json) -> list[object]:
    wanted = scope.get("target", [])
    return [
        member.location
        for member in agent.cluster_members
        if scope["type"] == "GLOBAL" or {"ZONE": member.zone, "SERVER": member.address}.get(scope["type"]) in wanted
    ]
