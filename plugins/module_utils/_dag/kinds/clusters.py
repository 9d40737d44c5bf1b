# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that make a cluster of agents: initialisation with its steps on followers, membership, configuration."""

from __future__ import annotations

from .definition import (
    ALWAYS,
    CANCEL,
    DATA_REMOVAL,
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

WORKDIR = "Create observer workdir"
SYNCHRONIZE, CONVERT_FOLLOWER = "Synchronize agent from cluster", "Convert follower to cluster agent"
CONVERT_MASTER, TAKE_OVER_VERSION = "Convert master to cluster agent", "Take over agent update agent version"
DELETES = (
    "the agent deletes the data and redo directories of the observer with everything in them and everything that "
    "links in them point to, its logs and its configuration, on {agents}"
)
_NOT_SKIPPED = "a step of an initialisation cannot be skipped"
_MUST_MATCH = "the agent would continue with settings that do not match its cluster; RETRY it"
_LOCK_STAYS = "the agent stays locked until a RETRY succeeds"

INITIALISATION = Kind(
    names=("Initialize cluster",),
    nodes={
        "Integrate config": "TBC",
        WORKDIR: "TBC",
        "Start observer": "TBPC",
        "Cluster boostrap": "TBC",
        "Migrate table": "TBC",
        "Modify password": "TB",
        "Create user": "TC",
        "Migrate data": "TBC",
        "Post init cluster": "T",
        CONVERT_FOLLOWER: "TB",
        SYNCHRONIZE: "TC",
        CONVERT_MASTER: "TB",
        "Import script for tenant": "TPC",
    },
    rules=(
        ask(ROLLBACK, DATA_REMOVAL, DELETES, at=(WORKDIR,)),
        allow(ROLLBACK, "stops the observers and removes what the initialisation created"),
        ask(RETRY, DATA_REMOVAL, DELETES, at=(WORKDIR,)),
        allow(RETRY, "repeats the failed step and continues"),
        *(refuse(operator, _NOT_SKIPPED) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, "stops the initialisation; the agents stay locked until RETRY or ROLLBACK"),
    ),
    lock=GLOBAL,
    checks_successors=True,
)

REMOTE_STEP = Kind(
    names=(WORKDIR, "Start observer", "Stop observer", "Destroy observer workdir"),
    nodes={
        WORKDIR: "TBC",
        "Start observer": "TBPC",
        "Stop observer": "TPC",
        "Destroy observer workdir": "TC",
    },
    rules=(
        ask(ROLLBACK, DATA_REMOVAL, DELETES, at=(WORKDIR,)),
        allow(ROLLBACK, "undoes this step of the initialisation on its agent"),
        ask(RETRY, DATA_REMOVAL, DELETES, at=(WORKDIR,)),
        allow(RETRY, "repeats this step of the initialisation on its agent"),
        *(refuse(operator, _NOT_SKIPPED) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, "stops this step; its agent stays locked until RETRY or ROLLBACK"),
    ),
    lock=GLOBAL,
    checks_successors=True,
)

CONFIGURATION = Kind(
    names=(SYNCHRONIZE, "Update observer config", "Update cluster config", "Take over", "Rebuild *"),
    nodes={
        SYNCHRONIZE: "TC",
        "Update observer config": "TC",
        "Update cluster config": "TC",
        TAKE_OVER_VERSION: "TBPC",
        CONVERT_FOLLOWER: "TB",
        CONVERT_MASTER: "TB",
    },
    rules=(
        refuse(ROLLBACK, "there is nothing to go back to; RETRY it"),
        allow(RETRY, "repeats the failed step and continues"),
        *(refuse(operator, _MUST_MATCH) for operator in (PASS, PASS_NODE)),
        ask(CANCEL, HALF_DONE, _LOCK_STAYS),
    ),
    lock=GLOBAL,
)

_OTHER_VERSION = "the agent keeps another version than its cluster"
TAKE_OVER = Kind(
    names=(TAKE_OVER_VERSION,),
    nodes={"Upgrade to cluster agent version": "TBPC"},
    rules=(
        allow(ROLLBACK, "puts the agent's previous version back"),
        allow(RETRY, "installs the cluster's version of the agent again"),
        *(ask(operator, HALF_DONE, _OTHER_VERSION) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, "the agent keeps its version until RETRY"),
    ),
    lock=GLOBAL,
    released=ALWAYS,
)

_NO_OPERATOR = "the agent accepts no operator for this DAG and stays locked; it must be set up from scratch"

MEMBERSHIP = Kind(
    names=(
        *("Join self", "Join to master", "Follower remove self", "Agent to single"),
        *("Remove follower agent *", "Remove all agents"),
    ),
    nodes={
        "Join self": "",
        "Join to master": "",
        "Be follower": "",
        "Follower remove self": "",
        "Agent to single": "",
        "Remove follower": "P",
        "Remove follower agent *": "",
        "Remove master": "",
    },
    rules=(
        *(refuse(operator, _NO_OPERATOR) for operator in (ROLLBACK, RETRY)),
        refuse(
            PASS,
            "the whole DAG cannot be passed. If a follower is dead, skip the failed node alone; the follower keeps its "
            "state",
            at=("Remove follower",),
        ),
        ask(
            PASS_NODE,
            HALF_DONE,
            "removes the follower that does not answer from the cluster; it keeps its own state",
            at=("Remove follower",),
        ),
        *(refuse(operator, _NO_OPERATOR) for operator in (PASS, PASS_NODE, CANCEL)),
    ),
    lock=GLOBAL,
)

KINDS = (INITIALISATION, REMOTE_STEP, CONFIGURATION, TAKE_OVER, MEMBERSHIP)
