# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which surveyed agents are one cluster, and what they say of it together. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.info import ClusterInfo
from .._dag.model import Dag
from .._ids import Address
from .survey import Survey, leads_to_same_host

Surveys = t.Mapping[Address, Survey]


class ClusterName(t.NamedTuple):
    """The name and the ID of a cluster."""

    name: str
    id: int


class Identity(t.NamedTuple):
    """What distinguishes a cluster from others: the addresses of its agents, and its name and ID.

    Many test clusters have the same name and ID, and in many a host knows itself as 127.0.0.1. The `members` of a
    cluster of one agent are therefore the address that was asked, and addresses that mean another host here than there
    count only together with the host that was asked.
    """

    members: object
    name: ClusterName | None


@dataclasses.dataclass(frozen=True)
class FleetCluster:
    """One cluster: the surveys of its agents, by the address that was asked. An agent without a cluster is one too.

    `name` is its name and ID, None if it has none or no agent knows it.
    """

    name: ClusterName | None
    surveys: dict[Address, Survey]

    @property
    def unreachable(self) -> list[Address]:
        """The agents that did not answer."""
        return [asked for asked, found in self.surveys.items() if not found.reachable]

    @property
    def database_up(self) -> bool | None:
        """Whether an agent has its database; None if no agent says."""
        states = [found.status.database_available for found in self.surveys.values() if found.status]
        return any(states) if states else None

    @property
    def under_maintenance(self) -> bool | None:
        """Whether a DAG locks an agent; None if no agent says."""
        states = [found.status.under_maintenance for found in self.surveys.values() if found.status]
        return any(states) if states else None

    @property
    def dags(self) -> list[tuple[Dag, Survey]]:
        """The DAGs, each once, with the first survey that shows it."""
        dags: dict[str, tuple[Dag, Survey]] = {}
        for found in self.surveys.values():
            for dag in found.dags:
                dags.setdefault(dag.id, (dag, found))
        return list(dags.values())

    @property
    def incomplete(self) -> str:
        """Why there may be more DAGs; one that lists all is enough, unless another shows an unreadable one."""
        surveys = list(self.surveys.values())
        relevant = [found for found in surveys if found.unreadable] or surveys
        return min((found.incomplete for found in relevant), key=bool)

    def texts(self, of: t.Callable[[Survey], str]) -> list[str]:
        """List the different texts that the surveys have."""
        return sorted({text for text in map(of, self.surveys.values()) if text})


def group_by_cluster(surveys: Surveys) -> list[FleetCluster]:
    """Group agents by their cluster, in the order in which they were asked.

    Agents whose lists of members differ are of one cluster if it has the same name and ID, and the lists share a
    member. An agent that does not say which cluster it belongs to is a member of the one whose agents name it.
    """
    identities = _identities(surveys)
    by_member = {
        peer.address: identities[asked]
        for asked, found in surveys.items()
        if found.cluster and len(found.cluster.peers) > 1
        for peer in found.cluster.peers
        if leads_to_same_host(peer.address, asked)
    }
    clusters: dict[Identity, FleetCluster] = {}
    for asked, found in surveys.items():
        own = found.info.address if found.info and leads_to_same_host(found.info.address, asked) else asked
        identity = identities.get(asked) or by_member.get(asked) or by_member.get(own) or Identity(asked, None)
        clusters.setdefault(identity, FleetCluster(identity.name, {})).surveys[asked] = found
    return list(clusters.values())


def _identities(surveys: Surveys) -> dict[Address, Identity]:
    """Identify the cluster of each agent that names its members, by these and by the cluster's name and ID.

    While its database is down, an agent may not know the name. It then has that of the other agents.
    """
    clusters = {asked: found.cluster for asked, found in surveys.items() if found.cluster}
    members = {asked: _members(asked, cluster) for asked, cluster in clusters.items()}
    names: dict[object, set[ClusterName | None]] = {}
    for asked, cluster in clusters.items():
        names.setdefault(members[asked], set()).add(_name(cluster))
    identities = {
        asked: Identity(members[asked], _name(cluster) or _only(names[members[asked]]))
        for asked, cluster in clusters.items()
    }
    merged = _merge_changing(identities, clusters)
    return {asked: merged[identity] for asked, identity in identities.items()}


def _merge_changing(
    identities: t.Mapping[Address, Identity], clusters: t.Mapping[Address, ClusterInfo]
) -> dict[Identity, Identity]:
    """Merge clusters of the same name and ID that share a member: while a cluster grows, its agents' lists differ.

    :returns: for each identity, the one of the merged cluster.
    """
    merged: dict[Identity, Identity] = {}
    owners: dict[tuple[ClusterName | None, Address], Identity] = {}
    for asked, identity in identities.items():
        merged.setdefault(identity, identity)
        for member in _shareable(asked, clusters[asked]) if identity.name else ():
            old, new = merged[identity], merged[owners.setdefault((identity.name, member), identity)]
            if old != new:
                merged.update({other: new for other, target in merged.items() if target == old})
    return merged


def _shareable(asked: Address, cluster: ClusterInfo) -> list[Address]:
    """List the members by addresses that mean the same host for other agents. An agent alone may not know its own."""
    peers = [peer.address for peer in cluster.peers]
    return [peer for peer in peers if leads_to_same_host(peer, asked)] if len(peers) > 1 else [asked]


def _members(asked: Address, cluster: ClusterInfo) -> object:
    peers = frozenset(peer.address for peer in cluster.peers)
    if len(peers) < 2:
        return asked
    return peers if all(leads_to_same_host(peer, asked) for peer in peers) else (asked.host, peers)


def _name(cluster: ClusterInfo) -> ClusterName | None:
    return ClusterName(cluster.name, cluster.cluster_id) if cluster.name else None


def _only(names: set[ClusterName | None]) -> ClusterName | None:
    known = names - {None}
    return known.pop() if len(known) == 1 else None
