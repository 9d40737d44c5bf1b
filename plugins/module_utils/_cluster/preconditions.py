# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agents cannot become, or are not, the desired cluster. Pure."""

from __future__ import annotations

from .._agent.info import CLUSTER_AGENT, FOLLOWER, MASTER, SINGLE
from .._dag.model import INITIALIZE
from .._errors import Refused
from .model import ABSENT, CONFIGURED, DesiredCluster, Member, ObservedCluster

SUPPORTED = (SINGLE, MASTER, FOLLOWER, CLUSTER_AGENT)


def check_preconditions(desired: DesiredCluster, observed: ObservedCluster) -> None:
    """Refuse agents that are, or would become, something else than desired.

    :raises Refused: says which agent and why.
    """
    reachable = [member for member in observed.members if member.address]
    _check_products(reachable)
    _check_distinct(reachable)
    for member in reachable:
        if member.identity not in SUPPORTED:
            raise _misfit(f"{member} has the unsupported identity {member.identity or '(none)'}")
    _check_versions(reachable)
    _check_zones(observed)
    _check_membership(observed, reachable)
    _check_agent_passwords(desired, reachable)
    _check_name(desired, observed, reachable)
    _check_latecomers(desired, observed)
    _check_initialized(desired, observed)


def _misfit(reason: str) -> Refused:
    """Refuse without naming an unfinished DAG: it is not the reason, and may belong to another cluster."""
    return Refused(reason, dag=None, failures=[], operators={}, allowed_operators=[])


def _check_initialized(desired: DesiredCluster, observed: ObservedCluster) -> None:
    initialized = observed.with_identity(CLUSTER_AGENT)
    if not initialized or observed.initializing:
        return
    if desired.state == ABSENT:
        raise _misfit(f"{initialized[0]} belongs to an initialised cluster, which holds data and is not taken apart")
    single = observed.with_identity(SINGLE)
    if single:
        raise _misfit(
            f"{single[0]} is SINGLE, while {initialized[0]} belongs to an initialised cluster: this module cannot add "
            "a server to an initialised cluster"
        )


def _check_latecomers(desired: DesiredCluster, observed: ObservedCluster) -> None:
    """An initialisation continues without agents that had not joined before it; only a rollback ends it."""
    single = observed.with_identity(SINGLE)
    inits = [dag for dag in observed.dags if dag.name == INITIALIZE and dag.operator != "ROLLBACK"]
    running = [dag for dag in inits if not dag.finished]
    if not single or not inits or desired.state == ABSENT or (desired.recover == "rollback" and not running):
        return
    once_failed = " once it has failed" if running else ""
    owners = [member for member in single if member.address == inits[0].owner]
    why = "is SINGLE again, without a rollback of what it had begun," if owners else "is SINGLE, and not part of"
    who = (owners or single)[0]
    raise Refused(
        f"{who} {why} {inits[0]}: roll that back first{once_failed}, as this task does with recover set to rollback, "
        f"or leave {who} out of servers"
    )


def _check_name(desired: DesiredCluster, observed: ObservedCluster, reachable: list[Member]) -> None:
    """Another name or ID can be replaced until the cluster is initialised with it."""
    cluster = observed.cluster
    too_late = observed.with_identity(CLUSTER_AGENT) or observed.initializing or desired.state == ABSENT
    if not (cluster and cluster.name and too_late):
        return
    if (cluster.name, cluster.cluster_id) != (desired.name, desired.cluster_id):
        joined = next(member for member in reachable if member.identity != SINGLE)
        raise _misfit(
            f"{joined} belongs to the cluster {cluster.name} (ID {cluster.cluster_id}), not to {desired.name} (ID "
            f"{desired.cluster_id})"
        )


def _check_products(reachable: list[Member]) -> None:
    for member in reachable:
        if member.is_seekdb:
            raise _misfit(
                f"{member} is an agent of seekdb, which has no cluster to join, configure or initialise; this module "
                "manages clusters of OceanBase. Leave it out of servers"
            )


