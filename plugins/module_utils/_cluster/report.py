# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task returns of a cluster, before and after. Pure."""

from __future__ import annotations

import typing as t

from .._agent.info import CLUSTER_AGENT, FOLLOWER, MASTER, SINGLE
from .._dag.model import INITIALIZE
from .model import ABSENT, INITIALIZED, DesiredCluster, ObservedCluster, Progressed

UNREACHABLE = "UNREACHABLE"


def describe(desired: DesiredCluster, observed: ObservedCluster) -> str:
    """Say that the cluster is as desired, as far as that can be known."""
    if desired.state == ABSENT:
        return "all agents are SINGLE"
    unreachable = []
    for member in observed.unreachable:
        password = ", so it is unknown whether its agent password is set" if member in observed.password_unknown else ""
        unreachable.append(f"; {member} does not respond{password}")
    left_over = [f"; {dag.label} failed beside its initialisation: leave it as it is" for dag in observed.left_over]
    return f"the cluster {desired.name} is {desired.state}{''.join([*unreachable, *left_over])}"


def present(observed: ObservedCluster) -> dict[str, t.Any]:
    """Return the members, and the cluster's name and ID, as `obshell_cluster` documents them."""
    members = [
        {
            "host": member.server.host,
            "port": member.server.port,
            "address": str(member.address) if member.address else None,
            "identity": member.identity or UNREACHABLE,
            "zone": member.zone or None,
            "version": member.version or None,
            "under_maintenance": member.under_maintenance,
        }
        for member in observed.members
    ]
    return {"members": members, "cluster": _cluster(observed)}


def recovery(dag: dict[str, t.Any] | None, observed: ObservedCluster) -> dict[str, t.Any] | None:
    """Say how a failed initialisation can be recovered; None if `dag`, as the API returns it, is not one.

    :returns: `policies`, those of retry and rollback that help: a retry would leave out an agent that has not joined;
        `server`, the index in servers of the one to ask; its `host` and `port`.
    """
    reachable = [member for member in observed.members if member.address]
    if not dag or (dag["name"], dag["state"]) != (INITIALIZE, "FAILED") or not reachable:
        return None
    member = (observed.with_identity(MASTER) or reachable)[0]
    return {
        "policies": ["rollback"] if observed.with_identity(SINGLE) else ["retry", "rollback"],
        "server": observed.members.index(member),
        "host": member.server.host,
        "port": member.server.port,
    }


def summary(observed: ObservedCluster, desired: DesiredCluster, progressed: Progressed) -> dict[str, t.Any]:
    """Return what a diff shows: the identities, the cluster's name and ID, and the observer options set by this run."""
    config = {"all": desired.config} if "" in progressed.configured else {}
    config.update((str(server), server.config) for server in desired.servers if str(server) in progressed.configured)
    identities = {str(member): member.identity or UNREACHABLE for member in observed.members}
    return {"identities": identities, "cluster": _cluster(observed), "config": config}


def expected_summary(observed: ObservedCluster, desired: DesiredCluster) -> dict[str, t.Any]:
    """Return what :func:`summary` will be once the cluster is as desired."""
    if desired.state == ABSENT:
        return {"identities": {str(member): SINGLE for member in observed.members}, "cluster": None, "config": {}}
    all_options = Progressed(configured={"", *(str(server) for server in desired.servers if server.config)})
    after = summary(observed, desired, Progressed() if observed.initialized else all_options)
    after["cluster"] = {"name": desired.name, "id": desired.cluster_id}
    masters = observed.with_identity(MASTER) or observed.members
    for member in observed.members:
        joined = MASTER if member is masters[0] else FOLLOWER
        initialized = desired.state == INITIALIZED or observed.initialized
        after["identities"][str(member)] = CLUSTER_AGENT if initialized else joined
    return after


def _cluster(observed: ObservedCluster) -> dict[str, t.Any] | None:
    if observed.cluster is None or not observed.cluster.name:
        return None
    return {"name": observed.cluster.name, "id": observed.cluster.cluster_id}
