# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of `obshell_cluster`: bring a cluster to the declared state."""

from __future__ import annotations

import typing as t

from .._agent.session import Credentials
from .._cluster.actions import Secrets
from .._cluster.model import ABSENT, CONFIGURED, INITIALIZED, DesiredCluster, Server
from .._cluster.reconcile import Reconciler
from .._cluster.sessions import AgentPool, FallbackSession
from .._cluster.steps import RunPolicy
from .._dag.kinds.definition import CONSEQUENCES
from .._errors import InvalidInput
from .connection import bare_host, check_port, connect
from .options import WAIT, Params, connection_secrets, make_spec
from .runner import Context, Result, TaskDefinition

# Options that the agent refuses in the configuration of observers (its `DeniedConfig`), and what sets them instead.
DENIED_CONFIG = {
    "cluster": "set the option name of this task",
    "cluster_id": "set the option cluster_id of this task",
    "rootPwd": "set the option root_password of this task",
    "zone": "set the option servers[].zone of this task",
    "local_ip": "the agent uses its own address, see servers[].host",
    "devname": "the agent chooses the network device",
    "rootservice_list": "the agent makes this list from servers",
}
# Two spellings of one option.
SPELLINGS = {"mysql_port": "mysqlPort", "rpc_port": "rpcPort"}


def desired_cluster(params: Params) -> DesiredCluster:
    """Read the declaration.

    :raises InvalidInput: no server, or one twice; an empty text; an invalid host or option of an observer.
    """
    servers = tuple(_server(raw, params) for raw in params["servers"])
    if not servers:
        raise InvalidInput("servers is empty")
    texts = {"name": params["name"], "root_password": params["root_password"]}
    for name, text in {**texts, **{f"servers.zone of {server}": server.zone for server in servers}}.items():
        if not text:
            raise InvalidInput(f"{name} is empty")
    if params["cluster_id"] < 1:
        raise InvalidInput(f"cluster_id must be 1 or more, got {params['cluster_id']}")
    addresses = [str(server) for server in servers]
    for address in addresses:
        if addresses.count(address) > 1:
            raise InvalidInput(f"servers contains {address} twice")
    if params["socket"] and len(servers) > 1:
        raise InvalidInput("socket reaches one agent, but servers contains several")
    config = _to_texts(params["config"], "config")
    names = ("state", "name", "cluster_id", "recover")
    return DesiredCluster(servers=servers, config=config, **{name: params[name] for name in names})


def connect_pool(params: Params) -> AgentPool:
    """Make the clients of all servers; nothing is sent yet.

    :raises InvalidInput: see :func:`connect` and :func:`desired_cluster`.
    """
    sessions: dict[Server, FallbackSession] = {}
    for server in desired_cluster(params).servers:
        check_port(server.port, f"{server}: port")
        transport = connect({**params, "host": server.host, "port": server.port}).transport
        sessions[server] = FallbackSession(transport, Credentials(params["root_password"], server.agent_password))
    return AgentPool(sessions)


def cluster_secrets(params: Params) -> list[str | None]:
    """List the passwords in the options of one cluster."""
    own = [*connection_secrets(params), params.get("root_password"), params.get("proxyro_password")]
    return [*own, *(server.get("agent_password") for server in params.get("servers") or ())]


def _server(raw: dict[str, t.Any], params: Params) -> Server:
    return Server(
        host=bare_host(raw["host"], "servers.host"),
        port=params["port"] if raw["port"] is None else raw["port"],
        zone=raw["zone"],
        config=_to_texts(raw["config"], f"servers.config of {raw['host']}"),
        agent_password=raw["agent_password"] or params["agent_password"] or None,
    )


def _to_texts(config: dict[str, t.Any], option: str) -> dict[str, str]:
    """Turn values into text, the only kind that the agent accepts.

    :raises InvalidInput: the agent would refuse a name or a value, or a name is given in two spellings.
    """
    for one, other in SPELLINGS.items():
        if one in config and other in config and str(config[one]) != str(config[other]):
            raise InvalidInput(f"{option}: {one} and {other} are one option with two values; give {one}")
    for name, value in config.items():
        if name in DENIED_CONFIG:
            raise InvalidInput(f"{option}: the agent does not accept {name} here; {DENIED_CONFIG[name]}")
        if value is None or isinstance(value, (dict, list)):
            kind = "null" if value is None else "a dictionary" if isinstance(value, dict) else "a list"
            raise InvalidInput(f"{option}: {name} is {kind}; an observer accepts a text, a number, true or false")
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in config.items()}


def _run(pool: AgentPool, params: Params, context: Context) -> Result:
    policy = RunPolicy(frozenset(params["accept"]), params["wait"], context.check)
    secrets = Secrets(params["root_password"], params["proxyro_password"])
    return Reconciler(pool, desired_cluster(params), context.waiter, policy=policy, secrets=secrets).run()


TASK = TaskDefinition(
    spec=make_spec(
        WAIT,
        {
            "state": {"type": "str", "choices": [INITIALIZED, CONFIGURED, ABSENT], "default": INITIALIZED},
            "name": {"type": "str", "required": True},
            "cluster_id": {"type": "int", "default": 1},
            "root_password": {"type": "str", "required": True, "no_log": True},
            "servers": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "host": {"type": "str", "required": True},
                    "port": {"type": "int"},
                    "zone": {"type": "str", "required": True},
                    "config": {"type": "dict", "default": {}},
                    "agent_password": {"type": "str", "no_log": True},
                },
            },
            "config": {"type": "dict", "default": {}},
            "recover": {"type": "str", "choices": ["none", "retry", "rollback"], "default": "none"},
            "accept": {"type": "list", "elements": "str", "choices": list(CONSEQUENCES), "default": []},
            "proxyro_password": {"type": "str", "no_log": True},
        },
    ),
    connect=connect_pool,
    run=_run,
    secrets=cluster_secrets,
)
