# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that create, change and drop tenants."""

from __future__ import annotations

from ..model import Dag
from .definition import (
    ALWAYS,
    CANCEL,
    DATA_REMOVAL,
    HALF_DONE,
    JOB_CONTINUES,
    PASS,
    PASS_NODE,
    RETRY,
    ROLLBACK,
    TENANT,
    TENANT_DROP,
    Context,
    Kind,
    allow,
    ask,
    matches,
    refuse,
)

CREATE_NODE, POOLS, DROP_POOLS = "Create tenant", "Create and attach resource pools", "Drop resource pools"
LOCALITY, SPLIT = "Alter tenant locality", "Split resource pool"
_LATER_STEPS = "the failed step and the steps after it are not done"
_ONE_STEP = "the failed step is not done, the steps after it are"
_JOB = "the database continues the change of tenant {tenant}"

CREATE = Kind(
    names=("Create tenant *",),
    nodes={
        CREATE_NODE: "TBPC",
        "Set tenant parameter": "TBPC",
        "Modify tenant whitelist": "TBC",
        "Set tenant time zone": "TBPC",
        "Set tenant variables": "TBC",
        "Import script for tenant": "TPC",
        "Set root password": "TBC",
    },
    rules=(
        ask(ROLLBACK, TENANT_DROP, "drops tenant {tenant} with all its data (DROP TENANT ... FORCE) and its pools"),
        ask(RETRY, TENANT_DROP, "drops tenant {tenant} with all its data, then creates it again", at=(CREATE_NODE,)),
        allow(RETRY, "repeats the failed step and continues"),
        ask(PASS, HALF_DONE, f"tenant {{tenant}} stays as it is: {_LATER_STEPS}"),
        refuse(PASS_NODE, "the later steps need the tenant", at=(CREATE_NODE,)),
        ask(PASS_NODE, HALF_DONE, "creates tenant {tenant} without the failed step"),
        ask(
            CANCEL,
            (HALF_DONE, JOB_CONTINUES),
            "the database continues to create tenant {tenant}; then RETRY fails and ROLLBACK leaves the tenant",
            at=(CREATE_NODE,),
        ),
        ask(CANCEL, HALF_DONE, "tenant {tenant} stays incomplete, perhaps nobody can log in"),
    ),
    lock=TENANT,
    released=ALWAYS,
)

_POOLS_STAY = "the tenant or its resource pools stay"
DROP, PURGE = (
    Kind(
        names=(name,),
        nodes=nodes,
        rules=(
            refuse(ROLLBACK, "a dropped tenant does not come back"),
            allow(RETRY, "drops the resource pools of the dropped tenant", at=(DROP_POOLS,)),
            ask(RETRY, TENANT_DROP, "drops tenant {tenant} with all its data, as first requested"),
            *(ask(operator, HALF_DONE, _POOLS_STAY) for operator in (PASS, PASS_NODE)),
            ask(CANCEL, JOB_CONTINUES, "the database continues to drop tenant {tenant}"),
        ),
        lock=TENANT,
        released=ALWAYS,
    )
    for name, nodes in (
        ("Drop tenant", {"Recycle tenant": "TPC", "Drop tenant": "TPC", DROP_POOLS: "TPC"}),
        ("Wait tenant purge finished", {"Wait tenant purge finished": "TBC", DROP_POOLS: "TPC"}),
    )
)

_NEEDS_POOLS = "without its resource pools the tenant cannot be scaled out"
SCALE_OUT = Kind(
    names=("Scale out tenant replicas",),
    nodes={POOLS: "TBC", LOCALITY: "TBPC"},
    rules=(
        ask(
            ROLLBACK,
            (DATA_REMOVAL, JOB_CONTINUES),
            "drops the new replicas of tenant {tenant} and their pools, and does not stop a locality job that runs",
            at=(LOCALITY,),
        ),
        ask(ROLLBACK, DATA_REMOVAL, "drops the new resource pools of tenant {tenant}"),
        allow(RETRY, "repeats the failed step, or joins the job that runs"),
        *(refuse(operator, _NEEDS_POOLS, at=(POOLS,)) for operator in (PASS, PASS_NODE)),
        ask(PASS, HALF_DONE, _LATER_STEPS),
        ask(PASS_NODE, HALF_DONE, _ONE_STEP),
        ask(CANCEL, JOB_CONTINUES, _JOB),
    ),
    lock=TENANT,
    released=ALWAYS,
)


def drops_pools(dag: Dag, _context: Context) -> bool:
    """Whether a later step drops the resource pools of the replicas that this DAG removes."""
    return any(matches(node.name, (DROP_POOLS,)) for node in dag.nodes)


_STILL_THERE = "the DAG would continue, and drop the resource pools of replicas that are not removed yet"
CHANGE = Kind(
    names=("Scale in tenant replicas", "Modify tenant replicas", "Modify tenant primary zone"),
    nodes={
        LOCALITY: "TBPC",
        SPLIT: "TPC",
        DROP_POOLS: "TPC",
        "Alter resource pool unit config": "TBPC",
        "Alter resource pool unit num": "TBPC",
        "Modify tenant primary zone": "TBPC",
        "Alter tenant primary zone": "TBPC",
    },
    rules=(
        refuse(ROLLBACK, "it undoes nothing: the database continues the change, and the DAG would show a rollback"),
        ask(RETRY, DATA_REMOVAL, "drops the resource pools of the removed replicas", at=(DROP_POOLS,)),
        allow(RETRY, "repeats the failed step, or joins the job that runs"),
        ask(PASS, HALF_DONE, _LATER_STEPS),
        refuse(PASS_NODE, _STILL_THERE, at=(LOCALITY, SPLIT), when=drops_pools),
        ask(PASS_NODE, HALF_DONE, _ONE_STEP),
        ask(CANCEL, JOB_CONTINUES, _JOB),
    ),
    lock=TENANT,
    released=ALWAYS,
)

KINDS = (CREATE, DROP, PURGE, SCALE_OUT, CHANGE)
