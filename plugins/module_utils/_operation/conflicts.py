# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other DAGs that stand in the way of an operator: DAGs of followers that block a rollback, and newer clusters."""

from __future__ import annotations

import itertools

from .._agent.client import ObshellClient
from .._dag.model import INITIALIZE, JOIN_MASTER, Dag
from .._errors import AgentError
from .._ids import GenericId
from .lookup import MAINTENANCE, collect

# By these an agent becomes single, or its own master, and numbers its initialisations itself.
INDEPENDENT = ("Join self", "Follower remove self", "Agent to single", "Remove all agents")


def find_blockers(client: ObshellClient, dag: Dag) -> list[Dag]:
    """List the last maintenance DAGs of the cluster's other agents that were started for `dag` and have not succeeded.

    Each of them locks its agent, which blocks the rollback of `dag`. The agent rolls them back itself, unless it forgot
    that it started them, as it does when `dag` is cancelled. They are named like the sub-task that started them.
    Source: the agent's `createRemoteTask`, and observations of a cancelled initialisation.

    :param dag: read with details.
    """
    sub_tasks = {sub_task.name for node in dag.nodes for sub_task in node.sub_tasks}
    found = collect(client, [MAINTENANCE["agents"]], details=True)
    others = [other for other in found.dags if other.owner not in (None, dag.owner) and other.name in sub_tasks]
    return [other for other in others if other.state != "SUCCEED"]


def find_successor(client: ObshellClient, dag: Dag) -> Dag | None:
    """Find the newer DAG that an operator on the failed initialisation `dag` would damage.

    That is a newer initialisation of its agent that is running or has succeeded, or the DAG by which the agent joined
    another master since, which alone knows its initialisations. Only agents before 4.2.6 allow either beside a failed
    initialisation. They number all their DAGs in one series, and keep them.

    :raises AgentError: the agent could not answer.
    """
    if dag.name != INITIALIZE or dag.state != "FAILED" or "maintenance_type" in dag.raw:
        return None
    number = GenericId.parse(dag.id).number
    series = dag.id.removesuffix(str(number))
    joined: Dag | None = None
    for later in itertools.count(number + 1):
        try:
            other = client.get_dag(f"{series}{later}", details=False)
        except AgentError as error:
            if error.is_not_found:
                return joined
            raise
        if other.name == INITIALIZE and _may_own_the_cluster(other):
            return other
        if other.name == JOIN_MASTER and other.state != "FAILED":
            joined = other
        elif other.name in INDEPENDENT and other.state == "SUCCEED":
            joined = None
    return None


def _may_own_the_cluster(dag: Dag) -> bool:
    return dag.state != "FAILED" and (dag.state, dag.operator) != ("SUCCEED", "ROLLBACK")
