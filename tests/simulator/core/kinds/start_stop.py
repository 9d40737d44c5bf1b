# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Start OB" and "Stop OB": an agent has the agents of a cluster start or stop their observers.

Each agent does it in a DAG of its own, see observer_parts.py. Of the ways to stop, `force: true` was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import ApiError
from ..generic_id import Address
from ..work import Work
from .definition import NO_MAINTENANCE, RETRY_CANCEL, DagKind, FailureLog, Maintenance, NodeKind
from .observer_parts import PART_OF_START, PART_OF_STOP

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

ONLY_CANCEL = frozenset({"CANCEL"})


class Part:
    """The DAG that one agent runs for a main DAG. It is None if that agent refused it."""

    def __init__(self, agent: AgentModel, main: Dag, address: Address) -> None:
        self.agent = agent.network.find_agent(address) or agent
        self.address = address
        self.id = str(main.data.get("sub_dags", {}).get(str(address), ""))
        self.dag = self.agent.find_dag(self.id)

    @property
    def waits(self) -> bool:
        return self.dag is not None and self.dag.current_node.sub_tasks[0].state == "FAILED"

    @property
    def succeeded(self) -> bool:
        return self.dag is not None and self.waits and self.dag.stage == len(self.dag.nodes)

    def operate(self, operator: str) -> str:
        """Apply an operator. Return the error of the agent, which is empty if there is none."""
        try:
            if self.dag:
                self.agent.operate(self.dag, operator)
        except ApiError as error:
            return error.message(self.agent.version)
        return ""

    def log(self) -> list[str]:
        """What its nodes have logged."""
        sub_tasks = (sub_task for node in (self.dag.nodes if self.dag else ()) for sub_task in node.sub_tasks)
        return [f"{sub_task.name}: {line.text}" for sub_task in sub_tasks for line in sub_task.log]


def _parts(agent: AgentModel, dag: Dag) -> list[Part]:
    return [Part(agent, dag, address) for address in dag.parameters["targets"]]


def inform(agent: AgentModel, dag: Dag, sub_task: SubTask) -> Work:
    """Have each agent create its part, one tick later if parts of other DAGs are to be passed first."""
    informed = [f"Inform {address} to create the task" for address in dag.parameters["targets"]]

    def created() -> bool:
        agent.engine.log(sub_task, *_create_parts(agent, dag))
        return True

    passed = [_pass_parts(agent, main_id) for main_id in dag.parameters["pass_first"]]
    if any(passed):
        return Work(informed, has_ended=created)
    return Work([*informed, *_create_parts(agent, dag)])


def _create_parts(agent: AgentModel, dag: Dag) -> list[str]:
    return [_create(part.agent, part.address, agent, dag) for part in _parts(agent, dag)]


def _create(target: AgentModel, address: Address, agent: AgentModel, main: Dag) -> str:
    kind = PART_OF_START if main.name == "Start OB" else PART_OF_STOP
    try:
        created = target.submit(kind, requested_by=main.name)
    except ApiError:
        held = next(dag for dag in target.engine.dags if dag.holds_lock and dag.kind.maintenance.type != NO_MAINTENANCE)
        holder = f"{held.data.get('main_dag_id', target.id_of(held))}:{held.name}"
        return f"ERROR: [Agent.UnderMaintenanceDag]: {address} is under maintenance by DAG [{holder}]"
    created.data["main_dag_id"] = agent.id_of(main)
    main.data.setdefault("sub_dags", {})[str(address)] = target.id_of(created)
    return f"create task {target.id_of(created)} successfully"


def _pass_parts(agent: AgentModel, main_id: str) -> bool:
    """Pass the parts of another DAG. Return whether the agents accepted that."""
    main = agent.find_dag(main_id)
    errors = [part.operate("PASS") for part in _parts(agent, main)] if main else ["not found"]
    return not any(errors)


