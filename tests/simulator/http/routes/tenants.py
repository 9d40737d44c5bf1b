# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that create, drop and back up tenants. Each creates a DAG of the cluster."""

from __future__ import annotations

from ...core.dag import Json
from ...core.errors import ApiError
from ...core.kinds.backups import backup_config
from ...core.kinds.tenants import creation_of_tenant, drop_of_tenant
from ..call import Call, DataWithError
from .cluster import cluster_agent, submit_or_refuse

KNOWN_PARAMETERS = ("cpu_quota_concurrency", "global_index_auto_split_policy")
"""The tenant parameters of the simulated database."""


def create(call: Call) -> Json | DataWithError:
    agent, tenant = cluster_agent(call), str(call.required("name", structure="CreateTenantParam"))
    if tenant in agent.master_or_self.cluster.tenants:
        return DataWithError(None, ApiError("tenant_exists", tenant))
    unknown = [name for name in call.body.get("parameters") or {} if name not in KNOWN_PARAMETERS]
    if unknown:
        return DataWithError(None, ApiError("no_tenant_parameter", unknown[0]))
    kind = creation_of_tenant(tenant, with_password=bool(call.body.get("root_password")))
    return submit_or_refuse(agent, kind, _parameters(call, tenant))


def _parameters(call: Call, tenant: str) -> Json:
    zones = call.required("zone_list", structure="CreateTenantParam")
    made = call.agent.clock.seconds()
    names = [f"{tenant}_{zone['name']}_{made}" for zone in zones]
    pools = {
        name: f"{{{name} {zone['name']} {zone['unit_config_name']} {zone['unit_num']}}}"
        for name, zone in zip(names, zones)
    }
    locality = ",".join(f"FULL@{zone['name']}" for zone in zones)
    whitelist = call.body.get("whitelist", "%")
    return {"tenant": tenant, "pools": pools, "locality": locality, "whitelist": whitelist}


def drop(call: Call) -> Json | DataWithError:
    agent, tenant = cluster_agent(call), call.id
    if tenant not in agent.master_or_self.cluster.tenants:
        return DataWithError(None, ApiError("no_tenant", tenant))
    return submit_or_refuse(agent, drop_of_tenant(tenant), {"tenant": tenant})


def configure_backup(call: Call) -> Json | DataWithError:
    agent, tenant = cluster_agent(call), call.id
    tenants = agent.master_or_self.cluster.tenants
    if tenant not in tenants:
        return DataWithError(None, ApiError("no_tenant", tenant))
    parameters = {
        "tenant": tenant,
        "tenant_id": tenants[tenant],
        "archive": call.required("archive_base_uri", structure="BackupConf"),
        "data": call.required("data_base_uri", structure="BackupConf"),
    }
    return submit_or_refuse(agent, backup_config(tenant), parameters)
