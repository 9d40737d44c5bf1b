# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters brought to where a test begins, without any wall time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._agent import Agent
from ._model import Json
from ._obstacles import Obstacle

if TYPE_CHECKING:
    import threading

ENOUGH_TICKS = 1000


class Presets:
    """What a Simulator can prepare; each returns the generic ID of the DAG it started."""

    agents: list[Agent]
    lock: threading.RLock

    def tick(self, times: int = 1) -> None:
        raise NotImplementedError

    @property
    def obstacles(self) -> list[Obstacle]:
        raise NotImplementedError

    def form_cluster(self, *, root_password: str = "", zones: tuple[str, ...] = ()) -> None:
        """Join the agents, the first one as master, and configure them all."""
        master = self.agents[0]
        with self.lock:
            for index, agent in enumerate(self.agents):
                zone = zones[index] if zones else f"zone{index + 1}"
                self._do(agent, "POST", "/api/v1/agent/join", {"agentInfo": _info(master), "zoneName": zone})
            for agent in self.agents:
                port = agent.location.port
                config = {
                    "mysql_port": str(port % 10000 + 20000),
                    "rpc_port": str(port % 10000 + 30000),
                    "data_dir": agent.spec.data_dir,
                    "redo_dir": agent.spec.redo_dir,
                }
                scope = {"type": "SERVER", "target": [agent.address]}
                self._do(master, "PUT", "/api/v1/observer/config", {"observerConfig": config, "scope": scope})
            cluster = {"clusterId": 1, "clusterName": "obdemo", "rootPwd": root_password}
            self._do(master, "PUT", "/api/v1/obcluster/config", cluster)

    def start_init(
        self, *, root_password: str = "", obstacle: Obstacle | None = None, ticks: int = 0, zones: tuple[str, ...] = ()
    ) -> str:
        """An initialisation that is still under way, after so many ticks."""
        with self.lock:
            self.form_cluster(root_password=root_password, zones=zones)
            if obstacle:
                self.obstacles.append(obstacle)
            dag_id = self._ask(self.agents[0], "POST", "/api/v1/ob/init", {})
            self.tick(ticks)
            return dag_id

    def fail_init(self, *, obstacle: Obstacle, root_password: str = "", zones: tuple[str, ...] = ()) -> str:
        """An initialisation that has failed at the obstacle."""
        with self.lock:
            dag_id = self.start_init(root_password=root_password, obstacle=obstacle, zones=zones)
            return self.run_to_end(dag_id)

    def complete_init(self, *, root_password: str = "", zones: tuple[str, ...] = ()) -> str:
        """An initialised cluster: every agent a CLUSTER AGENT."""
        with self.lock:
            return self.run_to_end(self.start_init(root_password=root_password, zones=zones))

    def add_obproxy(
        self, *, agent_password: str, obstacle: Obstacle | None = None, to_end: bool = True, name: str = "p1"
    ) -> str:
        """An OBProxy DAG of the first agent, which has that agent password from then on."""
        agent = self.agents[0]
        with self.lock:
            agent.agent_password = agent_password
            if obstacle:
                self.obstacles.append(obstacle)
            asked = {"name": name, "home_path": "/home/admin/obproxy", "obproxy_sys_password": "proxysys"}
            dag_id = self._ask(agent, "POST", "/api/v1/obproxy", asked)
            return self.run_to_end(dag_id) if to_end else dag_id

    def run_to_end(self, dag_id: str) -> str:
        """Tick until a DAG of the first agents that has it is FAILED or SUCCEED."""
        with self.lock:
            owner = next(agent for agent in self.agents if _has(agent, dag_id))
            for _tick in range(ENOUGH_TICKS):
                if owner.dag(dag_id, details=False)["state"] in ("FAILED", "SUCCEED"):
                    return dag_id
                self.tick()
        raise TimeoutError(f"DAG {dag_id} did not end within {ENOUGH_TICKS} ticks")

    def _do(self, agent: Agent, method: str, uri: str, body: Json) -> None:
        self.run_to_end(self._ask(agent, method, uri, body))

    def _ask(self, agent: Agent, method: str, uri: str, body: Json) -> str:
        status, answer = agent.call(method, uri, body)
        if status != 200:
            raise RuntimeError(f"{method} {uri}: {answer}")
        return str(answer["data"]["id"])


def _info(agent: Agent) -> Json:
    return agent.location.as_dict()


def _has(agent: Agent, dag_id: str) -> bool:
    return any(agent.identify(dag.kind, dag.id) == dag_id for dag in agent.engine.dags)
