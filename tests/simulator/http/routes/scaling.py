# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that add a server to a cluster, and that take one out. Each creates a DAG of the cluster."""

from __future__ import annotations

import uuid

from ...core.agent import RPC_PORT
from ...core.dag import Json
from ...core.errors import ApiError
from ...core.kinds.scale_in import CLUSTER_SCALE_IN
from ...core.kinds.scale_out import cluster_scale_out
from ..call import Call, DataWithError
from .cluster import cluster_agent, parse_address, submit_or_refuse, wrong_identity


def scale_in(call: Call) -> Json | DataWithError:
    agent = cluster_agent(call)
    address = parse_address(call.required("agent_info", structure="ClusterScaleInParam"))
    members = {member.location: member.observer.rpc_port for member in agent.cluster_members}
    if address not in members and address not in agent.master_or_self.cluster.lost_servers:
        return DataWithError(None, ApiError("no_such_agent", address))
    server = f"{address.ip}:{members.get(address, RPC_PORT)}"
    return submit_or_refuse(agent, CLUSTER_SCALE_IN, {"address": address, "server": server})


def scale_out(call: Call) -> Json | DataWithError:
    agent, zone = cluster_agent(call), str(call.required("zone", structure="ClusterScaleOutParam"))
    address = parse_address(call.required("agentInfo", structure="ClusterScaleOutParam"))
    server = agent.network.find_agent(address)
    if server is None or server.down:
        return DataWithError(None, ApiError("unreachable", "GET", "/api/v1/status", address))
    if server.identity != "SINGLE":
        return DataWithError(None, wrong_identity(server, instead_of="SINGLE"))
    kind = cluster_scale_out(new_zone=zone not in [member.zone for member in agent.cluster_members])
    config = call.body.get("obConfigs") or {}
    parameters = {"address": address, "zone": zone, "config": config, "uuid": str(uuid.uuid4())}
    return submit_or_refuse(agent, kind, parameters)