def make_sure(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    parts = _parts(agent, dag)
    missing = _list(part for part in parts if part.dag is None)
    if missing:
        text = f"check sub dag created failed: Sub DAG of agents: {missing} not created, main DAG failed"
        return Work([f"ERROR: [Task.SubDag.NotAllCreated]: {text}"], failed=True)
    lines = ["All agents have created the tasks successfully", "Check if all agents can be advanced"]
    ready = [f"{part.address} is ready" for part in parts]
    if all(part.waits for part in parts):
        return Work([*lines, *ready])
    return Work(lines, ready, has_ended=lambda: all(part.waits for part in _parts(agent, dag)))


def _list(parts: Iterable[Part]) -> str:
    addresses = [str(part.address) for part in parts]
    return f"[{' '.join(addresses)}]" if addresses else ""


def advance(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    for part in _parts(agent, dag):
        if part.dag:
            part.dag.parameters["notified_up_to"] = part.dag.stage
            part.operate("RETRY")
    return Work([f"advance {address} to execute the task" for address in dag.parameters["targets"]])


def wait_for_parts(agent: AgentModel, dag: Dag, sub_task: SubTask) -> Work:
    """Wait until each part has succeeded, or failed. Both are the same to this node."""

    def have_ended() -> bool:
        parts = _parts(agent, dag)
        ended = all(part.dag and part.dag.state == "FAILED" for part in parts)
        for part in parts if ended else ():
            result = [f"{part.id} succeed"] if part.succeeded else []
            agent.engine.log(sub_task, *part.log(), *result)
        return ended

    return Work(["Wait for task to succeed"], has_ended=have_ended)


def start_zone(_agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work(["start zone"])


def start_zone_failed(agent: AgentModel, dag: Dag) -> FailureLog:
    """The agent then ends the parts."""
    for part in _parts(agent, dag):
        part.operate("PASS")
    lines = ["start zone", "ERROR: [MySQL.Error]: MySQL error: Error 1644 (45000): made to fail"]
    ends = [f"{address} end the task" for address in dag.parameters["targets"]]
    return FailureLog([*lines, *ends], "ERROR: [Common.Unexpected]: Unexpected error: start zone failed")


def end_parts(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    parts, lines, not_passed = _parts(agent, dag), [], False
    failed = [part for part in parts if part.waits and not part.succeeded]
    for part in failed:
        lines.append(f"ERROR: [Common.Unexpected]: Unexpected error: agent {part.address} not succeed")
    if not failed:
        lines += ["Check the final result: SUCCEED!", "End all tasks"]
    for part in parts:
        error = part.operate("PASS")
        if error:
            not_passed = True
            request = f"Request [POST]/api/v1/task/dag/{part.id} to {part.address} error: {error}"
            text = f"{part.address} failed to end the task : {request}"
            lines.append(f"ERROR: [Common.Unexpected]: Unexpected error: {text}")
        lines.append(f"{part.address} end the task")
    if failed:
        text = f"check sub dag succeed failed: Sub DAG of agents: {_list(failed)} failed, main DAG failed"
        lines.append(f"ERROR: [Task.SubDag.NotAllSucceed]: {text}")
    elif not_passed:
        lines.append("ERROR: [Task.SubDag.NotAllPassed]: Not all sub DAGs passed, main DAG failed")
    return Work(lines, failed=bool(failed) or not_passed)


_WAIT = (
    NodeKind("Make sure all agents are ready", ONLY_CANCEL, make_sure),
    NodeKind("Advance agents to execute the task", ONLY_CANCEL, advance),
    NodeKind("Wait for all agents to execute tasks successfully", ONLY_CANCEL, wait_for_parts),
)
_START_ZONE = NodeKind("Start Zone", RETRY_CANCEL, start_zone, failure=start_zone_failed)
_END = NodeKind("Inform all agents to end the task", ONLY_CANCEL, end_parts)


def start_oceanbase(*, with_zones: bool) -> DagKind:
    first = NodeKind("Inform all agents to start observer", ONLY_CANCEL, inform)
    nodes = (first, *_WAIT, *([_START_ZONE] if with_zones else []), _END)
    return DagKind("Start OB", nodes, maintenance=Maintenance(NO_MAINTENANCE))


def stop_oceanbase() -> DagKind:
    first = NodeKind("Inform all agents to prepare to stop observer", ONLY_CANCEL, inform)
    return DagKind("Stop OB", (first, *_WAIT, _END), maintenance=Maintenance(NO_MAINTENANCE))
