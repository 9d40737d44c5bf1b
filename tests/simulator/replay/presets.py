# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets: sequences of requests that bring a network to the point where a test begins.

They need no time: they tick by themselves. `Simulator` has them as methods.
"""

from __future__ import annotations

from collections.abc import Callable

from ..core.dag import Json
from ..core.obstacles import Obstacle
from ..http.agent import Agent
from ..http.network import ServedNetwork

ZONES = [{"name": "zone1", "unit_config_name": "u1", "unit_num": 1}]
JOBS: dict[str, tuple[str, str, Json]] = {
    "create_tenant": ("POST", "/api/v1/tenant", {"name": "t1", "zone_list": ZONES, "whitelist": "127.0.0.1"}),
    "drop_tenant": ("DELETE", "/api/v1/tenant/t1", {"need_recycle": False}),
    "configure_backup": (
        "POST",
        "/api/v1/tenant/t1/backup/config",
        {"data_base_uri": "file:///backup/data", "archive_base_uri": "file:///backup/archive"},
    ),
    "check_upgrade": ("POST", "/api/v1/agent/upgrade/check", {"version": "4.9.0.0", "release": "1.el7"}),
    "upgrade": ("POST", "/api/v1/agent/upgrade", {"version": "4.9.0.0", "release": "1.el7"}),
    "start": ("POST", "/api/v1/ob/start", {"scope": {"type": "GLOBAL"}}),
    "stop": ("POST", "/api/v1/ob/stop", {"scope": {"type": "GLOBAL"}, "force": True}),
    "scale_out": ("POST", "/api/v1/ob/scale_out", {}),
    "scale_in": ("POST", "/api/v1/ob/scale_in", {}),
}
"""The requests that create DAGs of an initialised cluster, and their usual bodies. Scaling is about the last agent."""


def form_cluster(network: ServedNetwork, *, root_password: str = "", zones: tuple[str, ...] = ()) -> None:
    """Join the agents, the first one as the master, and configure all of them."""
    agents = [agent for agent in network.agents if not agent.spec.new_server]
    master = agents[0]
    with network.lock:
        for index, agent in enumerate(agents):
            zone = zones[index] if zones else f"zone{index + 1}"
            body = {"agentInfo": master.location.as_dict(), "zoneName": zone}
            _run(network, agent, "POST", "/api/v1/agent/join", body)
        for agent in agents:
            scope = {"type": "SERVER", "target": [agent.address]}
            body = {"observerConfig": _observer_config(agent), "scope": scope}
            _run(network, master, "PUT", "/api/v1/observer/config", body)
        cluster = {"clusterId": 1, "clusterName": "obdemo", "rootPwd": root_password}
        _run(network, master, "PUT", "/api/v1/obcluster/config", cluster)


def start_init(
    network: ServedNetwork,
    *,
    root_password: str = "",
    obstacle: Obstacle | None = None,
    ticks: int = 0,
    zones: tuple[str, ...] = (),
) -> str:
    """Start an initialisation and let some ticks pass. Return the ID of its DAG."""
    with network.lock:
        form_cluster(network, root_password=root_password, zones=zones)
        if obstacle:
            network.obstacles.append(obstacle)
        dag_id = _request_dag(network.agents[0], "POST", "/api/v1/ob/init", {})
        network.tick(ticks)
        return dag_id


def fail_init(
    network: ServedNetwork, *, obstacle: Obstacle, root_password: str = "", zones: tuple[str, ...] = ()
) -> str:
    """Let an initialisation fail at an obstacle. Return the ID of its DAG."""
    with network.lock:
        return network.run_to_end(start_init(network, root_password=root_password, obstacle=obstacle, zones=zones))


def complete_init(network: ServedNetwork, *, root_password: str = "", zones: tuple[str, ...] = ()) -> str:
    """Initialise a cluster: each agent becomes a CLUSTER AGENT. Return the ID of the DAG."""
    with network.lock:
        return network.run_to_end(start_init(network, root_password=root_password, zones=zones))


def add_obproxy(
    network: ServedNetwork,
    *,
    agent_password: str,
    obstacle: Obstacle | None = None,
    to_end: bool = True,
    name: str = "p1",
) -> str:
    """Set the agent password of the first agent and add an OBProxy to it. Return the ID of the DAG."""
    agent = network.agents[0]
    with network.lock:
        agent.agent_password = agent_password
        if obstacle:
            network.obstacles.append(obstacle)
        body = {"name": name, "home_path": "/home/admin/obproxy", "obproxy_sys_password": "proxysys"}
        dag_id = _request_dag(agent, "POST", "/api/v1/obproxy", body)
        return network.run_to_end(dag_id) if to_end else dag_id


def operate_seekdb(
    network: ServedNetwork,
    *,
    action: str,
    obstacle: Obstacle | None = None,
    to_end: bool = True,
    terminate: bool = False,
) -> str:
    """Start, stop or restart the seekdb of the first agent: `action` is the verb. Return the ID of the DAG."""
    with network.lock:
        if obstacle:
            network.obstacles.append(obstacle)
        dag_id = _request_dag(network.agents[0], "POST", f"/api/v1/seekdb/{action}", {"terminate": terminate})
        return network.run_to_end(dag_id) if to_end else dag_id


def create_dag(
    network: ServedNetwork,
    *,
    job: str,
    root_password: str = "",
    obstacle: Obstacle | None = None,
    to_end: bool = True,
    body: Json | None = None,
) -> str:
    """Create a DAG of an initialised cluster, which this initialises first if needed. Return the ID of the DAG.

    :param job: a key of JOBS.
    :param obstacle: what makes it fail.
    :param to_end: let it end, instead of only creating it.
    :param body: fields of the body instead of the usual ones.
    """
    method, uri, usual = JOBS[job]
    usual = usual or _body_of_scaling(network.agents[-1], job=job)
    with network.lock:
        if network.agents[0].identity == "SINGLE":
            complete_init(network, root_password=root_password)
        if obstacle:
            network.obstacles.append(obstacle)
        dag_id = _request_dag(network.agents[0], method, uri, {**usual, **(body or {})})
        return network.run_to_end(dag_id) if to_end else dag_id


PRESETS: dict[str, Callable[..., str | None]] = {
    preset.__name__: preset
    for preset in (form_cluster, start_init, fail_init, complete_init, add_obproxy, create_dag, operate_seekdb)
}


def _observer_config(agent: Agent) -> Json:
    port = agent.location.port
    return {
        "mysql_port": str(port % 10000 + 20000),
        "rpc_port": str(port % 10000 + 30000),
        "data_dir": agent.spec.data_dir,
        "redo_dir": agent.spec.redo_dir,
    }


def _body_of_scaling(server: Agent, *, job: str) -> Json:
    if job == "scale_in":
        return {"agent_info": server.location.as_dict()}
    zone = f"zone{server.index + 1}"
    return {"agentInfo": server.location.as_dict(), "zone": zone, "obConfigs": _observer_config(server)}


def _run(network: ServedNetwork, agent: Agent, method: str, uri: str, body: Json) -> None:
    network.run_to_end(_request_dag(agent, method, uri, body))


def _request_dag(agent: Agent, method: str, uri: str, body: Json) -> str:
    status, envelope = agent.call(method, uri, body)
    if status != 200:
        raise RuntimeError(f"{method} {uri}: {envelope}")
    return str(envelope["data"]["id"])
