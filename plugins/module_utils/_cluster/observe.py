# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read everything that a plan needs from the agents of a cluster."""

from __future__ import annotations

import dataclasses
import socket

from .._agent.client import ObshellClient, SetupClient
from .._agent.info import CLUSTER_AGENT, FOLLOWER, MASTER, SINGLE, ClusterInfo
from .._dag.model import SET_OPTIONS, Dag
from .._errors import AgentError, Unauthorized, Unreachable
from .._operation.completeness import MAINTENANCE, UNFINISHED
from .._operation.conflicts import find_owner
from .model import Member, ObservedCluster, Server
from .sessions import AgentPool

JOINED = (MASTER, FOLLOWER, CLUSTER_AGENT)


def observe(pool: AgentPool) -> ObservedCluster:
    """Read all that is known of the agents.

    :raises Unreachable: an agent does not respond, and is neither known to others as a cluster agent, nor does a DAG
        run that may restart it.
    :raises Unauthorized: an agent refused the passwords.
    """
    members, unreachable = _read_members(pool)
    observed = ObservedCluster(tuple(members))
    if unreachable and len(unreachable) == len(members):
        raise unreachable[0][1]
    if any(member.is_seekdb for member in members):
        # The preconditions refuse it, so no password is sent.
        return observed
    try:
        observed = _read_cluster(pool, observed)
    except Unauthorized as error:
        _explain_missing_password(observed, error)
        raise
    running = any(not dag.finished for dag in observed.dags)
    for member, failure in unreachable:
        peer = observed.peer_of(member)
        if peer is None or not (peer.identity == CLUSTER_AGENT or running):
            raise failure
    return observed


def _read_members(pool: AgentPool) -> tuple[list[Member], list[tuple[Member, Unreachable]]]:
    members, unreachable = [], []
    for server, client in pool.clients.items():
        try:
            members.append(_read_member(server, client))
        except Unreachable as error:
            members.append(Member(server, resolved=_resolve(server)))
            unreachable.append((members[-1], error))
    pool.locked = any(member.under_maintenance for member in members)
    return members, unreachable


def _read_member(server: Server, client: ObshellClient) -> Member:
    # In this order: once no DAG locks an agent, its identity is what that DAG has made of it.
    status, info = client.status(), client.info()
    return Member(
        server,
        address=info.address,
        identity=info.identity,
        zone=info.zone,
        version=info.version,
        ob_version=info.ob_version,
        under_maintenance=status.under_maintenance,
        database_available=status.database_available,
        has_agent_password=bool(info.has_agent_password),
        supports_agent_password=info.has_agent_password is not None,
        is_seekdb=info.is_seekdb,
    )


def _read_cluster(pool: AgentPool, observed: ObservedCluster) -> ObservedCluster:
    for member in observed.members:
        _verify_agent_password(pool, member)
    joined = [member for member in observed.members if member.identity in JOINED]
    if joined:
        observed = _read_joined(pool, observed, joined)
    for member in observed.with_identity(CLUSTER_AGENT):
        _verify_root_password(pool, member)
    dags, left_over = ({dag.id: dag for dag in some} for some in (observed.dags, observed.left_over))
    for member in observed.with_identity(SINGLE):
        has_password = member.has_agent_password and member.server.agent_password
        # Agents before 4.2.6, which have no agent passwords, can leave a cluster whose initialisation failed.
        if member.under_maintenance or not member.supports_agent_password or has_password:
            own, own_left_over = _unfinished(pool.clients[member.server])
            dags.update(own)
            left_over.update(own_left_over)
    return dataclasses.replace(observed, dags=tuple(dags.values()), left_over=tuple(left_over.values()))


