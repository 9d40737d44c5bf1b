# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of routes: of an agent of OceanBase, and of an agent of seekdb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import ApiError
from ...core.version import Version
from ..call import Call, Result
from . import agent, cluster, dag, dag_lists, scaling, seekdb, start_stop, tenants, upgrades

if TYPE_CHECKING:
    from ...core.agent import AgentModel

PREFIX = "/api/v1/"
ID_AT = {"task": 2, "tenant": 1}
"""Which part of a path is an ID or a name."""
WITHOUT_PASSWORD = frozenset({"info", "status", "secret"})


@dataclass(frozen=True)
class Route:
    """`{}` in the name stands for an ID."""

    method: str
    name: str
    handler: Callable[[Call], Result]
    exists_in: Callable[[Version], bool] = lambda _version: True


ROUTES = {
    (route.method, route.name): route
    for route in (
        Route("GET", "info", agent.info),
        Route("GET", "status", agent.status),
        Route("GET", "secret", agent.secret),
        Route("POST", "agent/password", agent.set_password, Version.agent_password.is_in),
        Route("GET", "ob/info", cluster.info),
        Route("POST", "agent/join", cluster.join),
        Route("POST", "agent", cluster.join),
        Route("DELETE", "agent", cluster.remove),
        Route("POST", "agent/remove", cluster.remove),
        Route("PUT", "observer/config", cluster.configure_observers),
        Route("PUT", "obcluster/config", cluster.configure_cluster),
        Route("POST", "ob/init", cluster.initialize),
        Route("POST", "obproxy", cluster.add_obproxy, Version.obproxy.is_in),
        Route("POST", "tenant", tenants.create, Version.tenants.is_in),
        Route("DELETE", "tenant/{}", tenants.drop, Version.tenants.is_in),
        Route("POST", "tenant/{}/backup/config", tenants.configure_backup, Version.tenants.is_in),
        Route("POST", "ob/start", start_stop.start),
        Route("POST", "ob/stop", start_stop.stop),
        Route("POST", "ob/scale_out", scaling.scale_out),
        Route("POST", "ob/scale_in", scaling.scale_in, Version.scale_in.is_in),
        Route("POST", "agent/upgrade/check", upgrades.check),
        Route("POST", "agent/upgrade", upgrades.start),
        Route("POST", "ob/upgrade/check", upgrades.check_oceanbase),
        Route("GET", "task/dag/maintain/agent", dag_lists.last_of_agent),
        Route("GET", "task/dag/maintain/agents", dag_lists.last_of_each_agent),
        Route("GET", "task/dag/maintain/ob", dag_lists.last_of_cluster),
        Route("GET", "task/dag/unfinish", dag_lists.unfinished),
        Route("GET", "task/dag/agent/unfinish", dag_lists.unfinished_of_agent),
        Route("GET", "task/dag/ob/unfinish", dag_lists.unfinished_of_cluster),
        Route("GET", "task/dags/agent", dag_lists.all_of_agent, Version.dag_lists.is_in),
        Route("GET", "task/dags/ob", dag_lists.all_of_cluster, Version.dag_lists.is_in),
        Route("GET", "task/dag/{}", dag.dag),
        Route("POST", "task/dag/{}", dag.operate_dag),
        Route("GET", "task/node/{}", dag.node),
        Route("POST", "task/node/{}", dag.operate_node, Version.node_operators.is_in),
        Route("GET", "task/sub_task/{}", dag.sub_task),
        Route("GET", "task/sub_task/{}/logs", dag.sub_task_logs, Version.dag_lists.is_in),
    )
}
COMMON_WITH_SEEKDB = (
    ("GET", "status"),
    ("GET", "secret"),
    ("GET", "task/dag/maintain/agent"),
    ("GET", "task/dag/agent/unfinish"),
    ("GET", "task/dags/agent"),
    ("GET", "task/dag/{}"),
    ("POST", "task/dag/{}"),
    ("GET", "task/node/{}"),
    ("POST", "task/node/{}"),
    ("GET", "task/sub_task/{}"),
    ("GET", "task/sub_task/{}/logs"),
)
SEEKDB_ROUTES = {
    **{name: route for name, route in ROUTES.items() if name in COMMON_WITH_SEEKDB},
    **{
        (route.method, route.name): route
        for route in (
            Route("GET", "info", seekdb.info),
            Route("POST", "seekdb/start", seekdb.start),
            Route("POST", "seekdb/stop", seekdb.stop),
            Route("POST", "seekdb/restart", seekdb.restart),
            Route("POST", "agent/upgrade/check", seekdb.check_upgrade),
            Route("GET", "task/dag/maintain/ob", seekdb.last_of_cluster),
            Route("GET", "task/dag/unfinish", seekdb.unfinished),
            Route("GET", "task/dag/ob/unfinish", dag_lists.unfinished_of_agent),
            Route("GET", "task/dags/ob", dag_lists.all_of_agent),
        )
    },
}


def find_route(agent: AgentModel, method: str, path: str) -> tuple[Route, str]:
    """The route of a path, and the ID in the path. Raise ApiError if this agent does not have the route."""
    routes = SEEKDB_ROUTES if agent.spec.seekdb else ROUTES
    name, task_id = path.removeprefix(PREFIX) if path.startswith(PREFIX) else "", ""
    route = routes.get((method, name))
    parts = name.split("/")
    at = ID_AT.get(parts[0], len(parts))
    if route is None and at < len(parts):
        task_id, parts[at] = parts[at], "{}"
        route = routes.get((method, "/".join(parts)))
    if route is None or not route.exists_in(agent.version):
        raise ApiError("no_route")
    return route, task_id
