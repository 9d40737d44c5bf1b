# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other agents began for a DAG and left unfinished: it locks them, and so blocks the rollback of that DAG.

What came after an initialisation that failed: 4.2 lets its agents become a live cluster without it.
"""

from __future__ import annotations

import itertools

from .._agent.client import ObshellClient
from .._dag.model import INITIALIZE, JOIN_MASTER, Dag
from .._errors import AgentError
from .._ids import GenericId
from .lookup import MAINTENANCE, NO_SUCH_DAG, collect


def blockers(client: ObshellClient, dag: Dag) -> list[Dag]:
    """List those last maintenance DAGs of the other agents of a cluster that were begun for it and have not succeeded.

    The agent itself rolls them back where it still knows that it had started them, which it forgets when its own DAG is
    cancelled. Each is named like the sub-task that it was started for. Source: the agent's `createRemoteTask`, and what
    was seen of a cancelled initialisation.

    :param dag: read with details.
    """
    parts = {sub_task["name"] for node in dag.nodes for sub_task in node.get("sub_tasks") or ()}
    found = collect(client, [MAINTENANCE["agents"]], details=True)
    others = [other for other in found.dags if owner(other) not in (None, owner(dag)) and other.name in parts]
    return [other for other in others if other.state != "SUCCEED"]


def owner(dag: Dag) -> tuple[str, int] | None:
    """Tell whose DAG it is, None for a cluster's."""
    return GenericId.parse(dag.id).agent


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
