# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind "Set obcluster backup config for NAME": where a tenant archives its log, and where its backups go."""

from __future__ import annotations

from .definition import (
    ALL_OPERATORS,
    RETRY_CANCEL_PASS,
    TENANT_MAINTENANCE,
    DagKind,
    Maintenance,
    NodeKind,
    fails_with,
    writes,
)

_ARCHIVE = (
    "Archive log has been closed for {tenant}({tenant_id})",
    "Wait for {tenant}({tenant_id}) to close archive log",
    "Wait for {tenant}({tenant_id}) archive log to be 'STOP'",
    "Archive log has been closed for {tenant}({tenant_id})",
    "Set log archive dest for {tenant}({tenant_id})",
    "URI is '{archive}/'",
)
# The agent itself spells it so.
_CHECK = ("Storage type is 'file'", "Check '{tenant}' wirte permission")

_NODES = (
    NodeKind(
        "Check backup config",
        ALL_OPERATORS,
        writes("Check archive path for all tenants", *_CHECK, "Check data path for all tenants", *_CHECK),
    ),
    NodeKind(
        "Set backup config",
        RETRY_CANCEL_PASS,
        writes(*_ARCHIVE, "Set data backup dest for {tenant}({tenant_id})", "URI is '{data}/'"),
        failure=fails_with(
            *_ARCHIVE, error="ERROR: [MySQL.Error]: MySQL error: set log archive: Error 1644 (45000): made to fail"
        ),
    ),
)


def backup_config(tenant: str) -> DagKind:
    name = f"Set obcluster backup config for {tenant}"
    return DagKind(name, _NODES, "cluster", Maintenance(TENANT_MAINTENANCE, tenant))
