# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lists of DAGs an agent lacks, and which ones it cuts short without an error."""

from __future__ import annotations

from .._agent.client import ObshellClient
from .._agent.info import CLUSTER_AGENT, FOLLOWER, MASTER, SINGLE, AgentStatus
from .._errors import AgentError

UNFINISHED = "dag/unfinish"
MAINTENANCE = {"agent": "dag/maintain/agent", "agents": "dag/maintain/agents", "cluster": "dag/maintain/ob"}
ALL = ("dags/agent", "dags/ob")
KEPT_IN_DATABASE = (MAINTENANCE["cluster"], ALL[1])
SERVER_ERROR = 500
# Statuses by which an agent says that it does not have a list.
NOT_SUPPORTED = (400, 404)


def lacks(client: ObshellClient, route: str, status: int) -> bool:
    """Whether an agent that answered with `status` does not have this list, and has not failed to read it.

    An agent that is out of file descriptors answers 500 too, so its identity or its database must explain a 500.
    """
    if status in NOT_SUPPORTED and route != UNFINISHED:
        return True
    return status in (*NOT_SUPPORTED, SERVER_ERROR) and _explains_lack(client, route)


def why_incomplete(client: ObshellClient) -> str:
    """Explain which DAGs the agent's lists may leave out although it answers 200; empty if none.

    Source: the agent's `GetUnfinishedDags`, which only logs the agents and the database that it cannot read. An agent
    of seekdb has no other agents, and keeps its DAGs itself.
    """
    status = client.status()
    if _is_scaling(status):
        return f"{client.where} is {status.identity} and does not list its DAGs: ask another agent of the cluster"
    if status.identity in (SINGLE, MASTER, FOLLOWER):
        return ""
    if status.identity != CLUSTER_AGENT:
        return f"{client.where} has the unknown identity {status.identity!r}, so DAGs may be missing"
    if not status.database_available and client.is_seekdb:
        return ""
    if not status.database_available:
        return (
            f"the database of {client.where} is not available (obState {status.observer_state}), so DAGs of the "
            "cluster and of other agents may be missing: run this again once obState is 3"
        )
    missing = _agents_that_do_not_answer(client)
    return f"{client.where} has no answer from {' and '.join(missing)}, so their DAGs may be missing" if missing else ""


def _explains_lack(client: ObshellClient, route: str) -> bool:
    status = client.status()
    if route in KEPT_IN_DATABASE:
        return status.identity != CLUSTER_AGENT or not (status.database_available or client.is_seekdb)
    if route == MAINTENANCE["agents"]:
        return status.identity == SINGLE
    return route == UNFINISHED and _is_scaling(status)


def _is_scaling(status: AgentStatus) -> bool:
    return status.identity.startswith("SCALING")


def _agents_that_do_not_answer(client: ObshellClient) -> list[str]:
    """The agents of an initialised cluster whose last maintenance DAG is left out; each has one, since it joined."""
    try:
        answered = {dag.owner for dag in client.list_dags(MAINTENANCE["agents"], details=False, unreadable=[])}
    except AgentError as error:
        if error.is_not_found and client.is_seekdb:
            return []
        raise
    return [str(peer.address) for peer in client.cluster_info().peers if peer.address not in answered]
