# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of the agent's API that the collection, or an operator with it, uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import _setup_routes, _task_routes
from ._calls import Call, Contents, NoContent, Partial
from ._errors import ApiError
from ._versions import Version

__all__ = ["OPEN", "Call", "Contents", "NoContent", "Partial", "Route", "find_route"]

PREFIX = "/api/v1/"
OPEN = frozenset({"info", "status", "secret"})


@dataclass(frozen=True)
class Route:
    name: str
    handler: Callable[[Call], Any]
    coded_errors: bool = field(default=False, kw_only=True)
    """Only since the versions with coded errors."""


ROUTES: dict[tuple[str, str], Route] = {
    (method, name): Route(name, handler, coded_errors=new)
    for method, name, handler, new in (
        ("GET", "info", _setup_routes.info, False),
        ("GET", "status", _setup_routes.status, False),
        ("GET", "secret", _setup_routes.secret, False),
        ("GET", "ob/info", _setup_routes.ob_info, False),
        ("POST", "agent/join", _setup_routes.join, False),
        ("POST", "agent", _setup_routes.join, False),
        ("DELETE", "agent", _setup_routes.remove, False),
        ("POST", "agent/remove", _setup_routes.remove, False),
        ("POST", "agent/password", _setup_routes.set_agent_password, True),
        ("PUT", "observer/config", _setup_routes.observer_config, False),
        ("PUT", "obcluster/config", _setup_routes.cluster_config, False),
        ("POST", "ob/init", _setup_routes.initialize, False),
        ("POST", "obproxy", _setup_routes.add_obproxy, True),
        ("GET", "task/dag/maintain/agent", _task_routes.maintain_agent, False),
        ("GET", "task/dag/maintain/agents", _task_routes.maintain_agents, False),
        ("GET", "task/dag/maintain/ob", _task_routes.maintain_ob, False),
        ("GET", "task/dag/unfinish", _task_routes.unfinished, False),
        ("GET", "task/dag/agent/unfinish", _task_routes.unfinished_agent, False),
        ("GET", "task/dag/ob/unfinish", _task_routes.unfinished_ob, False),
        ("GET", "task/dags/agent", _task_routes.all_agent, True),
        ("GET", "task/dags/ob", _task_routes.all_ob, True),
        ("GET", "task/dag/{}", _task_routes.dag, False),
        ("POST", "task/dag/{}", _task_routes.operate_dag, False),
        ("GET", "task/node/{}", _task_routes.node, False),
        ("GET", "task/sub_task/{}", _task_routes.sub_task, False),
        ("GET", "task/sub_task/{}/logs", _task_routes.sub_task_logs, True),
    )
}


def find_route(version: Version, method: str, path: str, call: Call) -> Route:
    """The route of a path; an ID in it becomes the call's."""
    name = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
    route = ROUTES.get((method, name))
    if route is None:
        parts = name.split("/")
        if len(parts) in (3, 4) and parts[0] == "task":
            call.id, parts[2] = parts[2], "{}"
            route = ROUTES.get((method, "/".join(parts)))
    if route is None or (route.coded_errors and not version.coded_errors):
        raise ApiError("no_route")
    return route
