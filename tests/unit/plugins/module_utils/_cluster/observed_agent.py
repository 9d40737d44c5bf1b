# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents that answer what a test gives them, and what is observed of them."""

from __future__ import annotations

import dataclasses
import typing as t
from unittest import mock

from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import (
    AgentInfo,
    AgentStatus,
    ClusterInfo,
    Peer,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import ObservedCluster, Server
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.observe import observe
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, Node
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, Unauthorized, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address


def refused() -> Unauthorized:
    return Unauthorized("GET", status=401, error={}, trace_id="")


LACKS = AgentError("GET", status=404, error={}, trace_id="")
FAILING = AgentError("GET", status=500, error={"code": 1010}, trace_id="")
DOWN = Unreachable("refused", sent=False)
SET_OPTIONS, SET_NAME = "Update observer config", "Update cluster config"


def dag(name: str, state: str = "SUCCEED", *, agent: int = 1, number: int = 3) -> Dag:
    nodes = (Node(name, state, "RUN", [], {}),)
    return Dag(f"2322122598{4 + agent}02886{number}", name, state, "RUN", "", 1, 1, nodes, {"maintenance_type": 2})


class Agent:
    """An agent of 4.5 with its session: what it says of itself, its lists, and whether it accepts root's password."""

    where = "the agent"

    def __init__(self, number: int, identity: str, *, error: Exception | None = None, **options: t.Any) -> None:
        self.server = Server(f"192.0.2.{number}", 2886, f"zone{number}", agent_password=options.get("agent_password"))
        self.identity, self.error, self.options = identity, error, options
        self.known: t.Any = options.get("known", ClusterInfo((self.peer,), "obdemo", 1))
        self.journal: list[str] = []

    @property
    def version(self) -> str:
        return str(self.options.get("version", "4.5.0.0-1"))

    @property
    def peer(self) -> Peer:
        return Peer(Address(self.server.host, 2886), self.server.zone, self.identity)

    def status(self) -> AgentStatus:
        self._answer("status")
        agent = {"ip": self.server.host, "port": 2886, "identity": self.identity}
        state = {"agent": agent, "version": self.version, "underMaintenance": self.options.get("locked", False)}
        return AgentStatus.from_api({**state, "obState": self.options.get("database", 3)})

    def info(self) -> AgentInfo:
        self._answer("info")
        raw = {"ip": self.server.host, "port": 2886, "identity": self.identity, "version": self.version}
        if self.version >= "4.2.6":
            raw["security"] = self.options.get("security", False)
        return AgentInfo.from_api(raw)

    def cluster_info(self) -> ClusterInfo:
        self._answer("cluster_info")
        return t.cast("ClusterInfo", self._value(self.known))

    def list_dags(self, route: str, *, details: bool) -> list[Dag]:
        self._answer(route)
        dags = self._value(self.options.get(route.replace("dag/", "").replace("/", "_"), ()))
        return [one if details else dataclasses.replace(one, nodes=()) for one in dags]

    def get_dag(self, dag_id: str, *, details: bool) -> Dag:
        return t.cast("Dag", next(one for one in self.options["maintain_agents"] if one.id == dag_id))

    def check_agent_password(self, address: Address) -> None:
        self._answer("agent password")
        self._value(self.options.get("other_agent_password"))

    @property
    def password_unverified(self) -> bool:
        return "root" in self.options

    def verify_root_password(self) -> None:
        self._answer("root password")
        self._value(self.options["root"])

    def _answer(self, what: str) -> None:
        self.journal.append(what)
        if self.error:
            raise self.error

    @staticmethod
    def _value(value: t.Any) -> t.Any:
        if callable(value):
            raise value()
        if isinstance(value, Exception):
            raise value
        return value


def pool_of(*agents: Agent) -> mock.Mock:
    by_server = {agent.server: agent for agent in agents}
    joined = next((agent for agent in agents if agent.identity not in ("", "SINGLE")), agents[0])
    return mock.Mock(clients=by_server, sessions=by_server, any_of=lambda observed: joined, verified=set())


def look(*agents: Agent) -> ObservedCluster:
    return observe(pool_of(*agents))
