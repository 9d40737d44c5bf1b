# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind "Cluster scale in", which takes a server out of a cluster, and "Kill observer" on that server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..work import Work
from .definition import (
    ALL_OPERATORS,
    ALWAYS,
    GLOBAL_MAINTENANCE,
    RETRY_CANCEL_PASS,
    DagKind,
    Maintenance,
    NodeKind,
    fails_with,
)
from .observer_process import stop_observer

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

IDENTITY_TICKS, DELETION_TICKS = 1, 2


def set_scaling_in(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    lines = ["change agent identity to 'SCALING IN' success"]
    return Work([], lines, ticks=IDENTITY_TICKS, on_success=lambda: _set_identity(agent, dag, "SCALING IN"))


def set_cluster_agent(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    return Work(on_success=lambda: _set_identity(agent, dag, "CLUSTER AGENT"))


def _set_identity(agent: AgentModel, dag: Dag, identity: str) -> None:
    leaving = agent.network.find_agent(dag.parameters["address"])
    if leaving:
        leaving.identity = identity


def wait_for_deletion(_agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    server = dag.parameters["server"]
    lines, cancelled = [f"observer '{server}' has been deleted successfully"], f"cancel delete observer {server} start"
    return Work([], lines, ticks=DELETION_TICKS, lines_if_cancelled=[cancelled])


def delete_agent(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    def deleted() -> None:
        leaving = agent.network.find_agent(dag.parameters["address"])
        if leaving:
            agent.master_or_self.forget_follower(leaving)

    return Work(["delete agents success"], on_success=deleted)


def inform(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    """Ask the agent that left to kill its observer, without waiting for the end of that."""
    address = dag.parameters["address"]
    leaving = agent.network.find_agent(address)
    if leaving is None or leaving.down:
        return Work([f"agent {address} is not reachable"])
    state = leaving.spec.database_state
    return Work([f"agent {address} ob state: {state}"], on_success=lambda: _kill(leaving))


def _kill(leaving: AgentModel) -> None:
    leaving.submit(KILL_OBSERVER)


_NODES = (
    NodeKind(
        "Delete observer",
        ALL_OPERATORS,
        failure=fails_with(
            error="ERROR: [MySQL.Error]: MySQL error: delete observer {server} failed: Error 1644 (45000): made to fail"
        ),
    ),
    NodeKind("Set agent to 'SCALING IN'", ALL_OPERATORS, set_scaling_in, set_cluster_agent),
    NodeKind(
        "Wait delete observer success",
        ALL_OPERATORS,
        wait_for_deletion,
        failure=fails_with(
            error="ERROR: [OB.Server.NotDeleting]: Observer '{server}' is not deleting, status: INACTIVE"
        ),
    ),
    NodeKind("Delete agent", RETRY_CANCEL_PASS, delete_agent),
    NodeKind("Try to inform to kill observer", ALL_OPERATORS, inform),
)
CLUSTER_SCALE_IN = DagKind("Cluster scale in", _NODES, "cluster", Maintenance(released_up_to=1))
KILL_OBSERVER = DagKind(
    "Kill observer",
    (NodeKind("Kill observer", RETRY_CANCEL_PASS, stop_observer),),
    maintenance=Maintenance(GLOBAL_MAINTENANCE, released_up_to=ALWAYS),
)
