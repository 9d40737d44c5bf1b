# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Create tenant NAME", "Drop tenant" and "Set obcluster backup config for NAME"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..work import Work
from .definition import (
    ALL_OPERATORS,
    ALWAYS,
    RETRY_CANCEL_PASS,
    RETRY_ROLLBACK_CANCEL,
    TENANT_MAINTENANCE,
    DagKind,
    FailureLog,
    Maintenance,
    NodeKind,
    fails_with,
    writes,
)

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..cluster import Cluster
    from ..dag import Dag, SubTask

MADE_TO_FAIL = "ERROR: [MySQL.Error]: MySQL error: Error 1644 (45000): made to fail"
"""The database that stood in for OceanBase said so."""
FIRST_TENANT = 1002


def create_tenant(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    cluster, tenant = agent.master_or_self.cluster, str(dag.parameters["tenant"])
    for name, pool in dag.parameters["pools"].items():
        if name in cluster.pools:
            text = f"Create resource pool {name} failed: Error 1062 (23000): Duplicate entry '{name}' for key 'NAME'"
            return Work([f"Create resource pool: {pool}", f"ERROR: [MySQL.Error]: MySQL error: {text}"], failed=True)
    number = max(cluster.tenants.values(), default=FIRST_TENANT - 2) + 2
    cluster.pools.update(dag.parameters["pools"])

    def created() -> None:
        cluster.tenants[tenant] = number

    return Work(_creation(dag), [f"Create tenant success, tenant id: {number}"], on_success=created)


def _creation(dag: Dag) -> list[str]:
    lines = []
    for name, pool in dag.parameters["pools"].items():
        lines += [f"Create resource pool: {pool}", f"Create resource pool {name} success"]
    pools = ",".join(f'"{name}"' for name in dag.parameters["pools"])
    return [
        *lines,
        f"Create tenant sql: CREATE TENANT `{dag.parameters['tenant']}` resource_pool_list=({pools}), "
        f'LOCALITY = "{dag.parameters["locality"]}", PRIMARY_ZONE = `RANDOM` SET ob_tcp_invited_nodes = ``, '
        "ob_compatibility_mode = `MYSQL`",
    ]


def creation_failed(_agent: AgentModel, dag: Dag) -> FailureLog:
    return FailureLog([*_creation(dag), *_drop_of_pools(dag)], MADE_TO_FAIL)


def _drop_of_pools(dag: Dag) -> list[str]:
    return [f"Drop resource pool: {pool}\n" for pool in dag.parameters["pools"].values()]


def drop_created_tenant(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    """DROP TENANT FORCE. A pool is attached to a tenant that a cancelled DAG created without waiting for it."""
    cluster, tenant = agent.master_or_self.cluster, str(dag.parameters["tenant"])
    lines = [f"Drop tenant {tenant} if exist"]
    for name, pool in dag.parameters["pools"].items():
        lines.append(f"Drop resource pool: {pool}\n")
        if tenant not in cluster.tenants:
            lines.append(f"WARN: Resource pool {name} is not exist or be attached, drop failed.")
    if tenant in cluster.tenants:
        _drop(cluster, tenant)
        cluster.pools.difference_update(dag.parameters["pools"])
    return Work(lines)


def _drop(cluster: Cluster, tenant: str) -> None:
    cluster.tenants.pop(tenant, None)


def drop_tenant(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    return Work(
        _drop_lines(agent, dag), on_success=lambda: _drop(agent.master_or_self.cluster, str(dag.parameters["tenant"]))
    )


def drop_failed(agent: AgentModel, dag: Dag) -> FailureLog:
    return FailureLog(_drop_lines(agent, dag), MADE_TO_FAIL)


def _drop_lines(agent: AgentModel, dag: Dag) -> list[str]:
    tenant = dag.parameters["tenant"]
    return [f"Drop tenant {tenant}", f"Resource pool list: [{' '.join(_pools_of(agent, dag))}]"]


def _pools_of(agent: AgentModel, dag: Dag) -> list[str]:
    return sorted(
        pool for pool in agent.master_or_self.cluster.pools if pool.startswith(f"{dag.parameters['tenant']}_")
    )


def drop_pools(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    pools = _pools_of(agent, dag)
    agent.master_or_self.cluster.pools.difference_update(pools)
    return Work([f"Drop resource pool {pool}" for pool in pools])


def drop_of_pools_failed(agent: AgentModel, dag: Dag) -> FailureLog:
    return FailureLog([f"Drop resource pool {pool}" for pool in _pools_of(agent, dag)], MADE_TO_FAIL)


_WHITELIST = "modify tenant '{tenant}' whitelist to '{whitelist}'"
_PASSWORD = "Set root password for tenant '{tenant}'"
_CREATE = NodeKind("Create tenant", ALL_OPERATORS, create_tenant, drop_created_tenant, creation_failed)
_PARAMETER = NodeKind(
    "Set tenant parameter",
    ALL_OPERATORS,
    writes("Set tenant parameter 'map[global_index_auto_split_policy:ALL]' for tenant '{tenant}'"),
    failure=fails_with(
        "Set tenant parameter 'map[global_index_auto_split_policy:ALL]' for tenant '{tenant}'", error=MADE_TO_FAIL
    ),
)
_MODIFY_WHITELIST = NodeKind(
    "Modify tenant whitelist",
    RETRY_ROLLBACK_CANCEL,
    writes(_WHITELIST),
    failure=fails_with(
        _WHITELIST,
        error="ERROR: [MySQL.Error]: MySQL error: modify tenant whitelist failed: Error 1644 (45000): made to fail",
    ),
)
_SET_PASSWORD = NodeKind(
    "Set root password",
    RETRY_ROLLBACK_CANCEL,
    writes(_PASSWORD),
    failure=fails_with(_PASSWORD, error="ERROR: [OB.Tenant.NoActiveServer]: Tenant '{tenant}' has no active server."),
)


def _maintains(tenant: str) -> Maintenance:
    return Maintenance(TENANT_MAINTENANCE, tenant, ALWAYS)


def creation_of_tenant(tenant: str, *, with_password: bool) -> DagKind:
    nodes = (_CREATE, _PARAMETER, _MODIFY_WHITELIST, *([_SET_PASSWORD] if with_password else []))
    return DagKind(f"Create tenant {tenant}", nodes, "cluster", _maintains(tenant))


def drop_of_tenant(tenant: str) -> DagKind:
    drop = NodeKind("Drop tenant", RETRY_CANCEL_PASS, drop_tenant, failure=drop_failed)
    pools = NodeKind("Drop resource pools", RETRY_CANCEL_PASS, drop_pools, failure=drop_of_pools_failed)
    return DagKind("Drop tenant", (drop, pools), "cluster", _maintains(tenant))
