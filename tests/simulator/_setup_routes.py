# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent itself, and what makes a cluster of agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _dags
from ._calls import Call, NoContent, Partial
from ._crypto import DecryptionError
from ._errors import ApiError
from ._ids import Address
from ._model import Json

if TYPE_CHECKING:
    from ._agent import Agent

ACTIVE, OBSERVER_AVAILABLE = 2, 2


def info(call: Call) -> Json | Partial:
    agent = call.agent
    new = agent.version.coded_errors
    data: Json = {
        "pid": agent.process_id,
        "state": ACTIVE,
        "startAt": agent.started_at,
        "homePath": agent.spec.home,
        "obVersion": agent.spec.observer_version,
        **({"architecture": "x86_64"} if new else {}),
        **agent.location.as_dict(),
        "zone": agent.zone,
        "identity": agent.identity,
        "version": agent.version.release,
        **({"isObproxyAgent": False, "security": bool(agent.agent_password)} if new else {}),
        "supportedAuth": list(agent.spec.supported_auth),
    }
    if agent.spec.observer_version or new:
        return data
    return Partial(data, ApiError("unexpected", "exec get my ob version failed: exit status 127"))


def status(call: Call) -> Json:
    agent = call.agent
    member = agent.identity == "CLUSTER AGENT"
    return {
        "agent": {**agent.location.as_dict(), "identity": agent.identity},
        "state": ACTIVE,
        "version": agent.version.release,
        "pid": agent.process_id,
        "startAt": agent.started_at,
        "port": agent.location.port,
        "obState": OBSERVER_AVAILABLE if member else 0,
        **({"sqlPort": agent.observer.mysql_port} if member else {}),
        "underMaintenance": agent.under_maintenance(),
    }


def secret(call: Call) -> Json:
    return {**call.agent.location.as_dict(), "public_key": call.agent.key.public_key}


def ob_info(call: Call) -> Json:
    """Not recorded; after the agent's `obInfoHandler` and `GetObInfo` (ob/agent/executor/ob/info.go)."""
    agent = call.agent
    members = [agent] if agent.identity == "SINGLE" else (agent.master or agent).members
    agents = [
        {
            **member.location.as_dict(),
            "zone": member.zone,
            "identity": member.identity,
            "version": member.version.release,
        }
        for member in members
    ]
    cluster = (agent.master or agent).cluster
    return {"agent_info": agents, "obcluster_info": {"id": cluster.number, "name": cluster.name}}


def _refuse_identity(agent: Agent, *, instead_of: str) -> ApiError:
    return ApiError("identity", agent.address, agent.identity, instead_of)


def _wanted(body: Json) -> Address:
    return Address(str(body.get("ip", "")), int(body.get("port", 0)))


def join(call: Call) -> Json:
    agent = call.agent
    wanted = _wanted(call.required("agentInfo", structure="JoinApiParam"))
    zone = str(call.required("zoneName", structure="JoinApiParam"))
    if agent.identity != "SINGLE":
        raise _refuse_identity(agent, instead_of="SINGLE")
    if wanted == agent.location:
        return agent.render(agent.submit(_dags.JOIN_SELF, parameters={"zone": zone}))
    master = agent.simulator.at(wanted)
    if master is None or master.down:
        raise ApiError("unexpected", f"get agent info failed: {wanted}: connect: connection refused")
    if master.identity != "MASTER":
        raise _refuse_identity(master, instead_of="MASTER")
    return agent.render(agent.submit(_dags.JOIN_MASTER, parameters={"zone": zone, "master": wanted}))


def _configurable(call: Call) -> Agent:
    agent = call.agent
    if agent.identity == "FOLLOWER" and agent.master:
        return call.forward(agent.master.location)
    if agent.identity == "CLUSTER AGENT":
        raise ApiError("initialized")
    if agent.identity != "MASTER":
        raise _refuse_identity(agent, instead_of="MASTER or FOLLOWER")
    return agent


def _submitted(agent: Agent, name: str, parameters: Json) -> Json | Partial:
    """The DAG; since 4.5 a refusal of these has a null beside it."""
    try:
        return agent.render(agent.submit(name, parameters=parameters))
    except ApiError as error:
        if not agent.version.coded_errors:
            raise
        return Partial(None, error)


def observer_config(call: Call) -> Json | Partial:
    config = call.required("observerConfig", structure="ObServerConfigParams")
    scope = call.required("scope", structure="ObServerConfigParams")
    agent = _configurable(call)
    return _submitted(agent, _dags.OBSERVER_CONFIG, {"config": config, "scope": scope})


def cluster_config(call: Call) -> Json | Partial:
    name = str(call.required("clusterName", structure="ObClusterConfigParams"))
    number = int(call.required("clusterId", structure="ObClusterConfigParams"))
    agent = _configurable(call)
    password = call.body.get("rootPwd")
    if password and not call.local:
        # A forwarded one is encrypted for the agent that the client talked to.
        try:
            password = (call.forwarded_by or agent).key.decrypt(password).decode()
        except (DecryptionError, UnicodeDecodeError) as error:
            raise ApiError("unexpected", error) from error
    return _submitted(agent, _dags.CLUSTER_CONFIG, {"name": name, "number": number, "password": password})


def initialize(call: Call) -> Json | Partial:
    return _submitted(_configurable(call), _dags.INITIALIZE, {})


def remove(call: Call) -> Json | NoContent:
    agent = call.agent
    wanted = _wanted(call.body)
    if agent.identity == "FOLLOWER" and agent.master:
        if wanted == agent.location:
            return agent.render(agent.submit(_dags.REMOVE_SELF))
        agent = call.forward(agent.master.location)
    if agent.identity == "SINGLE" and wanted == agent.location:
        return NoContent()
    if agent.identity != "MASTER":
        raise _refuse_identity(agent, instead_of="MASTER or FOLLOWER")
    if agent.under_maintenance():
        raise ApiError("agent_under_maintenance", agent.address)
    if wanted == agent.location:
        return agent.render(agent.submit(_dags.REMOVE_ALL))
    if wanted not in [follower.location for follower in agent.cluster.followers]:
        return NoContent()
    return agent.render(agent.submit(f"Remove follower agent {wanted}", follower=wanted))


def set_agent_password(call: Call) -> None:
    call.agent.agent_password = str(call.required("password", structure="SetAgentPasswordParam"))
    call.agent.simulator.changed()


def add_obproxy(call: Call) -> Json:
    agent = call.agent
    return agent.render(agent.submit(_dags.ADD_OBPROXY, kind="obproxy", parameters=call.body))
