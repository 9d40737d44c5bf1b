# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...core.errors import ApiError
from ...core.version import Version
from ..call import Call, Result
from . import agent, cluster, dag, dag_lists

PREFIX = "/api/v1/"
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
        Route("GET", "task/dag/maintain/agent", dag_lists.last_of_agent),
        Route("GET", "task/dag/maintain/agents", dag_lists.last_of_each_agent),
        Route("GET", "task/dag/maintain/ob", dag_lists.last_of_cluster),
        Route("GET", "task/dag/unfinish", dag_lists.unfinished),
        Route("GET", "task/dag/agent/unfinish", dag_lists.unfinished_of_agent),
        Route("GET", "task/dag/ob/unfinish", dag_lists.none_of_cluster),
        Route("GET", "task/dags/agent", dag_lists.all_of_agent, Version.dag_lists.is_in),
        Route("GET", "task/dags/ob", dag_lists.none_of_cluster, Version.dag_lists.is_in),
        Route("GET", "task/dag/{}", dag.dag),
        Route("POST", "task/dag/{}", dag.operate_dag),
        Route("GET", "task/node/{}", dag.node),
        Route("POST", "task/node/{}", dag.operate_node, Version.node_operator.is_in),
        Route("GET", "task/sub_task/{}", dag.sub_task),
        Route("GET", "task/sub_task/{}/logs", dag.sub_task_logs, Version.dag_lists.is_in),
    )
}


def find_route(version: Version, method: str, path: str) -> tuple[Route, str]:
    """The route of a path, and the ID in the path. Raise ApiError if this version does not have the route."""
    name, task_id = path.removeprefix(PREFIX) if path.startswith(PREFIX) else "", ""
    route = ROUTES.get((method, name))
    parts = name.split("/")
    if route is None and len(parts) in (3, 4) and parts[0] == "task":
        task_id, parts[2] = parts[2], "{}"
        route = ROUTES.get((method, "/".join(parts)))
    if route is None or not route.exists_in(version):
        raise ApiError("no_route")
    return route, task_id
