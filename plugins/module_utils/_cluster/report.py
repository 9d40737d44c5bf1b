# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task tells of a cluster, before and after. Pure."""

from __future__ import annotations

import typing as t

from .model import ABSENT, CLUSTER_AGENT, FOLLOWER, INITIALIZED, MASTER, SINGLE, Declared, Done, View, show

UNREACHABLE = "UNREACHABLE"


def describe(declared: Declared, view: View) -> str:
    """Say that all is as declared, as far as that can be known."""
    if declared.state == ABSENT:
        return "all agents are SINGLE"
    silent = "".join(
        f"; {member} does not answer{': whether its agent password is set is unknown' if member in view.unsure else ''}"
        for member in view.silent
    )
    return f"the cluster {declared.name} is {declared.state}{silent}"


def present(view: View) -> dict[str, t.Any]:
    """List the members and what they were told, as the module returns them."""
    members = [
        {
            "host": member.server.host,
            "port": member.server.port,
            "address": show(member.address) if member.address else None,
            "identity": member.identity or UNREACHABLE,
            "zone": member.zone or None,
            "version": member.version or None,
            "under_maintenance": member.maintained,
        }
        for member in view.members
    ]
    return {"members": members, "cluster": _told(view)}


def visible(view: View, declared: Declared, done: Done) -> dict[str, t.Any]:
    """What a difference shows: who is what, what the cluster was told, and what this run told the observers."""
    told = {"all": declared.config} if "" in done.configured else {}
    told.update((str(server), server.config) for server in declared.servers if str(server) in done.configured)
    identities = {str(member): member.identity or UNREACHABLE for member in view.members}
    return {"identities": identities, "cluster": _told(view), "config": told}


def predicted(view: View, declared: Declared) -> dict[str, t.Any]:
    """What :func:`visible` will show once all is as declared."""
    if declared.state == ABSENT:
        return {"identities": {str(member): SINGLE for member in view.members}, "cluster": None, "config": {}}
    everybody = Done(configured={"", *(str(server) for server in declared.servers if server.config)})
    after = visible(view, declared, Done() if view.initialized else everybody)
    after["cluster"] = {"name": declared.name, "id": declared.cluster_id}
    masters = view.of(MASTER) or view.members
    for member in view.members:
        ready = MASTER if member is masters[0] else FOLLOWER
        initialized = declared.state == INITIALIZED or view.initialized
        after["identities"][str(member)] = CLUSTER_AGENT if initialized else ready
    return after


def _told(view: View) -> dict[str, t.Any] | None:
    if view.cluster is None or not view.cluster.name:
        return None
    return {"name": view.cluster.name, "id": view.cluster.cluster_id}
