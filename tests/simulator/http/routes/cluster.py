# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that join, configure, initialise and take apart a cluster, and add an OBProxy. Each creates a DAG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.dag import Json
from ...core.errors import ApiError
from ...core.generic_id import Address
from ...core.kinds.configuration import UPDATE_CLUSTER_CONFIG, UPDATE_OBSERVER_CONFIG
from ...core.kinds.initialize import INITIALIZE_CLUSTER
from ...core.kinds.join import JOIN_SELF, JOIN_TO_MASTER
from ...core.kinds.obproxy import ADD_OBPROXY
from ...core.kinds.remove import FOLLOWER_REMOVE_SELF, REMOVE_ALL_AGENTS, remove_follower_agent
from ...core.observer_options import check_options, with_one_spelling
from ...core.rsa_key import DecryptionError
from ..call import Call, DataWithError, NoContent

if TYPE_CHECKING:
    from ...core.agent import AgentModel
    from ...core.kinds.definition import DagKind


def info(call: Call) -> Json:
    """Not recorded. This follows the agent's `obInfoHandler` and `GetObInfo` (ob/agent/executor/ob/info.go)."""
    agent = call.agent
    members = [agent] if agent.identity == "SINGLE" else agent.cluster_members
    agents = [
        {
            **member.location.as_dict(),
            "zone": member.zone,
            "identity": member.identity,
            "version": member.version.release,
        }
        for member in members
    ]
    cluster = agent.master_or_self.cluster
    return {"agent_info": agents, "obcluster_info": {"id": cluster.id, "name": cluster.name}}


def _submit(agent: AgentModel, kind: DagKind, parameters: Json | None = None) -> Json:
    return agent.render(agent.submit(kind, parameters=parameters))


def wrong_identity(agent: AgentModel, *, instead_of: str) -> ApiError:
    return ApiError("wrong_identity", agent.address, agent.identity, instead_of)


def cluster_agent(call: Call) -> AgentModel:
    """The agent of the call. Raise ApiError unless its cluster is initialised."""
    if call.agent.identity != "CLUSTER AGENT":
        raise wrong_identity(call.agent, instead_of="CLUSTER AGENT")
    return call.agent


def parse_address(body: Json) -> Address:
    return Address(str(body.get("ip", "")), int(body.get("port", 0)))


def join(call: Call) -> Json:
    agent = call.agent
    address = parse_address(call.required("agentInfo", structure="JoinApiParam"))
    zone = str(call.required("zoneName", structure="JoinApiParam"))
    if agent.identity != "SINGLE":
        raise wrong_identity(agent, instead_of="SINGLE")
    if address == agent.location:
        return _submit(agent, JOIN_SELF, {"zone": zone})
    master = agent.network.find_agent(address)
    if master is None or master.down:
        raise ApiError("unexpected", f"get agent info failed: {address}: connect: connection refused")
    if master.identity != "MASTER":
        raise wrong_identity(master, instead_of="MASTER")
    return _submit(agent, JOIN_TO_MASTER, {"zone": zone, "master": address})


def _configurable_master(call: Call) -> AgentModel:
    """The master of the agent's cluster, unless that is initialised."""
    agent = call.agent
    if agent.identity == "FOLLOWER" and agent.master:
        return call.forward(agent.master.location)
    if agent.identity == "CLUSTER AGENT":
        raise ApiError("already_initialized")
    if agent.identity != "MASTER":
        raise wrong_identity(agent, instead_of="MASTER or FOLLOWER")
    return agent


def submit_or_refuse(agent: AgentModel, kind: DagKind, parameters: Json) -> Json | DataWithError:
    try:
        return _submit(agent, kind, parameters)
    except ApiError as error:
        return _without_dag(agent, error)


def _without_dag(agent: AgentModel, error: ApiError) -> DataWithError:
    """The answer if no DAG was created: newer agents have `data: null` in it."""
    if not agent.version.null_data_of_refused_dag:
        raise error
    return DataWithError(None, error)


def configure_observers(call: Call) -> Json | DataWithError:
    config = call.required("observerConfig", structure="ObServerConfigParams")
    scope = call.required("scope", structure="ObServerConfigParams")
    check_options(config)
    master = _configurable_master(call)
    try:
        unified = with_one_spelling(config)
    except ApiError as error:
        return _without_dag(master, error)
    return submit_or_refuse(master, UPDATE_OBSERVER_CONFIG, {"config": unified, "scope": scope})


def configure_cluster(call: Call) -> Json | DataWithError:
    name = str(call.required("clusterName", structure="ObClusterConfigParams"))
    number = int(call.required("clusterId", structure="ObClusterConfigParams"))
    master = _configurable_master(call)
    parameters = {"name": name, "id": number, "password": _root_password(call)}
    return submit_or_refuse(master, UPDATE_CLUSTER_CONFIG, parameters)


def _root_password(call: Call) -> str | None:
    """The new root password. It is encrypted, unless it came over the socket."""
    password: str | None = call.body.get("rootPwd")
    if not password or call.local:
        return password
    # The client encrypted it for the agent that it sent the request to.
    try:
        return (call.forwarded_by or call.agent).key.decrypt(password).decode()
    except (DecryptionError, UnicodeDecodeError) as error:
        raise ApiError("unexpected", error) from error


def initialize(call: Call) -> Json | DataWithError:
    return submit_or_refuse(_configurable_master(call), INITIALIZE_CLUSTER, {})


def remove(call: Call) -> Json | NoContent:
    """Remove the agent in the body: a follower, or the master with all its followers."""
    agent, address = call.agent, parse_address(call.body)
    if agent.identity == "FOLLOWER" and agent.master:
        if address == agent.location:
            return _submit(agent, FOLLOWER_REMOVE_SELF)
        agent = call.forward(agent.master.location)
    if agent.identity == "SINGLE" and address == agent.location:
        return NoContent()
    if agent.identity != "MASTER":
        raise wrong_identity(agent, instead_of="MASTER or FOLLOWER")
    return _remove_from(agent, address)


def _remove_from(master: AgentModel, address: Address) -> Json | NoContent:
    if master.under_maintenance():
        raise ApiError("agent_under_maintenance", master.address)
    if address == master.location:
        return _submit(master, REMOVE_ALL_AGENTS)
    if address not in [follower.location for follower in master.cluster.followers]:
        return NoContent()
    return _submit(master, remove_follower_agent(address))


def add_obproxy(call: Call) -> Json:
    return _submit(call.agent, ADD_OBPROXY, call.body)
