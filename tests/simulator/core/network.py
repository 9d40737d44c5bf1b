# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agents that can reach each other."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from .agent import AgentModel
from .generic_id import Address
from .obstacles import Delay, Obstacle
from .storm import begin_storm

MAX_TICKS = 1000


class Network:
    """Agents, the obstacles and delays of their work, and the tick that advances all of them.

    `lock` protects all of it. `changes` counts what requests have changed, and `storms` are the requests that started a
    storm of requests.
    """

    agents: Sequence[AgentModel]

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.obstacles: list[Obstacle] = []
        self.delays: list[Delay] = []
        self.changes = 0
        self.storms: list[str] = []

    def find_agent(self, address: Address) -> AgentModel | None:
        return next((agent for agent in self.agents if agent.location == address), None)

    def count_change(self) -> None:
        self.changes += 1

    def begin_storm(self, agent: AgentModel, request: str) -> None:
        self.storms.append(f"{request} at {agent.address}")
        begin_storm(agent)

    def tick(self, times: int = 1) -> None:
        """Advance the DAGs of all agents that are not down, those of the first agent first."""
        with self.lock:
            for _tick in range(times):
                for agent in self.agents:
                    agent.out_of_files_for = max(0, agent.out_of_files_for - 1)
                    if not agent.down:
                        agent.tick()

    def run_to_end(self, dag_id: str) -> str:
        """Tick until a DAG is FAILED or SUCCEED."""
        with self.lock:
            found = next(dag for agent in self.agents if (dag := agent.find_dag(dag_id)))
            for _tick in range(MAX_TICKS):
                if found.finished:
                    return dag_id
                self.tick()
        raise TimeoutError(f"DAG {dag_id} did not end within {MAX_TICKS} ticks")
