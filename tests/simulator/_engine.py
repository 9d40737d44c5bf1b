# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One agent's DAGs and the scheduler that advances them, a step with each tick."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ._clock import Clock
from ._ids import Address, Kind
from ._model import Dag, Line, Node, SubTask
from ._work import Stage, Work


@dataclass
class _Execution:
    dag: Dag
    sub_task: SubTask
    work: Work
    age: int = 0


class Engine:
    """`execute` says what an execution of a sub-task does; everything else is the scheduler's."""

    def __init__(self, *, clock: Clock, execute: Callable[[Dag, SubTask], Work]) -> None:
        self.dags: list[Dag] = []
        self._clock = clock
        self._execute = execute
        self._executions: list[_Execution] = []
        self._numbers = {what: itertools.count(1) for what in ("dag", "node", "task", "line")}

    def submit(
        self, name: str, stages: list[Stage], *, kind: Kind = "ob", parameters: dict[str, object] | None = None
    ) -> Dag:
        created = self._clock.now()
        dag = Dag(
            next(self._numbers["dag"]),
            name,
            created,
            created,
            kind=kind,
            nodes=[self._node(stage) for stage in stages],
            parameters=parameters or {},
            state="READY",
        )
        self.dags.append(dag)
        return dag

    def _node(self, stage: Stage) -> Node:
        now = self._clock.now()
        number = next(self._numbers["node"])
        return Node(number, stage.name, now, now, stage.can, [self._sub_task(stage, agent) for agent in stage.agents])

    def _sub_task(self, stage: Stage, agent: Address) -> SubTask:
        now = self._clock.now()
        return SubTask(next(self._numbers["task"]), stage.name, now, now, agent)

    def find(self, kind: Kind, number: int) -> Dag | None:
        return next((dag for dag in self.dags if dag.kind == kind and dag.id == number), None)

    def nodes(self) -> Iterator[tuple[Dag, Node]]:
        return ((dag, node) for dag in self.dags for node in dag.nodes)

    def log(self, sub_task: SubTask, *texts: str) -> None:
        for text in texts:
            number = next(self._numbers["line"])
            sub_task.lines.append(Line(number, sub_task.execute_times, text, self._clock.now()))

    def tick(self) -> None:
        for execution in list(self._executions):
            execution.age += 1
            if execution.work.poll is None and execution.work.length < execution.age:
                self._end(execution)
        for dag in list(self.dags):
            if not dag.finished:
                self._advance(dag)
        for execution in [execution for execution in self._executions if execution.age]:
            self._continue(execution)

    def _advance(self, dag: Dag) -> None:
        # The scheduler updates a DAG by the start time it read before it started it, so nothing ends in that tick.
        started = dag.state == "READY"
        if started:
            dag.state, dag.start = "RUNNING", self._clock.now()
        node = dag.node
        if node.state == "PENDING":
            node.state, node.start = "RUNNING", self._clock.now()
            node.end = node.start
        if not node.finished:
            self._advance_node(dag, node)
        if not node.finished or started:
            return
        following = dag.stage + (-1 if dag.operator == "ROLLBACK" else 1)
        if node.state == "FAILED":
            dag.state, dag.end = "FAILED", self._clock.now()
        elif 1 <= following <= len(dag.nodes):
            dag.stage = following
        else:
            dag.state, dag.end = "SUCCEED", self._clock.now()

    def _advance_node(self, dag: Dag, node: Node) -> None:
        handle = {"ROLLBACK": _rolls_back, "RETRY": _retries, "CANCEL": _cancels}.get(node.operator, _runs)
        if node.operator == "CANCEL":
            self._cancel(node)
        operators = [handle(node, sub_task) for sub_task in node.sub_tasks]
        for sub_task, operator in zip(node.sub_tasks, operators):
            if operator:
                self._start(dag, sub_task, operator)
        if any(operators) or any(sub_task.state in ("READY", "RUNNING") for sub_task in node.sub_tasks):
            return
        states = {sub_task.state for sub_task in node.sub_tasks}
        node.state = "FAILED" if "FAILED" in states or node.operator == "CANCEL" else "SUCCEED"
        node.end = self._clock.now()

    def _start(self, dag: Dag, sub_task: SubTask, operator: str) -> None:
        sub_task.state, sub_task.operator, sub_task.start = "RUNNING", operator, self._clock.now()
        sub_task.execute_times += 1
        work = self._execute(dag, sub_task)
        execution = _Execution(dag, sub_task, work)
        self.log(sub_task, *work.first)
        if work.poll is None and work.length == 0:
            self._finish(execution)
        else:
            self._executions.append(execution)

    def _continue(self, execution: _Execution) -> None:
        poll = execution.work.poll
        if poll() if poll else execution.work.length <= execution.age:
            self._end(execution)

    def _end(self, execution: _Execution) -> None:
        self._executions.remove(execution)
        self._finish(execution)

    def _finish(self, execution: _Execution) -> None:
        sub_task, work = execution.sub_task, execution.work
        self.log(sub_task, *work.last)
        sub_task.state, sub_task.end = "FAILED" if work.failed else "SUCCEED", self._clock.now()
        sub_task.remote_id = work.remote_id or sub_task.remote_id
        if work.effect and not work.failed:
            work.effect()

    def _cancel(self, node: Node) -> None:
        for execution in [execution for execution in self._executions if execution.sub_task in node.sub_tasks]:
            self._executions.remove(execution)
            self.log(execution.sub_task, "sub task cancelled")
            execution.sub_task.state, execution.sub_task.end = "FAILED", self._clock.now()


def _runs(node: Node, sub_task: SubTask) -> str:
    return "RUN" if sub_task.state == "PENDING" else ""


def _rolls_back(node: Node, sub_task: SubTask) -> str:
    if sub_task.operator == "RUN" and sub_task.state == "PENDING":
        return ""
    return "ROLLBACK" if sub_task.operator != "ROLLBACK" or sub_task.start < node.start else ""


def _retries(node: Node, sub_task: SubTask) -> str:
    if sub_task.state == "PENDING":
        return "RUN"
    if sub_task.state == "FAILED" and sub_task.start < node.start:
        return "ROLLBACK"
    rolled_back = sub_task.state == "SUCCEED" and sub_task.operator == "ROLLBACK" and sub_task.start > node.start
    return "RUN" if rolled_back else ""


def _cancels(node: Node, sub_task: SubTask) -> str:
    return ""
