# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came after an initialisation that failed: 4.2 lets its agents become a live cluster without it."""

from __future__ import annotations

import itertools

from ._client import ObshellClient
from ._dag import INITIALIZE, JOIN_MASTER, Dag
from ._errors import AgentError
from ._find import NO_SUCH_DAG
from ._ids import GenericId

# By these an agent becomes single, or its own master, which numbers its initialisations itself.
ON_ITS_OWN = ("Join self", "Follower remove self", "Agent to single", "Remove all agents")


def successor(client: ObshellClient, dag: Dag) -> Dag | None:
    """Find for what `dag` must be left alone: the agent's newer initialisation, or that it joined another master since.

    The first is under way or has succeeded. In the second case only that master can tell of initialisations. Agents
    whose DAGs tell a `maintenance_type` are locked by a failed one, and are not asked. The others can start another
    beside it, or be removed. They number all their DAGs one after the other, and keep them.

    :raises AgentError: the agent could not tell.
    """
    if dag.name != INITIALIZE or dag.state != "FAILED" or "maintenance_type" in dag.raw:
        return None
    number = GenericId.parse(dag.id).number
    series = dag.id.removesuffix(str(number))
    joined: Dag | None = None
    for later in itertools.count(number + 1):
        try:
            other = Dag.from_api(client.get_dag(f"{series}{later}", details=False))
        except AgentError as error:
            if error.status == NO_SUCH_DAG:
                return joined
            raise
        if other.name == INITIALIZE and _counts(other):
            return other
        if other.name == JOIN_MASTER and other.state != "FAILED":
            joined = other
        elif other.name in ON_ITS_OWN and other.state == "SUCCEED":
            joined = None
    return None


def _counts(dag: Dag) -> bool:
    return dag.state != "FAILED" and (dag.state, dag.operator) != ("SUCCEED", "ROLLBACK")
