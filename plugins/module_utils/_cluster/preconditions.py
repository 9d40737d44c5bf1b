# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agents cannot become, or be, the cluster that is declared. Pure."""

from __future__ import annotations

from .._dag.model import INITIALIZE
from .._errors import Refused
from .._operation.conflicts import owner
from .model import ABSENT, CLUSTER_AGENT, CONFIGURED, FOLLOWER, MASTER, SINGLE, Declared, Member, View, show

KNOWN = (SINGLE, MASTER, FOLLOWER, CLUSTER_AGENT)


def _misfit(reason: str) -> Refused:
    """What an unfinished DAG may be is not told then: it is not what is in the way, and may be another cluster's."""
    return Refused(reason, dag=None, failures=[], allowed_operators=[])


def refuse_strangers(declared: Declared, view: View) -> None:
    """Refuse agents that are, or would become, something else than what is declared.

    :raises Refused: says which agent and why.
    """
    seen = [member for member in view.members if member.address]
    _refuse_twice(seen)
    for member in seen:
        if member.identity not in KNOWN:
            raise _misfit(f"{member} is {member.identity or 'of no known identity'}, from which no step leads on")
    _refuse_versions(seen)
    _refuse_zones(view)
    _refuse_others(view, seen)
    _refuse_passwords(declared, seen)
    _refuse_name(declared, view, seen)
    _refuse_late(declared, view)
    initialized = view.of(CLUSTER_AGENT)
    if not initialized or view.initializing:
        return
    if declared.state == ABSENT:
        raise _misfit(f"{initialized[0]} belongs to an initialised cluster, which is not taken apart: it holds data")
    single = view.of(SINGLE)
    if single:
        raise _misfit(
            f"{single[0]} is SINGLE, while {initialized[0]} belongs to an initialised cluster: to add a server to that "
            "is not this module's to do"
        )


def _refuse_late(declared: Declared, view: View) -> None:
    """An initialisation that goes on does so without those that had not joined before; a rollback ends it."""
    single = view.of(SINGLE)
    inits = [dag for dag in view.dags if dag.name == INITIALIZE and dag.operator != "ROLLBACK"]
    running = [dag for dag in inits if not dag.finished]
    if not single or not inits or declared.state == ABSENT or (declared.recover == "rollback" and not running):
        return
    fails = " once it has failed" if running else ""
    left = [member for member in single if member.address == owner(inits[0])]
    why = "is SINGLE again, without a rollback of what it had begun," if left else "is SINGLE, and has no part in"
    who = (left or single)[0]
    raise Refused(
        f"{who} {why} {inits[0]}: roll that back first{fails}, as this task does with recover set to rollback, or "
        f"leave {who} out of servers"
    )


def _refuse_name(declared: Declared, view: View, seen: list[Member]) -> None:
    """Agents that were told another name or ID can be told anew, but not once they are initialised with it."""
    cluster = view.cluster
    too_late = view.of(CLUSTER_AGENT) or view.initializing or declared.state == ABSENT
    if not (cluster and cluster.name and too_late):
        return
    if (cluster.name, cluster.cluster_id) != (declared.name, declared.cluster_id):
        joined = next(member for member in seen if member.identity != SINGLE)
        raise _misfit(
            f"{joined} belongs to the cluster {cluster.name} (ID {cluster.cluster_id}), not to {declared.name} (ID "
            f"{declared.cluster_id})"
        )


def _refuse_twice(seen: list[Member]) -> None:
    by_address: dict[object, Member] = {}
    for member in seen:
        other = by_address.setdefault(member.address, member)
        if other is not member:
            raise _misfit(f"{member} and {other} are the same agent")


def _refuse_versions(seen: list[Member]) -> None:
    for member in seen[1:]:
        if member.version != seen[0].version:
            raise _misfit(f"{member} has version {member.version}, {seen[0]} has {seen[0].version}")
    fresh = [member for member in seen if member.identity != CLUSTER_AGENT and member.ob_version]
    for member in fresh[1:]:
        if member.ob_version != fresh[0].ob_version:
            first = fresh[0]
            raise _misfit(f"{member} has OceanBase {member.ob_version}, {first} has {first.ob_version}")


def _refuse_zones(view: View) -> None:
    for member in view.members:
        known = member if member.address else view.peer_of(member)
        zone = known.zone if known and known.identity != SINGLE else member.server.zone
        if zone != member.server.zone:
            raise _misfit(f"{member} has joined {zone}, not {member.server.zone}")


def _refuse_others(view: View, seen: list[Member]) -> None:
    masters = view.of(MASTER)
    if len(masters) > 1:
        raise _misfit(f"{masters[0]} and {masters[1]} are both MASTER: each belongs to a cluster of its own")
    joined = [member for member in seen if member.identity != SINGLE]
    initialized = view.of(CLUSTER_AGENT)
    turning = (
        initialized and len(initialized) < len(joined) and (view.initializing or any(m.maintained for m in joined))
    )
    if turning and not (masters and view.cluster and any(view.peer_of(member) is None for member in joined)):
        return  # An initialisation makes them cluster agents, one after the other; its master knows them all.
    if masters and masters[0].maintained and not view.initializing and not any(dag.finished for dag in view.dags):
        return  # It may be taken apart: a master drops its followers before they are SINGLE.
    for member in joined:
        if member.maintained and not masters:
            return  # It is on its way back to SINGLE.
        if member.identity == FOLLOWER and not masters and not initialized:
            raise _misfit(f"{member} is FOLLOWER of a master that is not among the servers, or does not answer")
        if view.cluster and view.peer_of(member) is None:
            other = next((known for known in joined if view.peer_of(known)), joined[0])
            raise _misfit(f"{member} is {member.identity} of another cluster than {other}")
    declared = {peer.address for member in view.members if (peer := view.peer_of(member))}
    for peer in view.cluster.peers if view.cluster else ():
        if peer.address not in declared:
            raise _misfit(f"{show(peer.address)}, which is not declared, belongs to the cluster of {joined[0]}")


def _refuse_passwords(declared: Declared, seen: list[Member]) -> None:
    for member in seen if declared.state != ABSENT else ():
        given = member.server.agent_password is not None
        if given and not member.securable:
            raise _misfit(
                f"{member} has version {member.version}, which knows no agent password; leave it out, or upgrade to 4.3"
            )
        if member.secured and not given and member.identity == SINGLE:
            raise _misfit(f"{member} has an agent password, and none is given for it")
        unset = given and not member.secured and member.identity in (MASTER, FOLLOWER)
        if unset and declared.state == CONFIGURED:
            raise _misfit(
                f"{member} is {member.identity}, which takes no agent password; it can be set before an agent joins, "
                "or once the cluster is initialised"
            )
