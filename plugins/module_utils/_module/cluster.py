# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of a cluster, and the agents that they describe."""

from __future__ import annotations

import typing as t

from .._agent.session import Credentials
from .._cluster.actions import Secrets
from .._cluster.model import ABSENT, CONFIGURED, INITIALIZED, Declared, Server
from .._cluster.observe import Members
from .._cluster.reconcile import ClusterRun
from .._cluster.sessions import MemberSession
from .._dag.model import OnChange
from .._errors import InvalidInput
from .._ids import LARGEST_PORT
from .connection import bare_host, connect
from .options import CONNECTION, WAIT, Spec
from .runner import Kind

CLUSTER: Spec = {
    "argument_spec": {
        **CONNECTION,
        **WAIT,
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
        "accept_data_removal": {"type": "bool", "default": False},
        "proxyro_password": {"type": "str", "no_log": True},
    },
    "required_by": {"client_key": "client_cert"},
}


def cluster(members: Members, params: dict[str, t.Any], on_change: OnChange | None = None) -> dict[str, t.Any]:
    """Bring a cluster to what the options of `obshell_cluster` declare; see :class:`ClusterRun`."""
    secrets = Secrets(params["root_password"], params["proxyro_password"])
    return ClusterRun(members, declare(params), secrets=secrets, options=params, on_change=on_change).run()


def declare(params: dict[str, t.Any]) -> Declared:
    """Read what is declared.

    :raises InvalidInput: no server, or one twice, what is empty, or what is no host or no option of an observer.
    """
    servers = tuple(
        Server(
            host=bare_host(server["host"], "servers.host"),
            port=server["port"] or params["port"],
            zone=server["zone"],
            config=_texts(server["config"], f"servers.config of {server['host']}"),
            agent_password=server["agent_password"] or params["agent_password"] or None,
        )
        for server in params["servers"]
    )
    if not servers:
        raise InvalidInput("servers is empty")
    texts = {"name": params["name"], "root_password": params["root_password"]}
    for name, text in {**texts, **{f"servers.zone of {server}": server.zone for server in servers}}.items():
        if not text:
            raise InvalidInput(f"{name} is empty")
    if params["cluster_id"] < 1:
        raise InvalidInput(f"cluster_id is {params['cluster_id']}, not 1 or more")
    named = [str(server) for server in servers]
    for name in named:
        if named.count(name) > 1:
            raise InvalidInput(f"servers has {name} twice")
    if params["socket"] and len(servers) > 1:
        raise InvalidInput("socket is given, which reaches one agent, but servers has several")
    config = _texts(params["config"], "config")
    names = ("state", "name", "cluster_id", "recover")
    return Declared(servers=servers, config=config, **{name: params[name] for name in names})


def connect_members(params: dict[str, t.Any]) -> Members:
    """Make the clients of all servers; nothing is sent yet.

    :raises InvalidInput: as :func:`connect` and :func:`declare`.
    """
    sessions: dict[Server, MemberSession] = {}
    for server in declare(params).servers:
        if not 0 < server.port <= LARGEST_PORT:
            raise InvalidInput(f"{server}: its port is not between 1 and {LARGEST_PORT}")
        transport = connect({**params, "host": server.host, "port": server.port}).transport
        sessions[server] = MemberSession(transport, Credentials(params["root_password"], server.agent_password))
    return Members(sessions)


def cluster_secrets(params: dict[str, t.Any]) -> list[str | None]:
    """List the passwords of one cluster's options."""
    own = [params.get(name) for name in ("password", "agent_password", "root_password", "proxyro_password")]
    return [*own, *(server.get("agent_password") for server in params.get("servers") or ())]


def _texts(config: dict[str, t.Any], option: str) -> dict[str, str]:
    """The agent takes texts alone."""
    for name, value in config.items():
        if value is None or isinstance(value, (dict, list)):
            kind = "null" if value is None else "a dictionary" if isinstance(value, dict) else "a list"
            raise InvalidInput(f"{option}: {name} is {kind}; an observer takes a text, a number, true or false")
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in config.items()}


CLUSTER_KIND = Kind(connect_members, cluster_secrets)
