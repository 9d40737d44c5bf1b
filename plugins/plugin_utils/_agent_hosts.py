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
from ..module_utils._operation.survey import Survey
from ._agent_addresses import name_agents, own_address

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
    names = name_agents(surveys)
    hosts = []
    for cluster in group_by_cluster({asked: surveys[asked] for asked in names}):
        peers = _peers(cluster.surveys)
        chosen = min(cluster.surveys, key=lambda asked: _how_bad(surveys[asked]))
        for asked, found in cluster.surveys.items():
            own = own_address(asked, found)
            said = _describe(own, asked, found, peers.get(own), cluster)
            groups = [*_groups(said), *([ONE_PER_CLUSTER] if asked == chosen else [])] or [PREFIX]
            variables = {f"{PREFIX}_{name}": value for name, value in masker.result(said).items()}
            hosts.append(
                AgentHost(_name(names[asked], default_port), {"ansible_host": asked.host, **variables}, groups)
            )
    return hosts


def _how_bad(found: Survey) -> tuple[bool, bool]:
    return not found.reachable, found.error is not None


def _name(address: Address, default_port: int) -> str:
    """Name a host by its agent's address alone, so that the name depends neither on other agents nor on the seeds."""
    return address.host if address.port == default_port else str(address)


def _peers(surveys: Surveys) -> dict[Address, Peer]:
    """What agents of one cluster say of its members."""
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
