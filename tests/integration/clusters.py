# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters of simulated agents, as tests of obshell_cluster declare and compare them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.oceanbase.obshell.tests.simulator import Agent, AgentSpec, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.http.reserved_port import ReservedPort

from .conftest import ROOT_PASSWORD
from .inprocess import task

NAME, NUMBER = "obdemo", 7


def agents(count: int, version: str = "4.5.0.0", **spec: t.Any) -> list[AgentSpec]:
    return [AgentSpec(version=version, **spec) for _agent in range(count)]


def at_one_port(*clusters: t.Sequence[str], speed: float) -> list[Simulator]:
    """Start a simulator for each cluster, with agents at these hosts and all at one port, whichever is free at all."""
    while True:
        with contextlib.closing(ReservedPort(tuple(host for hosts in clusters for host in hosts))) as free:
            port = free.number
        simulators = [
            Simulator([AgentSpec(ip=host, listen=(host,), port=port) for host in hosts], speed=speed)
            for hosts in clusters
        ]
        try:
            for simulator in simulators:
                simulator.start()
        except OSError:
            for simulator in simulators:
                simulator.stop()
        else:
            return simulators


def declared(simulator: Simulator, **options: t.Any) -> dict[str, t.Any]:
    """The options of obshell_cluster for all agents of a simulator."""
    servers = [
        {"host": agent.host, "port": agent.port, "zone": f"zone{number}", "config": {"mysql_port": 20000 + number}}
        for number, agent in enumerate(simulator.agents, 1)
    ]
    return {
        "name": NAME,
        "cluster_id": NUMBER,
        "root_password": ROOT_PASSWORD,
        "servers": servers,
        "config": {"memory_limit": "6G", "enable_syslog_wf": False},
        "wait_timeout": 120,
        **options,
    }


def cluster(simulator: Simulator, /, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """Run obshell_cluster; the journal then holds its requests alone."""
    simulator.journal.clear()
    return task("obshell_cluster", check=check, diff=True, **declared(simulator, **options))


def sent(simulator: Simulator) -> list[str]:
    """What was sent that could change something."""
    return [
        f"{entry.method} {entry.uri.removeprefix('/api/v1/')}"
        for entry in simulator.journal.entries
        if entry.method != "GET"
    ]


def state(simulator: Simulator) -> list[tuple[t.Any, ...]]:
    """All that lasts of what was done to the agents."""
    with simulator.lock:
        return [_state(agent) for agent in simulator.agents]


def _state(agent: Agent) -> tuple[t.Any, ...]:
    settings = (agent.master or agent).cluster
    unfinished = [(dag.name, dag.state) for dag in agent.engine.dags if dag.state != "SUCCEED"]
    inits = [dag.operator for dag in agent.engine.dags if dag.name == "Initialize cluster"]
    return (
        agent.identity,
        agent.zone,
        agent.master.index if agent.master else None,
        (settings.name, settings.id),
        agent.root_password,
        agent.agent_password,
        agent.observer.options,
        agent.observer.running,
        unfinished,
        inits,
    )
