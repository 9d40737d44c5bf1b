# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that add servers to an initialised cluster, or remove servers and zones from it."""

from __future__ import annotations

from .clusters import DELETES
from .definition import (
    CANCEL,
    DATA_REMOVAL,
    FIRST_STAGE,
    GLOBAL,
    HALF_DONE,
    PASS,
    PASS_NODE,
    RETRY,
    ROLLBACK,
    Kind,
    allow,
    ask,
    refuse,
)

WAIT_DEPLOYED = "Wait remote deploy finish"

_HALF_ADDED = "a server that is half added cannot be skipped; RETRY or ROLLBACK"
SCALE_OUT = Kind(
    names=("Cluster scale out",),
    nodes={
        "Integrate server config": "TB",
        "Create local scale out dag": "TB",
        "Wait scale out ready": "TB",
        WAIT_DEPLOYED: "TB",
        "Wait remote start finish": "TB",
        "Prev check for scale_out": "TB",
        "Add new zone for scale_out": "TB",
        "Start new zone for scale_out": "TB",
        "Add server for scale_out": "TB",
        "Add agent for scale_out": "TB",
        "Check cluster scale_out whether finished": "TB",
    },
    rules=(
        ask(
            ROLLBACK,
            DATA_REMOVAL,
            "removes the new server from the cluster, kills its observer, and deletes the observer's data and redo "
            "directories with everything in them and everything that links in them point to",
        ),
        ask(RETRY, DATA_REMOVAL, f"if a directory of the new server was not empty, {DELETES}", at=(WAIT_DEPLOYED,)),
        allow(RETRY, 'repeats the failed step, also of "Local scale out" on the new server, and continues'),
        *(refuse(operator, _HALF_ADDED) for operator in (PASS, PASS_NODE)),
        refuse(CANCEL, "the agent does not cancel a scale out; wait for its end, then RETRY or ROLLBACK"),
    ),
    lock=GLOBAL,
)
_TWIN = 'operate DAG {main} ("Cluster scale out") instead: its operators are applied to both'
LOCAL_SCALE_OUT = Kind(
    names=("Local scale out",),
    nodes={
        "Be scaling agent": "TB",
        "Start preparations": "TB",
        "Create observer workdir": "TB",
        "Start observer": "TB",
        "Watch cluster scale_out dag": "TB",
        "Upgrade to cluster agent version": "TB",
        "Sync from observer": "TB",
    },
    rules=tuple(refuse(operator, _TWIN) for operator in (ROLLBACK, RETRY, PASS, PASS_NODE, CANCEL)),
    lock=GLOBAL,
    is_part=True,
)

_REMOVED = ("Delete agent", "Delete zone *")
_STAYS = "the server is removed, but its observer is not killed, or its agent or its zone stays listed"
_REMOVAL = (
    refuse(ROLLBACK, "the server or the zone is already removed from the cluster; RETRY it", since=_REMOVED),
    allow(ROLLBACK, "cancels the removal; the servers stay in the cluster"),
    allow(RETRY, "continues the removal that was ordered"),
    *(ask(operator, HALF_DONE, _STAYS, since=_REMOVED) for operator in (PASS, PASS_NODE)),
    ask(PASS, HALF_DONE, "the DAG shows success, but the servers are half removed and their agents stay SCALING IN"),
    refuse(PASS_NODE, "the DAG would continue, and kill the observer of a server that is not removed yet"),
    ask(CANCEL, HALF_DONE, "the cluster stays locked and the agents stay SCALING IN until ROLLBACK or RETRY"),
)
SCALE_IN = Kind(
    names=("Cluster scale in",),
    nodes={
        "Delete observer": "TBPC",
        "Set agent to 'SCALING IN'": "TBPC",
        "Check multi paxos member alive": "TBPC",
        "Wait delete observer success": "TBPC",
        "Delete agent": "TPC",
        "Try to inform to kill observer": "TBPC",
    },
    rules=_REMOVAL,
    lock=GLOBAL,
    released=FIRST_STAGE,
)
DELETE_ZONE = Kind(
    names=("Delete zone",),
    nodes={
        "Set agent to 'SCALING IN'": "TBPC",
        "Stop zone *": "TBPC",
        "Delete observer": "TBPC",
        "Wait delete observer success": "TBPC",
        "Delete zone *": "TPC",
        "Delete agent": "TPC",
        "Try to inform to kill observers": "TPC",
    },
    rules=_REMOVAL,
    lock=GLOBAL,
)

KINDS = (SCALE_OUT, LOCAL_SCALE_OUT, SCALE_IN, DELETE_ZONE)
