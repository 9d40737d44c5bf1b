# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When two observations mean the same: what is read of an agent in motion is true only at that moment."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import ClusterInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import Member, ObservedCluster, Server
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address

MEMBER = Member(Server("db1", 2886, "zone1"), Address("192.0.2.1", 2886), "MASTER", "zone1", "4.5.0.0-1")


def dag(state: str, *, operator: str = "RUN", start_time: str = "", stage: int = 3, dag_id: str = "14") -> Dag:
    return Dag(dag_id, "Initialize cluster", state, operator, start_time, stage, 11, (), {})


RUNNING = ObservedCluster((MEMBER,), ClusterInfo((), "obdemo", 1), (dag("RUNNING"),))
FAILED = dataclasses.replace(RUNNING, dags=(dag("FAILED"),))
SAME: dict[str, tuple[ObservedCluster, dict[str, t.Any]]] = {
    "nothing changed": (RUNNING, {}),
    "a DAG moved": (RUNNING, {"dags": (dag("RUNNING", stage=4),)}),
    "a DAG started": (RUNNING, {"dags": (dag("RUNNING", start_time="2026-11-24T05:59:39Z"),)}),
    "a database went away": (RUNNING, {"members": (dataclasses.replace(MEMBER, database_available=True),)}),
}
DIFFERENT: dict[str, tuple[ObservedCluster, dict[str, t.Any]]] = {
    "a DAG ended": (RUNNING, {"dags": (dag("FAILED"),)}),
    "a DAG failed again": (FAILED, {"dags": (dag("FAILED", start_time="2026-11-24T05:59:39Z"),)}),
    "a rollback failed": (FAILED, {"dags": (dag("FAILED", operator="ROLLBACK"),)}),
    "a failed DAG is another one": (FAILED, {"dags": (dag("FAILED", dag_id="15"),)}),
    "a failed DAG is gone": (FAILED, {"dags": ()}),
    "an identity": (RUNNING, {"members": (dataclasses.replace(MEMBER, identity="CLUSTER AGENT"),)}),
    "a lock": (RUNNING, {"members": (dataclasses.replace(MEMBER, under_maintenance=True),)}),
    "an agent went away": (RUNNING, {"members": (Member(MEMBER.server),)}),
    "the name": (RUNNING, {"cluster": ClusterInfo((), "other", 1)}),
    "options were set": (RUNNING, {"options_set_later": True}),
}


@pytest.mark.parametrize("name", [*SAME, *DIFFERENT])
def test_observations_agree_unless_a_plan_may_be_another(name: str) -> None:
    observed, changes = {**SAME, **DIFFERENT}[name]
    later = dataclasses.replace(observed, **changes)
    assert (observed.agrees_with(later), later.agrees_with(observed)) == (name in SAME, name in SAME)