def _check_distinct(reachable: list[Member]) -> None:
    by_address: dict[object, Member] = {}
    for member in reachable:
        other = by_address.setdefault(member.address, member)
        if other is not member:
            raise _misfit(f"{member} and {other} are the same agent")


def _check_versions(reachable: list[Member]) -> None:
    for member in reachable[1:]:
        if member.version != reachable[0].version:
            raise _misfit(f"{member} has version {member.version}, {reachable[0]} has {reachable[0].version}")
    fresh = [member for member in reachable if member.identity != CLUSTER_AGENT and member.ob_version]
    for member in fresh[1:]:
        if member.ob_version != fresh[0].ob_version:
            first = fresh[0]
            raise _misfit(f"{member} has OceanBase {member.ob_version}, {first} has {first.ob_version}")


def _check_zones(observed: ObservedCluster) -> None:
    for member in observed.members:
        known = member if member.address else observed.peer_of(member)
        zone = known.zone if known and known.identity != SINGLE else member.server.zone
        if zone != member.server.zone:
            raise _misfit(f"{member} has joined {zone}, not {member.server.zone}")


def _check_membership(observed: ObservedCluster, reachable: list[Member]) -> None:
    masters = observed.with_identity(MASTER)
    if len(masters) > 1:
        raise _misfit(f"{masters[0]} and {masters[1]} are both MASTER: each belongs to a cluster of its own")
    joined = [member for member in reachable if member.identity != SINGLE]
    if _is_converting(observed, joined) or _is_removing(observed):
        return
    for member in joined:
        if member.under_maintenance and not masters:
            return  # It is becoming SINGLE.
        if member.identity == FOLLOWER and not masters and not observed.with_identity(CLUSTER_AGENT):
            raise _misfit(f"{member} is FOLLOWER of a master that is not among the servers, or does not respond")
        if observed.cluster and observed.peer_of(member) is None:
            other = next((known for known in joined if observed.peer_of(known)), joined[0])
            raise _misfit(f"{member} is {member.identity} of another cluster than {other}")
    declared = {peer.address for member in observed.members if (peer := observed.peer_of(member))}
    for peer in observed.cluster.peers if observed.cluster else ():
        if peer.address not in declared:
            raise _misfit(f"{peer.address} belongs to the cluster of {joined[0]}, but is not listed in servers")


def _is_converting(observed: ObservedCluster, joined: list[Member]) -> bool:
    """Whether an initialisation makes the agents cluster agents, one after the other; its master knows them all."""
    initialized = observed.with_identity(CLUSTER_AGENT)
    if not initialized or len(initialized) == len(joined):
        return False
    if not (observed.initializing or any(member.under_maintenance for member in joined)):
        return False
    foreign = any(observed.peer_of(member) is None for member in joined)
    return not (observed.with_identity(MASTER) and observed.cluster and foreign)


def _is_removing(observed: ObservedCluster) -> bool:
    """Whether the cluster may be in removal: a master drops its followers before they are SINGLE."""
    masters = observed.with_identity(MASTER)
    failed = any(dag.finished for dag in observed.dags)
    return bool(masters) and masters[0].under_maintenance and not observed.initializing and not failed


def _check_agent_passwords(desired: DesiredCluster, reachable: list[Member]) -> None:
    for member in reachable if desired.state != ABSENT else ():
        given = member.server.agent_password is not None
        if given and not member.supports_agent_password:
            raise _misfit(
                f"{member} has version {member.version}, which has no agent passwords; remove it or upgrade to 4.2.6"
            )
        if member.has_agent_password and not given and member.identity == SINGLE:
            raise _misfit(f"{member} has an agent password, but none is given for it")
        unset = given and not member.has_agent_password and member.identity in (MASTER, FOLLOWER)
        if unset and desired.state == CONFIGURED:
            raise _misfit(
                f"{member} is {member.identity}, which does not accept an agent password; set it before the agent "
                "joins, or after the cluster is initialised"
            )
