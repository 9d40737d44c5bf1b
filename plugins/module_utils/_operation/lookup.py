# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find DAGs: by ID, by name, or as lists, across what agents of different versions and identities can answer."""

from __future__ import annotations

import typing as t

from .._agent.client import ObshellClient
from .._dag.model import Dag
from .._errors import AgentError, NotFound, Refused
from .._ids import GenericId

UNFINISHED = "dag/unfinish"
MAINTENANCE = {"agent": "dag/maintain/agent", "agents": "dag/maintain/agents", "cluster": "dag/maintain/ob"}
ALL = ("dags/agent", "dags/ob")
NO_SUCH_DAG = 404
LACKING = (400, 404, 500)


class Found(t.NamedTuple):
    """DAGs, and for each route that the agent could not answer `route`, `status`, `error` and `trace_id`."""

    dags: list[Dag]
    unavailable: list[dict[str, t.Any]]


def find_dag(client: ObshellClient, *, dag_id: str | None = None, name: str | None = None, alone: bool = False) -> Dag:
    """Read one DAG with details: that of an ID, or the newest unfinished, else the last maintenance DAG of a name.

    :param alone: whether it must be the only unfinished one of its name.
    :raises Refused: it is not, or several agents have one.
    :raises NotFound: there is none of that ID or name.
    :raises AgentError: the agent could not tell.
    """
    if dag_id is not None:
        return _get(client, dag_id)
    unfinished = _read(client, UNFINISHED, details=True)
    named = [dag for dag in unfinished if dag.name == name]
    if alone and len(named) > 1:
        raise Refused(
            f"several unfinished DAGs are named {name!r}, {_ids(named)}; to go on with one "
            "would run over what is left of the others. Roll them back, the newest first, or name one by its id"
        )
    unavailable: list[dict[str, t.Any]] = []
    for route in MAINTENANCE.values():
        if named:
            break
        found = collect(client, [route], details=True)
        named = [dag for dag in found.dags if dag.name == name]
        unavailable += found.unavailable
    if not named:
        names = ", ".join(f"{dag.name} ({dag.id})" for dag in unfinished) or "none"
        raise NotFound(
            f"{client.where} knows no unfinished DAG named {name!r}, nor is that its last maintenance DAG; unfinished "
            f"are: {names}",
            unavailable=unavailable,
        )
    named = [dag for dag in named if dag.state != "SUCCEED"] or named
    if len({GenericId.parse(dag.id).agent for dag in named}) > 1:
        raise Refused(f"several agents have a DAG named {name!r}: {_ids(named)}; name one by its id")
    return max(named, key=lambda dag: dag.number)


def list_dags(client: ObshellClient, scope: str, *, details: bool) -> Found:
    """List the DAGs of a scope.

    :param scope: `unfinished`, the last maintenance DAG of the `agent`, of all `agents` or of the `cluster`, or `all`;
        an agent that keeps no list of all (before 4.3) answers with all that its other lists hold.
    """
    if scope == "unfinished":
        return Found(_read(client, UNFINISHED, details=details), [])
    if scope in MAINTENANCE:
        return collect(client, [MAINTENANCE[scope]], details=details)
    found = collect(client, ALL, details=details)
    if any(lack["route"] == ALL[0] for lack in found.unavailable):
        others = collect(client, [UNFINISHED, *MAINTENANCE.values()], details=details)
        return Found(others.dags, found.unavailable + others.unavailable)
    return found


def collect(client: ObshellClient, routes: t.Iterable[str], *, details: bool) -> Found:
    """Read several routes, each DAG once, and take note of those that this agent cannot answer."""
    dags: dict[str, Dag] = {}
    unavailable = []
    for route in routes:
        try:
            dags.update((dag.id, dag) for dag in _read(client, route, details=details))
        except AgentError as error:
            if error.status not in LACKING:
                raise
            unavailable.append({"route": route, **error.result})
    return Found(list(dags.values()), unavailable)


def _ids(dags: list[Dag]) -> str:
    return " and ".join(dag.id for dag in dags)


def _get(client: ObshellClient, dag_id: str) -> Dag:
    try:
        return Dag.from_api(client.get_dag(dag_id))
    except AgentError as error:
        if error.status != NO_SUCH_DAG:
            raise
        raise NotFound(f"{error.message}; list the IDs with obshell_dag_info, scope=all", **error.result) from error


def _read(client: ObshellClient, route: str, *, details: bool) -> list[Dag]:
    return [Dag.from_api(raw) for raw in client.list_dags(route, details=details)]
