# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of DAG that take a cluster apart before it is initialised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ApiError, unexpected_error_line
from ..generic_id import Address
from ..work import Work
from .definition import DagKind, NodeKind, on_followers, one_node

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask


def become_single(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    if agent.identity == "SINGLE":
        return Work(["Agent is aready single agent"])
    lines = ["clearing ob config", "change agent to single agent", "set agent to single agent success"]
    return Work(lines, on_success=agent.become_single)


def remove_master(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    lines = ["clearing ob config", "clearing global config", "change agent to single agent"]
    return Work([*lines, "set agent to single agent success"], on_success=agent.become_single)


def remove_follower(agent: AgentModel, dag: Dag, sub_task: SubTask) -> Work:
    """The master requests "Agent to single" of the follower, and does not wait for its end."""
    line = f"send remove agent request to follower, agent: {sub_task.agent}"
    follower = agent.network.find_agent(sub_task.agent)
    if follower is None or follower.down:
        return Work([line, unexpected_error_line(agent.version, f"{sub_task.agent}: connection refused")], failed=True)
    try:
        created = follower.submit(AGENT_TO_SINGLE, requested_by=dag.name)
    except ApiError as error:
        return Work([line, unexpected_error_line(agent.version, error.message(follower.version))], failed=True)
    done = f"send remove agent request succeed, remote dag id: &{{{follower.id_of(created)}}}"
    return Work([line, done], on_success=lambda: agent.forget_follower(follower))


def leave_master(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    def left() -> None:
        if agent.master:
            agent.master.forget_follower(agent)

    return Work(["sending remove this agent request to master agent"], on_success=left)


_ONLY_PASS = frozenset({"PASS"})

AGENT_TO_SINGLE = one_node(NodeKind("Agent to single", run=become_single))
FOLLOWER_REMOVE_SELF = DagKind(
    "Follower remove self", (NodeKind("Follower remove self", run=leave_master), AGENT_TO_SINGLE.nodes[0])
)
REMOVE_ALL_AGENTS = DagKind(
    "Remove all agents",
    (
        NodeKind("Remove follower", _ONLY_PASS, remove_follower, agents=on_followers),
        NodeKind("Remove master", run=remove_master),
    ),
)


def remove_follower_agent(follower: Address) -> DagKind:
    """The kind that removes one follower, with a name such as "Remove follower agent 10.0.0.2:2886"."""
    name = f"Remove follower agent {follower}"
    remove = NodeKind("Remove follower", _ONLY_PASS, remove_follower, agents=lambda _master: (follower,))
    return DagKind(name, (remove, NodeKind(name)))
