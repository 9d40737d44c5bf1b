# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came after an initialisation that failed: 4.2 starts another beside it, which may have become a live cluster."""

from __future__ import annotations

from ._blockers import owner
from ._client import ObshellClient
from ._dag import INITIALIZE, Dag
from ._find import MAINTENANCE, collect


def successor(client: ObshellClient, dag: Dag) -> Dag | None:
    """Find a newer initialisation by the same agent that is under way or has succeeded: `dag` must be left alone then.

    Agents whose DAGs tell a `maintenance_type` start none beside one that failed, and are not asked.
    """
    if dag.name != INITIALIZE or dag.state != "FAILED" or "maintenance_type" in dag.raw:
        return None
    last = collect(client, [MAINTENANCE["agents"]], details=False).dags
    alike = (other for other in last if other.name == INITIALIZE and owner(other) == owner(dag))
    return next((other for other in alike if other.number > dag.number and _counts(other)), None)


def _counts(dag: Dag) -> bool:
    return dag.state != "FAILED" and (dag.state, dag.operator) != ("SUCCEED", "ROLLBACK")
