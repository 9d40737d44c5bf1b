# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of `obshell_fleet_info`: read many agents in one process."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import InvalidInput
from .._ids import Address
from .._operation.fleet import group_by_cluster
from .connection import bare_host, check_options, parse_agent
from .environment import with_overrides
from .fleet_report import present_agent, present_cluster
from .options import CONNECTION, Params, Spec, connection_secrets, make_spec
from .runner import Context, Result, TaskDefinition
from .surveys import survey_agents

MAX_WORKERS = 200
# What an agent of the list `connections` can have of its own.
OVERRIDES = (
    *("port", "password", "agent_password", "use_tls"),
    *("validate_certs", "ca_path", "client_cert", "client_key"),
)
# The options that name the agents.
AGENTS: Spec = {
    "agents": {"type": "list", "elements": "str", "default": []},
    "connections": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "host": {"type": "str", "required": True},
            **{name: CONNECTION[name] for name in OVERRIDES},
        },
    },
}


@dataclasses.dataclass
class Fleet:
    """The connection options of each agent to read, by its address. Clients are made, and closed, by the threads."""

    agents: dict[Address, Params]
    trace_ids: list[str] = dataclasses.field(default_factory=list)

    def close(self) -> None:
        """Do nothing."""


def make_fleet(params: Params, of_inventory: t.Iterable[Params] = ()) -> Fleet:
    """Read which agents to read; nothing is sent yet.

    :param of_inventory: host and port of more agents; several hosts of an inventory may have the same one.
    :raises InvalidInput: there are none, one is given twice, or an option is invalid.
    """
    if not 0 < params["workers"] <= MAX_WORKERS:
        raise InvalidInput(f"workers must be between 1 and {MAX_WORKERS}, got {params['workers']}")
    agents: dict[Address, Params] = {}
    for option, given in (*_plain(params), *_with_options(params)):
        own = with_overrides(params, given)
        check_options(own)
        address = Address(own["host"], own["port"])
        if address in agents:
            raise InvalidInput(f"{option} contains {address} a second time")
        agents[address] = own
    for given in of_inventory:
        own = with_overrides(params, {**given, "host": bare_host(given["host"], "inventory")})
        check_options(own)
        agents.setdefault(Address(own["host"], own["port"]), own)
    if not agents:
        raise InvalidInput("no agent is given: agents and connections are empty")
    return Fleet(agents)


def _plain(params: Params) -> t.Iterator[tuple[str, Params]]:
    for text in params["agents"]:
        host, port = parse_agent(text, "agents")
        yield "agents", {"host": host, "port": port}


def _with_options(params: Params) -> t.Iterator[tuple[str, Params]]:
    for given in params["connections"]:
        yield "connections", {**given, "host": bare_host(given["host"], "connections.host")}


def _run(fleet: Fleet, params: Params, context: Context) -> Result:
    surveys = survey_agents(fleet.agents, members=params["members"], workers=params["workers"])
    return {
        "changed": False,
        "agents": [present_agent(asked, found) for asked, found in surveys.items()],
        "clusters": [present_cluster(cluster) for cluster in group_by_cluster(surveys)],
    }


def fleet_secrets(params: Params) -> list[str | None]:
    """List the secret values of the connection options, also of agents that have their own."""
    passwords = [
        given.get(name) for given in params.get("connections") or () for name in ("password", "agent_password")
    ]
    return [*connection_secrets(params), *passwords]


TASK = TaskDefinition(
    spec=make_spec(
        AGENTS,
        {
            "members": {"type": "bool", "default": False},
            "workers": {"type": "int", "default": 50},
        },
    ),
    connect=make_fleet,
    run=_run,
    secrets=fleet_secrets,
)
