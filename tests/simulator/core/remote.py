# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sub-task that the master has a follower do: the follower runs a DAG of its own, and the master polls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dag import Dag, SubTask
from .errors import ApiError, error_line
from .operators import operate
from .work import Work

if TYPE_CHECKING:
    from .agent import AgentModel
    from .kinds.definition import DagKind, FollowerDags


class FollowerRefused(Exception):
    """The follower refused a request, or is down. The message is the last line of the sub-task's log."""


def execute_on_follower(master: AgentModel, dag: Dag, sub_task: SubTask, dags: FollowerDags) -> Work:
    execution = RemoteExecution(master, dag, sub_task, dags)
    try:
        follower_dag = execution.roll_back() if sub_task.operator == "ROLLBACK" else execution.run()
    except FollowerRefused as refusal:
        return Work([*execution.lines, str(refusal)], failed=True)
    if follower_dag is None:
        return Work(execution.lines)
    return execution.poll(follower_dag)


class RemoteExecution:
    """One execution of a sub-task on a follower. `lines` is what the master logs until it polls."""

    def __init__(self, master: AgentModel, dag: Dag, sub_task: SubTask, dags: FollowerDags) -> None:
        self.master, self.dag, self.sub_task, self.dags = master, dag, sub_task, dags
        self.lines: list[str] = []

    @property
    def follower(self) -> AgentModel:
        found = self.master.network.find_agent(self.sub_task.agent)
        if found is None or found.down:
            message = f"Request [POST] to {self.sub_task.agent} failed: retry 30 times"
            raise FollowerRefused(error_line(self.master.version, "Agent.RPC.RequestFailed", message))
        return found

    def run(self) -> Dag:
        """Create the follower's DAG. A RETRY retries the one that failed instead."""
        if self.dags.first_line:
            self.lines.append(self.dags.first_line)
        retry = self.dag.current_node.operator == "RETRY"
        self.lines.append(f"retry flag: {str(retry).lower()}")
        last = self.follower.last_dag()
        if retry and last and (last.name, last.state) == (self.dags.run.name, "FAILED"):
            return self._operate(last, "RETRY")
        return self._create(self.dags.run)

    def roll_back(self) -> Dag | None:
        """Roll back the follower's DAG, or create the one that undoes it. None means that nothing is to be undone."""
        last = self.follower.last_dag()
        if last is None:
            self.lines.append("agent never execute maintain task, no need rollback")
            return None
        if self.follower.id_of(last) == self.sub_task.follower_dag_id:
            return self._roll_back_own(last)
        if last.name == self.dags.undo.name:
            return self._operate(last, "RETRY") if last.state == "FAILED" else last
        if last.state != "SUCCEED":
            raise self._under_maintenance(last)
        return self._undo()

    def _roll_back_own(self, last: Dag) -> Dag:
        """Roll back the DAG that the last execution of this sub-task created."""
        if last.operator == "ROLLBACK":
            return self._operate(last, "ROLLBACK") if last.state == "FAILED" else last
        if last.state == "SUCCEED":
            return self._undo()
        if last.state == "RUNNING":
            self._operate(last, "CANCEL")
        return self._operate(last, "ROLLBACK")

    def _undo(self) -> Dag:
        self.lines.append("remote task is succeed, send rpc to rollback")
        return self._create(self.dags.undo)

    def _create(self, kind: DagKind) -> Dag:
        try:
            return self.follower.submit(kind, requested_by=self.dag.name)
        except ApiError as error:
            raise self._refused(kind.name, error) from error

    def _operate(self, dag: Dag, operator: str) -> Dag:
        uri = f"/api/v1/task/dag/{self.follower.id_of(dag)}"
        self.lines.append(f"send operator {operator} request to {uri}")
        try:
            operate(dag, operator, now=self.follower.clock.now())
        except ApiError as error:
            raise self._refused(uri, error) from error
        return dag

    def _refused(self, request: str, error: ApiError) -> FollowerRefused:
        message = f"Request [POST]{request} to {self.sub_task.agent} error: {error.message(self.follower.version)}"
        return FollowerRefused(error_line(self.master.version, "Agent.RPC.RequestError", message))

    def _under_maintenance(self, dag: Dag) -> FollowerRefused:
        message = f"{self.sub_task.agent} is under maintenance by DAG [{self.follower.id_of(dag)}:{dag.name}]"
        return FollowerRefused(error_line(self.master.version, "Agent.UnderMaintenanceDag", message))

    def poll(self, dag: Dag) -> Work:
        """The work of polling the follower's DAG until it has ended."""
        follower = self.follower
        work = Work(self.lines, follower_dag_id=follower.id_of(dag))

        def has_ended() -> bool:
            if follower.down:
                return False
            self._log(f"remote task {work.follower_dag_id} {dag.name} running [{dag.stage}/{len(dag.nodes)}]")
            if dag.finished:
                self._log_end(dag, work.follower_dag_id)
                work.failed = dag.state == "FAILED"
            return dag.finished

        work.has_ended = has_ended
        return work

    def _log_end(self, dag: Dag, dag_id: str) -> None:
        """Repeat the log of the follower's sub-tasks."""
        for sub_task in (sub_task for node in dag.nodes for sub_task in node.sub_tasks):
            self._log(*(f"task {sub_task.name}: {line.text}" for line in sub_task.log))
        if dag.state == "FAILED":
            failed = f"Remote task {dag_id} {dag.name} failed"
            self._log(error_line(self.master.version, "Task.RemoteTask.Failed", failed))

    def _log(self, *texts: str) -> None:
        self.master.engine.log(self.sub_task, *texts)
