# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came after an initialisation that failed: 4.2 starts another beside it, which may have become a live cluster."""

from __future__ import annotations

import itertools

from ._client import ObshellClient
from ._dag import INITIALIZE, Dag
from ._errors import AgentError
from ._find import NO_SUCH_DAG
from ._ids import GenericId


def successor(client: ObshellClient, dag: Dag) -> Dag | None:
    """Find a newer initialisation by the same agent that is under way or has succeeded: `dag` must be left alone then.

    Agents whose DAGs tell a `maintenance_type` start none beside one that failed, and are not asked. The others number
    all their DAGs one after the other, and keep them.

    :raises AgentError: the agent could not tell.
    """
    if dag.name != INITIALIZE or dag.state != "FAILED" or "maintenance_type" in dag.raw:
        return None
    number = GenericId.parse(dag.id).number
    series = dag.id.removesuffix(str(number))
    for later in itertools.count(number + 1):
        try:
            other = Dag.from_api(client.get_dag(f"{series}{later}", details=False))
        except AgentError as error:
            if error.status == NO_SUCH_DAG:
                return None
            raise
        if other.name == INITIALIZE and _counts(other):
            return other
    return None


def _counts(dag: Dag) -> bool:
    return dag.state != "FAILED" and (dag.state, dag.operator) != ("SUCCEED", "ROLLBACK")
