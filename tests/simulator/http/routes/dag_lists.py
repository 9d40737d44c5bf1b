# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that find DAGs: the last one, those that are unfinished, or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...core.dag import Dag, Json
from ...core.errors import ApiError
from ...core.kinds.definition import NO_MAINTENANCE
from ..call import Call, Contents

if TYPE_CHECKING:
    from ...core.agent import AgentModel


def last_of_agent(call: Call) -> Json:
    # If a follower forwards this request to its master, the master asks the follower: the answer is the follower's own.
    agent = call.forwarded_by or call.agent
    last = agent.last_dag()
    if last is None:
        raise ApiError("not_found", "Agent is not under maintenance")
    return agent.render(last, details=call.details)


def last_of_each_agent(call: Call) -> Contents:
    agent = call.agent
    last = agent.last_dag()
    if last is None:
        raise ApiError("unexpected", "Internal Server Error")
    contents = [agent.render(last, details=call.details)]
    knows_all = agent.identity in ("CLUSTER AGENT", "SCALING IN")
    others = agent.cluster_members if knows_all else agent.cluster.followers
    for other in [] if agent.lost_its_database else others:
        last = other.last_dag()
        if last and other is not agent and not other.down:
            contents.append(other.render(last, details=True))
    return Contents(contents)


def last_of_cluster(call: Call) -> Json:
    agent = call.agent
    if agent.identity != "CLUSTER AGENT" or agent.lost_its_database:
        raise ApiError("no_oceanbase")
    last = agent.cluster_dags.last_maintenance_dag()
    if last is None:
        raise ApiError("not_found", "Cluster is not under maintenance")
    return agent.render(last, details=call.details)


def unfinished(call: Call) -> Contents:
    agent = call.agent
    if agent.identity.startswith("SCALING"):
        raise ApiError("unknown_identity", agent.identity)
    if agent.identity == "FOLLOWER" and agent.master:
        agent = call.forward(agent.master.location)
    if agent.identity != "CLUSTER AGENT":
        return Contents(_unfinished_of(agent, call))
    # The agent logs what it cannot read, and answers without it.
    members = [] if agent.lost_its_database else [member for member in agent.cluster_members if not member.down]
    dags = [] if agent.lost_its_database else _unfinished(agent.cluster_dags.engine.dags)
    of_cluster = [agent.render(dag, details=call.details) for dag in dags]
    return Contents([*(dag for member in members for dag in _unfinished_of(member, call)), *of_cluster] or None)


def unfinished_of_agent(call: Call) -> Contents:
    return Contents(_unfinished_of(call.agent, call))


def _unfinished_of(agent: AgentModel, call: Call) -> list[Json]:
    return [agent.render(dag, details=call.details) for dag in _unfinished(agent.engine.dags)]


def _unfinished(dags: Sequence[Dag]) -> list[Dag]:
    """Those that have not succeeded. One that locks nothing has ended when it failed."""
    return [
        dag
        for dag in dags
        if not (dag.finished if dag.kind.maintenance.type == NO_MAINTENANCE else dag.state == "SUCCEED")
    ]


def all_of_agent(call: Call) -> Contents:
    return Contents([call.agent.render(dag, details=call.details) for dag in call.agent.engine.dags])


def unfinished_of_cluster(call: Call) -> Contents:
    return _contents(call, _unfinished(_dags_of_cluster(call)))


def all_of_cluster(call: Call) -> Contents:
    return _contents(call, _dags_of_cluster(call))


def _dags_of_cluster(call: Call) -> Sequence[Dag]:
    if call.agent.identity != "CLUSTER AGENT":
        raise ApiError("only_cluster_agent")
    if call.agent.lost_its_database:
        raise ApiError("no_oceanbase")
    return call.agent.cluster_dags.engine.dags


def _contents(call: Call, dags: Sequence[Dag]) -> Contents:
    return Contents([call.agent.render(dag, details=call.details) for dag in dags])
