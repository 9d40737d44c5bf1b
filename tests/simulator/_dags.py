# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DAGs of the agent: their stages, and what each stage can take."""

from __future__ import annotations

from ._ids import Address
from ._work import Stage

JOIN_SELF = "Join self"
JOIN_MASTER = "Join to master"
BE_FOLLOWER = "Be follower"
OBSERVER_CONFIG = "Update observer config"
CLUSTER_CONFIG = "Update cluster config"
INITIALIZE = "Initialize cluster"
REMOVE_ALL = "Remove all agents"
REMOVE_FOLLOWER = "Remove follower"
REMOVE_MASTER = "Remove master"
TO_SINGLE = "Agent to single"
REMOVE_SELF = "Follower remove self"
ADD_OBPROXY = "Add obproxy"

INTEGRATE = "Integrate config"
WORKDIR = "Create observer workdir"
DESTROY = "Destroy observer workdir"
START = "Start observer"
STOP = "Stop observer"
BOOTSTRAP = "Cluster boostrap"
MIGRATE_TABLE = "Migrate table"
MODIFY_PASSWORD = "Modify password"
MIGRATE_DATA = "Migrate data"
CONVERT_FOLLOWERS = "Convert follower to cluster agent"
SYNCHRONIZE = "Synchronize agent from cluster"
CONVERT_MASTER = "Convert master to cluster agent"
START_OBPROXY = "Start obproxy"

_NOTHING = frozenset[str]()
_RETRY_CANCEL = frozenset({"RETRY", "CANCEL"})
_MOST = frozenset({"RETRY", "ROLLBACK", "CANCEL"})
_ALL = frozenset({"RETRY", "ROLLBACK", "CANCEL", "PASS"})
_FINAL = frozenset({"RETRY", "ROLLBACK"})
_PASSABLE = frozenset({"RETRY", "CANCEL", "PASS"})

CAN = {
    OBSERVER_CONFIG: _RETRY_CANCEL,
    CLUSTER_CONFIG: _RETRY_CANCEL,
    INTEGRATE: _MOST,
    WORKDIR: _MOST,
    DESTROY: _RETRY_CANCEL,
    START: _ALL,
    STOP: _RETRY_CANCEL,
    BOOTSTRAP: _MOST,
    MIGRATE_TABLE: _MOST,
    MODIFY_PASSWORD: _FINAL,
    MIGRATE_DATA: _MOST,
    CONVERT_FOLLOWERS: _FINAL,
    SYNCHRONIZE: _RETRY_CANCEL,
    CONVERT_MASTER: _FINAL,
    REMOVE_FOLLOWER: frozenset({"PASS"}),
    "Check obproxy status": _ALL,
    START_OBPROXY: _ALL,
    "Set proxyro password for connect": _PASSABLE,
    "Persist obproxy info": _PASSABLE,
}

STAGES = {
    JOIN_MASTER: (JOIN_MASTER, BE_FOLLOWER),
    REMOVE_SELF: (REMOVE_SELF, TO_SINGLE),
    INITIALIZE: (
        INTEGRATE,
        WORKDIR,
        START,
        BOOTSTRAP,
        MIGRATE_TABLE,
        MODIFY_PASSWORD,
        MIGRATE_DATA,
        CONVERT_FOLLOWERS,
        SYNCHRONIZE,
        CONVERT_MASTER,
        SYNCHRONIZE,
    ),
    REMOVE_ALL: (REMOVE_FOLLOWER, REMOVE_MASTER),
    ADD_OBPROXY: (
        "Check obproxy status",
        START_OBPROXY,
        "Set proxyro password for connect",
        "Persist obproxy info",
    ),
}

_EVERYWHERE = (WORKDIR, START, SYNCHRONIZE)


def stages(name: str, *, me: Address, others: tuple[Address, ...] = ()) -> list[Stage]:
    """The stages of a DAG of `me`, the master of `others`; a DAG not in the table is one stage of its own name."""
    found = []
    for stage in STAGES.get(name, (name,)):
        agents: tuple[Address, ...] = (me,)
        if name == INITIALIZE and stage in _EVERYWHERE:
            agents = (me, *others)
        elif stage == REMOVE_FOLLOWER:
            agents = others
        if agents:
            found.append(Stage(stage, CAN.get(stage, _NOTHING), agents))
    return found


def remove_one(*, name: str, me: Address, follower: Address) -> list[Stage]:
    """The master removes one follower."""
    return [Stage(REMOVE_FOLLOWER, CAN[REMOVE_FOLLOWER], (follower,)), Stage(name, _NOTHING, (me,))]
