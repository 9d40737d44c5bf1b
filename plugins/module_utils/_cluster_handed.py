# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one part of a cluster's run hands to the next: JSON-serialisable, and without any password. Pure."""

from __future__ import annotations

import typing as t

from ._cluster import Cluster, Declared, Member, View
from ._dag import Dag
from ._failures import only_failed
from ._step import Done, Step

Handed = dict[str, t.Any]


def hand_view(view: View) -> Handed:
    """Tell what a later part tells again, or goes on with before it reads anew: no peers, no DAGs."""
    spare = ("server", "resolved")
    members = [{name: value for name, value in vars(member).items() if name not in spare} for member in view.members]
    cluster = view.cluster and {"name": view.cluster.name, "cluster_id": view.cluster.cluster_id}
    return {"members": members, "cluster": cluster}


def take_view(handed: Handed, declared: Declared) -> View:
    """Make it again; its members are in the order of the servers."""
    members = [
        Member(server, **{**member, "address": member["address"] and tuple(member["address"])})
        for server, member in zip(declared.servers, handed["members"])
    ]
    return View(tuple(members), handed["cluster"] and Cluster((), **handed["cluster"]))


def hand_done(done: Done) -> Handed:
    """Tell what was done that the agents cannot be asked for."""
    return {**vars(done), "configured": sorted(done.configured)}


def take_done(handed: Handed) -> Done:
    """Make it again."""
    return Done(**{**handed, "configured": set(handed["configured"])})


def hand_dag(dag: Dag | None) -> Handed | None:
    """Tell a DAG as a result does."""
    return only_failed(dag) if dag else None


def take_dag(handed: Handed | None) -> Dag | None:
    """Make it again."""
    return Dag.from_api(handed) if handed else None


def hand_step(step: Step, dag: Dag, operation: Handed | None) -> Handed:
    """Tell in the middle of which step a part was over, and what its operation needs to go on."""
    return {"kind": step.kind, "text": step.text, "dag": only_failed(dag), "operation": operation}


def take_step(handed: Handed) -> Step:
    """Make it again, without its member: its request was sent."""
    return Step(handed["kind"], handed["text"], dag=take_dag(handed["dag"]))
