# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-tasks a master has a follower do: the follower runs a DAG of its own, and the master watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _dags
from ._errors import ApiError
from ._model import Dag, SubTask
from ._operators import operate
from ._work import Work

if TYPE_CHECKING:
    from ._agent import Agent

REMOTE = {_dags.WORKDIR: _dags.DESTROY, _dags.START: _dags.STOP, _dags.SYNCHRONIZE: _dags.SYNCHRONIZE}
"""What a follower can be asked for, and the DAG that undoes it once it has succeeded."""


class _Refused(Exception):
    """The follower did not take it; the message ends the sub-task's log."""


class _Remote:
    """One execution of a sub-task on a follower."""

    def __init__(self, agent: Agent, dag: Dag, sub_task: SubTask) -> None:
        self.agent, self.dag, self.sub_task = agent, dag, sub_task
        self.work = Work()
        self._follower = agent.simulator.at(sub_task.agent)

    @property
    def follower(self) -> Agent:
        if self._follower is None or self._follower.down:
            refused = f"Request [POST] to {self.sub_task.agent} failed: retry 30 times"
            raise _Refused(self.agent.version.log_error("Agent.RPC.RequestFailed", refused))
        return self._follower

    def say(self, text: str) -> None:
        self.work.first.append(text)

    def request(self, name: str) -> Dag:
        try:
            return self.follower.submit(name, on_behalf_of=self.dag.name)
        except ApiError as error:
            raise self._refused(name, error) from error

    def operate(self, remote: Dag, operator: str) -> Dag:
        uri = f"/api/v1/task/dag/{self.follower.identify('ob', remote.id)}"
        self.say(f"send operator {operator} request to {uri}")
        try:
            operate(remote, operator, now=self.follower.clock.now())
        except ApiError as error:
            raise self._refused(uri, error) from error
        return remote

    def _refused(self, what: str, error: ApiError) -> _Refused:
        message = self.follower.version.error(error.kind, *error.values)[1]["message"]
        text = f"Request [POST]{what} to {self.sub_task.agent} error: {message}"
        return _Refused(self.agent.version.log_error("Agent.RPC.RequestError", text))

    def under_maintenance(self, remote: Dag) -> _Refused:
        by = f"{self.follower.identify('ob', remote.id)}:{remote.name}"
        text = f"{self.sub_task.agent} is under maintenance by DAG [{by}]"
        return _Refused(self.agent.version.log_error("Agent.UnderMaintenanceDag", text))

    def watch(self, remote: Dag) -> Work:
        follower = self.follower
        remote_id = follower.identify("ob", remote.id)
        log = self.agent.engine.log

        def poll() -> bool:
            if follower.down:
                return False
            log(self.sub_task, f"remote task {remote_id} {remote.name} running [{remote.stage}/{len(remote.nodes)}]")
            if not remote.finished:
                return False
            for sub_task in (sub_task for node in remote.nodes for sub_task in node.sub_tasks):
                log(self.sub_task, *(f"task {sub_task.name}: {line.text}" for line in sub_task.lines))
            if remote.state == "FAILED":
                self.work.failed = True
                failed = f"Remote task {remote_id} {remote.name} failed"
                log(self.sub_task, self.agent.version.log_error("Task.RemoteTask.Failed", failed))
            return True

        self.work.poll, self.work.remote_id = poll, remote_id
        return self.work

    def refuse(self, refused: _Refused) -> Work:
        self.say(str(refused))
        self.work.failed = True
        return self.work


def remote_run(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    remote = _Remote(agent, dag, sub_task)
    if sub_task.name == _dags.START:
        remote.say("start observer")
    elif sub_task.name == _dags.SYNCHRONIZE:
        remote.say("encrypt password for agent")
    retry = dag.node.operator == "RETRY"
    remote.say(f"retry flag: {str(retry).lower()}")
    try:
        last = remote.follower.last_maintenance_dag()
        if retry and last and (last.name, last.state) == (sub_task.name, "FAILED"):
            return remote.watch(remote.operate(last, "RETRY"))
        return remote.watch(remote.request(sub_task.name))
    except _Refused as refused:
        return remote.refuse(refused)


def remote_rollback(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    remote = _Remote(agent, dag, sub_task)
    try:
        return _roll_back(remote, undo=REMOTE[sub_task.name])
    except _Refused as refused:
        return remote.refuse(refused)


def _roll_back(remote: _Remote, *, undo: str) -> Work:
    last = remote.follower.last_maintenance_dag()
    if last is None:
        remote.say("agent never execute maintain task, no need rollback")
        return remote.work
    if remote.follower.identify("ob", last.id) != remote.sub_task.remote_id:
        if last.name == undo:
            return remote.watch(remote.operate(last, "RETRY") if last.state == "FAILED" else last)
        if last.state != "SUCCEED":
            raise remote.under_maintenance(last)
        return _undo(remote, undo)
    if last.operator == "ROLLBACK":
        return remote.watch(remote.operate(last, "ROLLBACK") if last.state == "FAILED" else last)
    if last.state == "SUCCEED":
        return _undo(remote, undo)
    if last.state == "RUNNING":
        remote.operate(last, "CANCEL")
    return remote.watch(remote.operate(last, "ROLLBACK"))


def _undo(remote: _Remote, undo: str) -> Work:
    remote.say("remote task is succeed, send rpc to rollback")
    return remote.watch(remote.request(undo))
