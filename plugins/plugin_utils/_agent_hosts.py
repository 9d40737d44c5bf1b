# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an inventory, from what agents say. Pure."""

from __future__ import annotations

import typing as t

from ..module_utils._agent.info import Peer
from ..module_utils._ids import Address
from ..module_utils._module.masking import Masker
from ..module_utils._operation.fleet import FleetCluster, group_by_cluster
from ..module_utils._operation.survey import Survey, leads_to_same_host

PREFIX = "obshell"
ONE_PER_CLUSTER = f"{PREFIX}_one_per_cluster"
Surveys = t.Mapping[Address, Survey]
Variables = dict[str, t.Any]


class AgentHost(t.NamedTuple):
    """A host: its variables, and its groups, whose names are not sanitised."""

    name: str
    variables: Variables
    groups: list[str]


def make_hosts(surveys: Surveys, *, default_port: int, masker: Masker) -> list[AgentHost]:
    """Make a host of each agent, in the order of the surveys.

    :param surveys: by the address that was asked.
    :param default_port: the port that host names leave out.
    """
    addresses = _addresses(surveys)
    peers = _peers(surveys)
    hosts = []
    for cluster in group_by_cluster({asked: surveys[asked] for asked in addresses}):
        chosen = min(cluster.surveys, key=lambda asked: _how_bad(surveys[asked]))
        for asked, found in cluster.surveys.items():
            own = addresses[asked]
            said = _describe(own, asked, found, peers.get(own), cluster)
            groups = [*_groups(said), *([ONE_PER_CLUSTER] if asked == chosen else [])] or [PREFIX]
            variables = {f"{PREFIX}_{name}": value for name, value in masker.result(said).items()}
            hosts.append(AgentHost(_name(own, default_port), {"ansible_host": asked.host, **variables}, groups))
    return hosts


def _how_bad(found: Survey) -> tuple[bool, bool]:
    return not found.reachable, found.error is not None


def _name(own: Address, default_port: int) -> str:
    """Name a host by its agent's address alone, so that the name depends neither on other agents nor on the seeds."""
    return own.host if own.port == default_port else str(own)


def _addresses(surveys: Surveys) -> dict[Address, Address]:
    """The own address of each agent, by the one where it was asked, or where it answered if it was asked at several."""
    asked_at: dict[Address, Address] = {}
    for asked, found in surveys.items():
        own = _own_address(asked, found)
        if own not in asked_at or (found.reachable and not surveys[asked_at[own]].reachable):
            asked_at[own] = asked
    return {asked: own for own, asked in asked_at.items()}


def _own_address(asked: Address, found: Survey) -> Address:
    """The address by which its cluster knows the agent, or else the one that was asked."""
    said = found.info or found.status
    return said.address if said and leads_to_same_host(said.address, asked) else asked


def _peers(surveys: Surveys) -> dict[Address, Peer]:
    """What the clusters say of their members."""
    clusters = [found.cluster for found in surveys.values() if found.cluster]
    return {peer.address: peer for cluster in clusters for peer in cluster.peers}


def _describe(own: Address, asked: Address, found: Survey, peer: Peer | None, cluster: FleetCluster) -> Variables:
    info, status = found.info, found.status
    name, number = cluster.name or (None, None)
    return {
        "host": asked.host,
        "port": asked.port,
        "address": str(own),
        "reachable": found.reachable,
        "error": found.error.message if found.error else None,
        "type": info.type if info else None,
        "identity": _first(info and info.identity, status and status.identity, peer and peer.identity),
        "zone": _first(info and info.zone, peer and peer.zone),
        "version": _first(info and info.version, status and status.version),
        "ob_version": _first(info and info.ob_version),
        "cluster_name": name,
        "cluster_id": number,
        "under_maintenance": status.under_maintenance if status else None,
        "database_up": status.database_available if status else None,
        "failed_dags": _failed_dags(found),
        "incomplete": found.incomplete or None,
    }


def _first(*texts: t.Any) -> str | None:
    return next((text for text in texts if text), None)


def _failed_dags(found: Survey) -> list[dict[str, str]] | None:
    """The failed DAGs that the agent lists; None if there is none in a list that may be incomplete."""
    failed = [{"id": dag.id, "name": dag.name} for dag in found.dags if dag.state == "FAILED"]
    return None if found.incomplete and not failed else failed


def _groups(said: Variables) -> list[str]:
    cluster = f"{said['cluster_name']}_{said['cluster_id']}" if said["cluster_name"] else None
    identity = said["identity"].lower() if said["identity"] else None
    parts = {"cluster": cluster, "identity": identity, "zone": said["zone"]}
    return [f"{PREFIX}_{kind}_{part}" for kind, part in parts.items() if part]
