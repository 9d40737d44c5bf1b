# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other DAGs in the way of an operator: those of followers that block a rollback, and the owner of the cluster."""

from __future__ import annotations

import typing as t

from .._agent.client import ObshellClient
from .._agent.info import SINGLE
from .._dag.failures import data_at_risk
from .._dag.model import INITIALIZE, JOIN_MASTER, Dag
from .._errors import AgentError, Refused
from .._ids import GenericId
from .completeness import MAINTENANCE
from .lookup import collect

# From this version on an agent refuses a second initialisation.
ONE_INITIALISATION_SINCE = (4, 2, 6)
MAX_READ = 1000
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
    others = [other for other in _last_of_all_agents(client) if other.owner not in (None, dag.owner)]
    return [other for other in others if other.name in sub_tasks and other.state != "SUCCEED"]


def find_owner(client: ObshellClient, dag: Dag) -> Dag | None:
    """Find the DAG that owns the cluster instead of the failed initialisation `dag`, whose operators would damage it.

    That is another initialisation of its agent that is running or has succeeded, or the DAG by which the agent joined
    another master since, which alone knows its initialisations. Only agents before 4.2.6 allow either beside another
    initialisation. They number all their DAGs in one series, and keep them.

    :raises AgentError: the agent could not answer.
    :raises Refused: there are too many DAGs to read.
    """
    if dag.name != INITIALIZE or dag.state != "FAILED" or "maintenance_type" in dag.raw:
        return None
    newer = _find_newer_owner(client, dag)
    # The second of two that were started at once fails at the directories that the first one has filled.
    return newer if newer or not data_at_risk(dag) else _find_older_owner(client, dag)


def _find_newer_owner(client: ObshellClient, dag: Dag) -> Dag | None:
    joined: Dag | None = None
    for other in _newer_dags(client, dag):
        if other.name == INITIALIZE and _may_own_the_cluster(other):
            return other
        if other.name == JOIN_MASTER and other.state != "FAILED":
            joined = other
        elif other.name in INDEPENDENT and other.state == "SUCCEED":
            joined = None
    return joined


def _find_older_owner(client: ObshellClient, dag: Dag) -> Dag | None:
    """Find an older initialisation that was running when `dag` was started: two clients saw none and sent both."""
    if not client.status().is_older_than(ONE_INITIALISATION_SINCE):
        return None
    series, number = _series(dag)
    for earlier in range(number - 1, max(number - 1 - MAX_READ, 0), -1):
        other = client.get_dag(f"{series}{earlier}", details=False)
        if other.name == INITIALIZE and _may_own_the_cluster(other):
            return other
        if other.name in INDEPENDENT and other.state == "SUCCEED":
            return None
    if number - 1 > MAX_READ:
        raise Refused(f"{dag.label} has more than {MAX_READ} older DAGs, of which one may own the cluster now")
    return None


def _series(dag: Dag) -> tuple[str, int]:
    """Take an ID apart: what is the same in all IDs of its agent, and the number."""
    number = GenericId.parse(dag.id).number
    return dag.id.removesuffix(str(number)), number


def _newer_dags(client: ObshellClient, dag: Dag) -> t.Iterator[Dag]:
    """Read the DAGs of an agent that are newer than `dag`, up to its last maintenance DAG: no ID is guessed."""
    series, number = _series(dag)
    owned = [other for other in _last_of_all_agents(client) if other.owner == dag.owner]
    last = max((GenericId.parse(other.id).number for other in owned), default=number)
    if last == number or not client.status().is_older_than(ONE_INITIALISATION_SINCE):
        return
    if last - number > MAX_READ:
        raise Refused(f"{dag.label} has more than {MAX_READ} newer DAGs, of which one may own the cluster now")
    for later in range(number + 1, last + 1):
        yield client.get_dag(f"{series}{later}", details=False)


def _last_of_all_agents(client: ObshellClient) -> list[Dag]:
    """The last maintenance DAG of each agent, with details.

    An agent in no cluster has no such list, and no other agents; its own last DAG is in another list. This includes
    agents of seekdb.

    :raises AgentError: the agent could not answer, so nothing may be concluded.
    """
    try:
        return client.list_dags(MAINTENANCE["agents"], details=True)
    except AgentError as error:
        if client.status().identity != SINGLE and not (error.is_not_found and client.is_seekdb):
            raise
    return collect(client, [MAINTENANCE["agent"]], details=True).dags


def _may_own_the_cluster(dag: Dag) -> bool:
    return dag.state != "FAILED" and (dag.state, dag.operator) != ("SUCCEED", "ROLLBACK")
