# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Join self", which makes an agent the master, and "Join to master", which makes it a follower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..work import Work
from .definition import DagKind, NodeKind, one_node

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask


def become_master(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    def joined() -> None:
        agent.identity, agent.zone = "MASTER", str(dag.parameters["zone"])

    return Work(["set agent identity to master"], on_success=joined)


def join_master(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    master = agent.network.find_agent(dag.parameters["master"])

    def joined() -> None:
        agent.zone = str(dag.parameters["zone"])
        if master and agent not in master.cluster.followers:
            master.cluster.followers.append(agent)

    lines = ["creating token", "token created", "send join rpc to master"]
    return Work([*lines, f"join to master success, master agent info: {dag.parameters['master']}"], on_success=joined)


def become_follower(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    def joined() -> None:
        agent.identity, agent.master = "FOLLOWER", agent.network.find_agent(dag.parameters["master"])

    return Work(["set agent identity to follower"], on_success=joined)


JOIN_SELF = one_node(NodeKind("Join self", run=become_master))
JOIN_TO_MASTER = DagKind(
    "Join to master",
    (NodeKind("Join to master", run=join_master), NodeKind("Be follower", run=become_follower)),
)
