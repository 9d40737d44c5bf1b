# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a kind of DAG is described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from ..generic_id import Address, IdKind
from ..work import Work

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

NO_MAINTENANCE, GLOBAL_MAINTENANCE, TENANT_MAINTENANCE, OBPROXY_MAINTENANCE = 1, 2, 3, 4
ALWAYS = 1000
"""As `released_up_to`: whatever the stage."""

NO_OPERATOR = frozenset[str]()
ALL_OPERATORS = frozenset({"RETRY", "ROLLBACK", "CANCEL", "PASS"})
RETRY_CANCEL = frozenset({"RETRY", "CANCEL"})
RETRY_ROLLBACK = frozenset({"RETRY", "ROLLBACK"})
RETRY_ROLLBACK_CANCEL = frozenset({"RETRY", "ROLLBACK", "CANCEL"})
RETRY_CANCEL_PASS = frozenset({"RETRY", "CANCEL", "PASS"})

Script = Callable[["AgentModel", "Dag", "SubTask"], Work]
"""What one execution does on the agent that runs it."""


class FailureLog(NamedTuple):
    """What an execution logs if a test makes it fail."""

    lines: list[str]
    error: str = ""
    """The last line. An empty one stands for a general error."""


def writes(*lines: str) -> Script:
    """A script that only writes log lines. They can name the {agent} and parameters of the DAG, such as {tenant}."""
    return lambda agent, dag, _sub_task: Work(_fill(lines, agent, dag))


def fails_with(*lines: str, error: str) -> Callable[[AgentModel, Dag], FailureLog]:
    """What a failed execution logs: lines as in :func:`writes`, and its error."""
    return lambda agent, dag: FailureLog(_fill(lines, agent, dag), *_fill((error,), agent, dag))


def _fill(lines: tuple[str, ...], agent: AgentModel, dag: Dag) -> list[str]:
    values = {**dag.parameters, "agent": agent.address}
    return [line.format_map(values) for line in lines]


def do_nothing(_agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work()


def fail_at_once(_agent: AgentModel, _dag: Dag) -> FailureLog:
    return FailureLog([])


def on_this_agent(agent: AgentModel) -> tuple[Address, ...]:
    return (agent.location,)


def on_all_agents(agent: AgentModel) -> tuple[Address, ...]:
    return tuple(member.location for member in agent.members)


def on_followers(agent: AgentModel) -> tuple[Address, ...]:
    return tuple(follower.location for follower in agent.cluster.followers)


@dataclass(frozen=True)
class FollowerDags:
    """The DAGs that the master requests of a follower, instead of running a sub-task itself."""

    run: DagKind
    undo: DagKind
    """Rolls back `run` once it has succeeded."""
    first_line: str = ""
    """What the master logs first."""


@dataclass(frozen=True)
class NodeKind:
    """One node of a kind of DAG. A RETRY runs `rollback` of a failed sub-task first, then `run`."""

    name: str
    operators: frozenset[str] = NO_OPERATOR
    run: Script = do_nothing
    rollback: Script = do_nothing
    failure: Callable[[AgentModel, Dag], FailureLog] = fail_at_once
    """What a failed `run` logs."""
    agents: Callable[[AgentModel], tuple[Address, ...]] = on_this_agent
    """Where the node has sub-tasks. Without any, the DAG is created without the node."""
    follower_dags: FollowerDags | None = None


@dataclass(frozen=True)
class Maintenance:
    """What a DAG locks: nothing, its agent or its cluster, one tenant, or an OBProxy."""

    type: int = GLOBAL_MAINTENANCE
    key: str = ""
    """The tenant."""
    released_up_to: int = 0
    """The last stage at which a failure gives the lock back. The agent calls it FAILURE_EXIT_MAINTENANCE."""


@dataclass(frozen=True)
class DagKind:
    """A kind of DAG, such as "Initialize cluster"."""

    name: str
    nodes: tuple[NodeKind, ...]
    id_kind: IdKind = "ob"
    maintenance: Maintenance = Maintenance()


def one_node(node: NodeKind) -> DagKind:
    """A kind of DAG with one node of the same name."""
    return DagKind(node.name, (node,))


def run_on_each_agent(run: DagKind, *, undo: DagKind, first_line: str = "") -> NodeKind:
    """The node of a master's DAG that does on each agent of the cluster what `run`, of one node, does on one."""
    return replace(run.nodes[0], agents=on_all_agents, follower_dags=FollowerDags(run, undo, first_line))
