# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and operating DAGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._calls import Call, Contents
from ._clock import rfc3339
from ._errors import ApiError
from ._ids import GenericId
from ._model import Dag, Json, SubTask
from ._operators import operate

if TYPE_CHECKING:
    from ._agent import Agent


def _find_dag(call: Call, found: GenericId) -> tuple[Agent, Dag]:
    owner = call.owner(found)
    if found.kind == "cluster" and owner.identity != "CLUSTER AGENT":
        raise ApiError("no_oceanbase_dag")
    if found.address not in (None, owner.location):
        return _at(call, owner)
    dag = owner.engine.find(found.kind, found.number)
    if dag is None:
        raise ApiError("not_found", "record not found")
    return owner, dag


def _at(call: Call, owner: Agent) -> tuple[Agent, Dag]:
    """A master that was forwarded an ID of yet another agent sends it on."""
    call.agent = owner
    return _find_dag(call, call.parse_id())


def dag(call: Call) -> Json:
    owner, found = _find_dag(call, call.parse_id())
    return owner.render(found, details=call.details)


def operate_dag(call: Call) -> None:
    generic = call.parse_id()
    operator = str(call.required("operator", structure="DagOperator"))
    owner, found = _find_dag(call, generic)
    operate(found, operator, now=owner.clock.now())
    owner.simulator.changed()


def node(call: Call) -> Json:
    generic = call.parse_id()
    owner = call.owner(generic)
    found = owner.find_node(generic.number, kind=generic.kind)
    if found is None:
        raise ApiError("not_found", "record not found")
    return found[1].as_dict(found[0].kind, owner.identify, details=call.details)


def _find_sub_task(call: Call) -> tuple[Agent, Dag, SubTask]:
    generic = call.parse_id()
    owner = call.owner(generic)
    found = owner.find_sub_task(generic.number, kind=generic.kind)
    if found is None:
        raise ApiError("not_found", "record not found")
    return owner, *found


def sub_task(call: Call) -> Json:
    owner, its_dag, found = _find_sub_task(call)
    return found.as_dict(its_dag.kind, owner.identify)


def sub_task_logs(call: Call) -> Contents:
    _engine, _node, found = _find_sub_task(call)
    return Contents(
        [
            {
                "id": line.number,
                "sub_task_id": found.id,
                "execute_times": line.execute_times,
                "log_content": line.text,
                "is_sync": True,
                "create_time": rfc3339(line.time),
                "update_time": rfc3339(line.time),
            }
            for line in found.lines
        ]
    )


def maintain_agent(call: Call) -> Json:
    # A master that a follower forwarded this to asks back: the answer is the follower's own.
    agent = call.forwarded_by or call.agent
    last = agent.last_maintenance_dag()
    if last is None:
        raise ApiError("not_found", "Agent is not under maintenance")
    return agent.render(last, details=call.details)


def maintain_agents(call: Call) -> Contents:
    agent = call.agent
    last = agent.last_maintenance_dag()
    if last is None:
        raise ApiError("unexpected", "Internal Server Error")
    contents = [agent.render(last, details=call.details)]
    others = (agent.master or agent).members if agent.identity == "CLUSTER AGENT" else agent.cluster.followers
    for other in others:
        its_last = other.last_maintenance_dag()
        if its_last and other is not agent and not other.down:
            contents.append(other.render(its_last, details=True))
    return Contents(contents)


def maintain_ob(call: Call) -> Json:
    if call.agent.identity != "CLUSTER AGENT":
        raise ApiError("no_oceanbase")
    raise ApiError("not_found", "Cluster is not under maintenance")


def _unfinished(agent: Agent, call: Call) -> list[Json]:
    dags = [dag for dag in agent.engine.dags if dag.state != "SUCCEED"]
    return [agent.render(dag, details=call.details) for dag in dags]


def unfinished(call: Call) -> Contents:
    agent = call.agent
    if agent.identity == "FOLLOWER" and agent.master:
        agent = call.forward(agent.master.location)
    if agent.identity != "CLUSTER AGENT":
        return Contents(_unfinished(agent, call))
    others = (agent.master or agent).members
    return Contents([dag for member in others for dag in _unfinished(member, call)] or None)


def unfinished_agent(call: Call) -> Contents:
    return Contents(_unfinished(call.agent, call))


def _only_cluster_agent(call: Call) -> Contents:
    if call.agent.identity != "CLUSTER AGENT":
        raise ApiError("only_cluster_agent")
    return Contents([])


unfinished_ob = all_ob = _only_cluster_agent


def all_agent(call: Call) -> Contents:
    return Contents([call.agent.render(dag, details=call.details) for dag in call.agent.engine.dags])
