# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find DAGs by ID, by name or as lists, on agents of different versions and identities."""

from __future__ import annotations

import typing as t

from .._agent.client import ObshellClient
from .._agent.info import FOLLOWER, AgentStatus
from .._dag.model import INITIALIZE, Dag
from .._errors import AgentError, NotFound, Refused, Unreachable
from .._ids import GenericId
from .completeness import ALL, MAINTENANCE, UNFINISHED, lacks, why_incomplete

LISTS_ALL_SINCE = (4, 3)
LIST_ADVICE = ". List the IDs with obshell_dag_info and scope=all"
UNREADABLE = -1


class Found(t.NamedTuple):
    """DAGs, and for each list that the agent does not have: `route`, `status`, `error` and `trace_id`.

    A DAG that cannot be read has an entry too, with its `id`, its `name` and the status -1.
    """

    dags: list[Dag]
    unavailable: list[dict[str, t.Any]]


def find_dag(
    client: ObshellClient, *, dag_id: str | None = None, name: str | None = None, must_be_only: bool = False
) -> Dag:
    """Read one DAG with details: by ID, or the newest unfinished DAG of a name, or else its last maintenance DAG.

    If both are given, the DAG of the ID must have the name: an ID that went through a number may be another one's.

    :param must_be_only: whether no other unfinished DAG may have the name.
    :raises Refused: another one has it, or several agents have a DAG of that name.
    :raises NotFound: no DAG has that ID or name, or lists that are incomplete may hide the newest one.
    :raises AgentError: the agent could not answer.
    """
    if dag_id is not None:
        dag = _find_by_id(client, dag_id)
        if name not in (None, dag.name):
            raise Refused(f"{dag.label} is not named {name!r}. Check the ID; no operator was sent")
        return dag
    unfinished = list_unfinished(client, name)
    named = [dag for dag in unfinished if dag.name == name]
    if must_be_only and len(named) > 1:
        raise Refused(
            f"several unfinished DAGs are named {name!r}: {_ids(named)}. To continue one would run over what the "
            "others left. Roll them back, the newest first, or name one by its id"
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
        incomplete = why_incomplete(client)
        raise NotFound(
            f"{client.where} has no unfinished DAG named {name!r}, and its last maintenance DAG has another name. "
            f"Unfinished DAGs: {names}{incomplete and f'. The list is incomplete: {incomplete}'}",
            unavailable=unavailable,
            incomplete=incomplete,
        )
    newest = _newest(named, name)
    _refuse_to_take_for_newest(client, newest)
    return newest


def _refuse_to_take_for_newest(client: ObshellClient, dag: Dag) -> None:
    """Fail if a newer DAG of that name may be hidden. An initialisation that succeeded is a cluster's only one."""
    if dag.state != "SUCCEED" or dag.name == INITIALIZE:
        return
    incomplete = why_incomplete(client)
    if incomplete:
        raise NotFound(f"{dag} may not be the newest DAG of that name: {incomplete}", incomplete=incomplete)


def list_dags(client: ObshellClient, scope: str, *, details: bool) -> Found:
    """List the DAGs of a scope.

    :param scope: `unfinished`; the last maintenance DAG of the `agent`, of all `agents` or of the `cluster`; or `all`,
        for which an agent before 4.3 returns what its other lists hold.
    """
    if scope == "unfinished":
        return collect(client, [UNFINISHED], details=details)
    if scope in MAINTENANCE:
        return collect(client, [MAINTENANCE[scope]], details=details)
    found = collect(client, ALL, details=details)
    if any(missing["route"] == ALL[0] and missing["status"] != UNREADABLE for missing in found.unavailable):
        others = collect(client, [UNFINISHED, *MAINTENANCE.values()], details=details)
        return Found(others.dags, found.unavailable + others.unavailable)
    return found


def find_last(client: ObshellClient, name: str, dag_id: str | None) -> Found:
    """Read the unfinished DAGs of a name with details, or else the last one.

    :param dag_id: the DAG to read if none is unfinished: before 4.3 an agent lists only its last maintenance DAG.
    """
    named = [dag for dag in list_unfinished(client, name) if dag.name == name]
    if named:
        return Found(named, [])
    if dag_id is not None:
        return Found([_find_unlisted(client, dag_id)], [])
    return find_last_listed(client, lambda dag: dag.name == name)


def find_last_listed(client: ObshellClient, selects: t.Callable[[Dag], bool]) -> Found:
    """Read the newest of the selected DAGs that the agent still lists, ended or not, with details."""
    for scope in ("agents", "all"):
        found = list_dags(client, scope, details=True)
        selected = [dag for dag in found.dags if selects(dag)]
        if selected:
            return Found([max(selected, key=lambda dag: dag.number)], [])
    return Found([], found.unavailable)


def collect(client: ObshellClient, routes: t.Iterable[str], *, details: bool) -> Found:
    """Read several lists, each DAG once, and note those that this agent does not have.

    :raises AgentError: the agent has a list, but could not read it.
    """
    dags: dict[str, Dag] = {}
    unavailable: list[dict[str, t.Any]] = []
    for route in routes:
        try:
            listed = client.list_dags(route, details=details, unreadable=unavailable)
            dags.update((dag.id, dag) for dag in listed)
        except AgentError as error:
            if not lacks(client, route, error.status):
                raise
            unavailable.append({"route": route, **error.result})
    return Found(list(dags.values()), unavailable)


def list_unfinished(client: ObshellClient, name: str | None) -> list[Dag]:
    """List the unfinished DAGs of all names, without those of another name than `name` that cannot be read.

    :raises Unreachable: one that cannot be read has the name, or has none, or no name is given.
    """
    found = collect(client, [UNFINISHED], details=True)
    for entry in found.unavailable:
        if entry["status"] == UNREADABLE and (name is None or entry.get("name") in (name, None)):
            raise Unreachable(entry["error"]["message"], sent=True)
    return found.dags


def _newest(named: list[Dag], name: str | None) -> Dag:
    named = [dag for dag in named if dag.state != "SUCCEED"] or named
    if len({dag.owner for dag in named}) > 1:
        raise Refused(f"several agents have a DAG named {name!r}: {_ids(named)}. Name one by its id")
    return max(named, key=lambda dag: dag.number)


def _ids(dags: list[Dag]) -> str:
    return " and ".join(dag.id for dag in dags)


def _find_by_id(client: ObshellClient, dag_id: str) -> Dag:
    """Read a DAG from the list of unfinished ones, which has no OBProxy tasks, or by its ID if that is safe."""
    if not GenericId.parse(dag_id).is_obproxy:
        for dag in collect(client, [UNFINISHED], details=True).dags:
            if dag.id == dag_id:
                return dag
    return _find_unlisted(client, dag_id)


def _find_unlisted(client: ObshellClient, dag_id: str) -> Dag:
    """Read a DAG by its ID if that is safe, or else from another list."""
    try:
        return client.get_dag(dag_id)
    except NotFound as error:
        found = collect(client, [_list_that_may_have(dag_id, client.last_status)], details=True)
        for dag in found.dags:
            if dag.id == dag_id:
                return dag
        error.message += LIST_ADVICE
        raise
    except AgentError as error:
        if not error.is_not_found:
            raise
        raise NotFound(error.message + LIST_ADVICE, **error.result) from error


def _list_that_may_have(dag_id: str, status: AgentStatus | None) -> str:
    """The list that shows the most: all DAGs of the asked agent, or the last one of each agent.

    A follower forwards the first one to its master.
    """
    is_own = status is not None and GenericId.parse(dag_id).agent == status.address
    if status and is_own and status.identity != FOLLOWER and not status.is_older_than(LISTS_ALL_SINCE):
        return ALL[0]
    return MAINTENANCE["agents"]
