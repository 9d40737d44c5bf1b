# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a cluster, for all of it or for one tenant. It follows the agent's `clusterStatusMaintainer`.

Who gives the lock back is not checked: PASS of an old DAG frees what another DAG has locked since. This was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import ApiError
from .kinds.definition import GLOBAL_MAINTENANCE, NO_MAINTENANCE, TENANT_MAINTENANCE, Maintenance


@dataclass
class TenantLock:
    """The lock of a tenant, and the number of the last DAG that took it."""

    held: bool = False
    dag: int = 0


@dataclass
class ClusterLock:
    """`type` says what is locked now: nothing, the cluster, or some of the tenants."""

    type: int = NO_MAINTENANCE
    tenants: dict[str, TenantLock] = field(default_factory=dict)

    def take(self, maintenance: Maintenance, *, last: str, prefix: str = "") -> None:
        """Raise ApiError if it is held. `last` is the name of the last DAG that took it, as the error says."""
        if maintenance.type == NO_MAINTENANCE:
            return
        shared = self.type == maintenance.type == TENANT_MAINTENANCE
        if self.type != NO_MAINTENANCE and not shared:
            raise ApiError("cluster_under_maintenance", prefix, last)
        if maintenance.type == TENANT_MAINTENANCE:
            tenant = self.tenants.setdefault(maintenance.key, TenantLock())
            if tenant.held:
                raise ApiError("tenant_under_maintenance", prefix, maintenance.key)
            tenant.held = True
        self.type = maintenance.type

    def release(self, maintenance: Maintenance) -> None:
        """Give it back, whoever holds it."""
        if maintenance.type == TENANT_MAINTENANCE:
            self.tenants[maintenance.key].held = False
            if any(tenant.held for tenant in self.tenants.values()):
                return
        if maintenance.type in (GLOBAL_MAINTENANCE, TENANT_MAINTENANCE):
            self.type = NO_MAINTENANCE