def _read_joined(pool: AgentPool, observed: ObservedCluster, joined: list[Member]) -> ObservedCluster:
    client = pool.any_of(observed)
    cluster = _read_cluster_info(client)
    dags, left_over = _unfinished(client)
    unlisted = _last_of_locked_followers(pool, client, joined) + _last_without_database(pool, observed)
    dags.update((dag.id, dag) for dag in unlisted if dag.state != "SUCCEED")
    observed = dataclasses.replace(
        observed, cluster=cluster, dags=tuple(dags.values()), left_over=tuple(left_over.values())
    )
    if dags:
        return observed
    masters = observed.with_identity(MASTER)
    last = [dag for master in masters for dag in _last_maintenance_dag(pool.clients[master.server])]
    options_set_later = False
    if cluster and cluster.name:
        set_options = any(dag.name == SET_OPTIONS for dag in last)
        options_set_later = set_options or not all(_has_root_password(pool, master) for master in masters)
    return dataclasses.replace(
        observed, options_set_later=options_set_later, last_maintenance_dag="".join(dag.id for dag in last)
    )


def _last_of_locked_followers(pool: AgentPool, client: ObshellClient, joined: list[Member]) -> list[Dag]:
    locked = [member for member in joined if member.identity == FOLLOWER and member.under_maintenance]
    if locked and len(locked) < len(joined):
        return client.list_dags(MAINTENANCE["agents"], details=True)
    # Their master is single again, and no longer knows them.
    return [dag for member in locked for dag in _last_maintenance_dag(pool.clients[member.server])]


def _last_without_database(pool: AgentPool, observed: ObservedCluster) -> list[Dag]:
    """The last maintenance DAG of each cluster agent, if one has no database: that one lists no unfinished DAG."""
    agents = observed.with_identity(CLUSTER_AGENT)
    if all(member.database_available for member in agents):
        return []
    return [dag for member in agents for dag in _last_maintenance_dag(pool.clients[member.server])]


def _has_root_password(pool: AgentPool, member: Member) -> bool:
    """Whether the root password that an agent was configured with is the given one, and not none or another."""
    session = pool.sessions[member.server]
    if session.password_unverified:
        try:
            session.verify_root_password()
        except Unauthorized:
            return False
    return True


def _verify_root_password(pool: AgentPool, member: Member) -> None:
    """An agent may have accepted the empty password, or its own, instead of the root password."""
    session = pool.sessions[member.server]
    if session.password_unverified:
        try:
            session.verify_root_password()
        except Unauthorized as error:
            error.message = f"{member} has another password of root@sys than the given one: {error.message}"
            raise


def _verify_agent_password(pool: AgentPool, member: Member) -> None:
    """Verify a declared agent password, once in a run: most agents accept the root password too, or only that."""
    server = member.server
    if not (member.address and member.has_agent_password and server.agent_password) or server in pool.verified:
        return
    try:
        pool.clients[server].check_agent_password(member.address)
        pool.verified.add(server)
    except Unauthorized as error:
        error.message = f"{member} has another agent password than the one given for it: {error.message}"
        raise


def _explain_missing_password(observed: ObservedCluster, error: Unauthorized) -> None:
    for member in observed.with_identity(MASTER):
        if member.has_agent_password and member.server.agent_password is None:
            error.message = f"{member} has an agent password, but none is given for it: {error.message}"


def _resolve(server: Server) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(str(address[0]) for *_how, address in found)


def _read_cluster_info(client: ObshellClient) -> ClusterInfo | None:
    try:
        return client.cluster_info()
    except AgentError as error:
        if not error.is_not_found:
            raise
        return None


def _last_maintenance_dag(client: ObshellClient) -> list[Dag]:
    try:
        return client.list_dags(MAINTENANCE["agent"], details=True)
    except AgentError as error:
        if not error.is_not_found:
            raise
        return []


def _unfinished(client: SetupClient) -> tuple[dict[str, Dag], dict[str, Dag]]:
    """The unfinished DAGs by ID, and apart from them failed initialisations that must be left as they are."""
    dags: dict[str, Dag] = {}
    left_over: dict[str, Dag] = {}
    for dag in client.list_dags(UNFINISHED, details=True):
        (left_over if find_owner(client, dag) else dags)[dag.id] = dag
    return dags, left_over
