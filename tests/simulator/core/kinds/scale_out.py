# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind "Cluster scale out", which adds a server to a cluster.

Its twin on the new server is "Local scale out". Each of the two sends RETRY and ROLLBACK along to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ApiError
from ..work import Work
from .definition import RETRY_ROLLBACK, DagKind, NodeKind, Script, writes
from .local_scale_out import COORDINATED, LOCAL_SCALE_OUT, PREPARE

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, Node, SubTask


def _new_server(agent: AgentModel, dag: Dag) -> AgentModel:
    found = agent.network.find_agent(dag.parameters["address"])
    assert found, dag.parameters
    return found


def _twin(agent: AgentModel, dag: Dag) -> Dag | None:
    dags = _new_server(agent, dag).engine.dags
    return next((found for found in dags if found.data.get("main_dag_id") == agent.id_of(dag)), None)


def create_twin(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    server = _new_server(agent, dag)
    try:
        twin = server.submit(LOCAL_SCALE_OUT, parameters={**dag.parameters, "master": agent.location})
    except ApiError as error:
        return Work([f"ERROR: {error.message(server.version)}"], failed=True)
    twin.data.update(main_dag_id=agent.id_of(dag), scaleOutUUID=dag.parameters["uuid"])
    return Work([], [f"create local scale out dag success, genericID:{server.id_of(twin)}"])


def wait_until_ready(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    def ready() -> bool:
        twin = _twin(agent, dag)
        return twin is not None and twin.nodes[0].state == "SUCCEED"

    line = "local scale out dag task Be scaling agent is succeed"
    return Work([line]) if ready() else Work([], [line], has_ended=ready)


def wait_for(stage: int) -> Script:
    """Have the twin execute a stage, for which it waits in the one before, and wait for the end of it."""

    def script(agent: AgentModel, dag: Dag, sub_task: SubTask) -> Work:
        work = Work()

        def has_ended() -> bool:
            twin = _twin(agent, dag)
            if twin is None:
                return False
            if twin.state == "FAILED" and twin.current_node.kind is PREPARE:
                twin.parameters["notified_up_to"] = twin.stage
                _new_server(agent, dag).operate(twin, "RETRY")
                agent.cluster_dags.engine.log(sub_task, f"retry stage: {twin.stage} successfully")
            node = twin.nodes[stage - 1]
            ended = node.state == "SUCCEED" or (twin.state == "FAILED" and twin.current_node is node)
            if ended:
                work.failed = twin.state == "FAILED"
                work.last_lines = _log_of(node)
                if work.failed:
                    failure = f"dag {_new_server(agent, dag).id_of(twin)} {twin.name} failed: [{node.name}]"
                    error = node.sub_tasks[0].log[-1].text
                    work.last_lines.append(f"ERROR: [Common.Unexpected]: Unexpected error: {failure} {error}")
            return ended

        work.has_ended = has_ended
        return work

    return script


def _log_of(node: Node) -> list[str]:
    return [f"task {node.name}: {line.text}" for line in node.sub_tasks[0].log]


def send_along(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    """Send the operator of this DAG to its twin too: RETRY, whose first step is this one, or ROLLBACK."""
    twin, retried = _twin(agent, dag), dag.operator != "ROLLBACK"
    if twin and twin.state == "FAILED":
        _new_server(agent, dag).operate(twin, "RETRY" if retried else "ROLLBACK")
    return Work() if retried else Work([COORDINATED])


def add_agent(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    def added() -> None:
        agent.cluster.followers.append(_new_server(agent, dag))

    return Work(on_success=added)


def finish(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    def finished() -> bool:
        twin = _twin(agent, dag)
        return twin is None or twin.stage == len(twin.nodes)

    return Work(["FinishTask execute"], has_ended=finished)


def _node(name: str, run: Script, rollback: Script = send_along) -> NodeKind:
    return NodeKind(name, RETRY_ROLLBACK, run, rollback)


def cluster_scale_out(*, new_zone: bool) -> DagKind:
    zone = (
        _node("Add new zone for scale_out", writes("AddZoneTask execute")),
        _node("Start new zone for scale_out", writes("StartZoneTask execute")),
    )
    nodes = (
        _node("Integrate server config", writes(), writes()),
        _node("Create local scale out dag", create_twin),
        _node("Wait scale out ready", wait_until_ready),
        _node("Wait remote deploy finish", wait_for(3)),
        _node("Wait remote start finish", wait_for(5)),
        _node("Prev check for scale_out", writes("PrevCheckTask execute")),
        *(zone if new_zone else ()),
        _node("Add server for scale_out", writes("AddServerTask execute")),
        _node("Add agent for scale_out", add_agent),
        _node("Check cluster scale_out whether finished", finish),
    )
    return DagKind("Cluster scale out", nodes, "cluster")
