# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DAGs of one agent, and the scheduler that advances them by one step with each tick."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .clock import Clock
from .dag import Dag, Json, LogLine, Node, SubTask
from .generic_id import Address, IdKind
from .kinds.definition import DagKind, NodeKind
from .next_operator import next_operator
from .work import Work

CANCEL_TICKS = 2


@dataclass
class RunningWork:
    """An execution that lasts longer than the tick in which it began."""

    sub_task: SubTask
    work: Work
    age: int = 0

    def is_over(self) -> bool:
        return self.work.has_ended() if self.work.has_ended else self.work.duration <= self.age


def ignore(_dag: Dag) -> None:
    """Do nothing when a DAG ends."""


class Engine:
    """Stores and advances DAGs. `execute` returns what an execution of a sub-task does."""

    def __init__(
        self, *, clock: Clock, execute: Callable[[Dag, SubTask], Work], ended: Callable[[Dag], None] = ignore
    ) -> None:
        self.dags: list[Dag] = []
        self._clock = clock
        self._execute = execute
        self._ended = ended
        self._running: list[RunningWork] = []
        self._cancelled: list[RunningWork] = []
        self._numbers = {what: itertools.count(1) for what in ("dag", "node", "sub-task", "log line")}

    def create(
        self, kind: DagKind, nodes: Sequence[tuple[NodeKind, Sequence[Address]]], parameters: Json | None = None
    ) -> Dag:
        """Create a DAG. Each node has a sub-task for each of its agents."""
        number, now = next(self._numbers["dag"]), self._clock.now()
        created = [self._create_node(node, agents) for node, agents in nodes]
        dag = Dag(number, kind.name, now, now, kind, created, parameters=parameters or {}, state="READY")
        self.dags.append(dag)
        return dag

    def _create_node(self, kind: NodeKind, agents: Sequence[Address]) -> Node:
        number, now = next(self._numbers["node"]), self._clock.now()
        return Node(number, kind.name, now, now, kind, [self._create_sub_task(kind, agent) for agent in agents])

    def _create_sub_task(self, kind: NodeKind, agent: Address) -> SubTask:
        now = self._clock.now()
        return SubTask(next(self._numbers["sub-task"]), kind.name, now, now, kind, agent)

    def find(self, id_kind: IdKind, number: int) -> Dag | None:
        return next((dag for dag in self.dags if dag.id_kind == id_kind and dag.id == number), None)

    def sub_tasks(self, id_kind: IdKind) -> Iterator[SubTask]:
        nodes = (node for dag in self.dags if dag.id_kind == id_kind for node in dag.nodes)
        return (sub_task for node in nodes for sub_task in node.sub_tasks)

    def log(self, sub_task: SubTask, *texts: str) -> None:
        for text in texts:
            number = next(self._numbers["log line"])
            sub_task.log.append(LogLine(number, sub_task.execute_times, text, self._clock.now()))

    def tick(self) -> None:
        """Advance each DAG by one step. A real agent does so once a second."""
        for running in list(self._running):
            running.age += 1
            if running.work.has_ended is None and running.work.duration < running.age:
                self._end(running)
        self._log_cancelled()
        # The parts of other DAGs first: what a main DAG does to its part shows there one tick later.
        for dag in sorted(self.dags, key=lambda dag: "main_dag_id" not in dag.data):
            if not dag.finished:
                self._advance_dag(dag)
        for running in [running for running in self._running if running.age]:
            if running.is_over():
                self._end(running)

    def _advance_dag(self, dag: Dag) -> None:
        started = dag.state == "READY"
        if started:
            dag.state, dag.start_time = "RUNNING", self._clock.now()
        node = dag.current_node
        if node.state == "PENDING":
            node.state, node.start_time = "RUNNING", self._clock.now()
            node.end_time = node.start_time
        if not node.finished:
            self._advance_node(dag, node)
        # The scheduler stores a DAG only if the start time is still the one that it read. In the tick in which it sets
        # the start time, it cannot end a stage.
        if node.finished and not started:
            self._leave_node(dag, node)

    def _leave_node(self, dag: Dag, node: Node) -> None:
        """Go to the next stage, or to the one before if the DAG is rolled back, or end the DAG."""
        next_stage = dag.stage + (-1 if dag.operator == "ROLLBACK" else 1)
        if node.state == "FAILED":
            dag.state, dag.end_time = "FAILED", self._clock.now()
        elif 1 <= next_stage <= len(dag.nodes):
            dag.stage = next_stage
        else:
            dag.state, dag.end_time = "SUCCEED", self._clock.now()
        if dag.finished:
            self._ended(dag)

    def _advance_node(self, dag: Dag, node: Node) -> None:
        if node.operator == "CANCEL":
            self._cancel(node)
        operators = [next_operator(node, sub_task) for sub_task in node.sub_tasks]
        for sub_task, operator in zip(node.sub_tasks, operators):
            if operator:
                self._start(dag, sub_task, operator)
        states = {sub_task.state for sub_task in node.sub_tasks}
        if any(operators) or states & {"READY", "RUNNING"}:
            return
        node.state = "FAILED" if "FAILED" in states or node.operator == "CANCEL" else "SUCCEED"
        node.end_time = self._clock.now()

    def _start(self, dag: Dag, sub_task: SubTask, operator: str) -> None:
        sub_task.state, sub_task.operator, sub_task.start_time = "RUNNING", operator, self._clock.now()
        sub_task.execute_times += 1
        work = self._execute(dag, sub_task)
        self.log(sub_task, *work.first_lines)
        if work.has_ended is None and work.duration == 0:
            self._finish(sub_task, work)
        else:
            self._running.append(RunningWork(sub_task, work))

    def _end(self, running: RunningWork) -> None:
        self._running.remove(running)
        self._finish(running.sub_task, running.work)

    def _finish(self, sub_task: SubTask, work: Work) -> None:
        self.log(sub_task, *work.last_lines)
        sub_task.state, sub_task.end_time = "FAILED" if work.failed else "SUCCEED", self._clock.now()
        sub_task.follower_dag_id = work.follower_dag_id or sub_task.follower_dag_id
        if work.on_success and not work.failed:
            work.on_success()

    def _cancel(self, node: Node) -> None:
        for running in [running for running in self._running if running.sub_task in node.sub_tasks]:
            self._running.remove(running)
            self._cancelled.append(RunningWork(running.sub_task, running.work))
            self.log(running.sub_task, "sub task cancelled")
            running.sub_task.state, running.sub_task.end_time = "FAILED", self._clock.now()

    def _log_cancelled(self) -> None:
        """Log what a sub-task does once it is cancelled, which is after its DAG has ended."""
        for cancelled in self._cancelled.copy():
            cancelled.age += 1
            if cancelled.age == CANCEL_TICKS:
                self._cancelled.remove(cancelled)
                self.log(cancelled.sub_task, *cancelled.work.lines_if_cancelled)
