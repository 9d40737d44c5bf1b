# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster whose DAG moves with each read, and a runner of its steps, for tests of steps."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import steps
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.actions import Secrets
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    DesiredCluster,
    Member,
    ObservedCluster,
    Server,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.record import RunRecord
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.steps import RunPolicy, StepRunner
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import ObshellError
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import TimeSlice, Waiter

FIRST, SECOND = (Server(f"192.0.2.{number}", 2886, f"zone{number}") for number in (1, 2))
DESIRED = DesiredCluster("initialized", "obdemo", 1, (FIRST, SECOND))


def dag(state: str, *, agent: int = 1, number: int = 5) -> Dag:
    raw = {"id": f"2322122598{4 + agent}02886{number}", "name": "Initialize cluster", "state": state, "operator": "RUN"}
    return Dag.from_api({**raw, "start_time": "", "dag_id": number, "stage": 1, "max_stage": 1, "nodes": []})


class Agents:
    """The agents of a cluster, whose DAG is `states` in turn; `asked` journals who was asked."""

    def __init__(self, *identities: str, states: t.Sequence[str] = ("RUNNING", "SUCCEED")) -> None:
        self.states = list(states)
        self.asked: list[str] = []
        self.remembered: list[str] = []
        servers = (FIRST, SECOND)
        self.clients = {server: Client(self, str(server)) for server in servers}
        self.members = tuple(Member(s, Address(s.host, 2886), identity) for s, identity in zip(servers, identities))
        self.identities: list[str] = []

    def any_of(self, observed: ObservedCluster, *, first: Server | None = None) -> Client:
        return Client(self, f"any, {first} first")

    def remember_dag(self, dag_id: str) -> None:
        self.remembered.append(dag_id)


class Client:
    """A client of one agent, or of any."""

    where = "the agents"

    def __init__(self, agents: Agents, name: str) -> None:
        self.agents, self.name = agents, name

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        self.agents.asked.append(self.name)
        states = self.agents.states
        return dag(states.pop(0) if len(states) > 1 else states[0])

    def info(self) -> AgentInfo:
        return AgentInfo.from_api({"identity": self.agents.identities.pop(0), "ip": "192.0.2.1", "port": 2886})


class Case:
    """A runner with its record, for requests that are answered with `answer`."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        agents: Agents,
        answer: t.Any = None,
        *,
        owner: Dag | None = None,
        time_slice: TimeSlice | None = None,
        **policy: t.Any,
    ) -> None:
        def send(*_what: t.Any, **_secrets: t.Any) -> Dag | None:
            if isinstance(answer, ObshellError):
                raise answer
            return t.cast("Dag | None", answer)

        self.agents = agents
        self.record = RunRecord(DESIRED)
        self.record.observed = ObservedCluster(agents.members)
        monkeypatch.setattr(steps, "send", send)
        monkeypatch.setattr(steps, "find_owner", lambda client, failed: owner)
        waiter = Waiter.start(timeout=60, interval=10, time_slice=time_slice)
        pool: t.Any = agents
        self.runner = StepRunner(
            pool, DESIRED, self.record, waiter, policy=RunPolicy(**policy), secrets=Secrets("root")
        )

    @property
    def progressed(self) -> tuple[bool, bool, bool]:
        progressed = self.record.progressed
        return "" in progressed.configured, progressed.init, progressed.waited_for_dag
