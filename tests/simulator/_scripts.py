# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of sub-task logs, how it fails, and what it leaves behind: in the words of the recordings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import _cluster_scripts, _dags, _host_scripts
from ._model import Dag, SubTask
from ._remote import REMOTE, remote_rollback, remote_run
from ._work import Work

if TYPE_CHECKING:
    from ._agent import Agent

Script = Callable[["Agent", Dag, SubTask], Work]

RUN: dict[str, Script] = {
    _dags.JOIN_SELF: _cluster_scripts.join_self,
    _dags.JOIN_MASTER: _cluster_scripts.join_master,
    _dags.BE_FOLLOWER: _cluster_scripts.be_follower,
    _dags.OBSERVER_CONFIG: _cluster_scripts.observer_config,
    _dags.CLUSTER_CONFIG: _cluster_scripts.cluster_config,
    _dags.INTEGRATE: _cluster_scripts.integrate,
    _dags.REMOVE_FOLLOWER: _cluster_scripts.remove_follower,
    _dags.REMOVE_MASTER: _cluster_scripts.remove_master,
    _dags.TO_SINGLE: _cluster_scripts.to_single,
    _dags.REMOVE_SELF: _cluster_scripts.remove_self,
    _dags.BOOTSTRAP: _host_scripts.bootstrap,
    _dags.MIGRATE_TABLE: _host_scripts.migrate_table,
    _dags.MODIFY_PASSWORD: _host_scripts.modify_password,
    _dags.MIGRATE_DATA: _host_scripts.migrate_data,
    _dags.CONVERT_FOLLOWERS: _cluster_scripts.convert_followers,
    _dags.SYNCHRONIZE: _cluster_scripts.synchronize,
    _dags.CONVERT_MASTER: _cluster_scripts.convert_master,
    _dags.WORKDIR: _host_scripts.create_workdir,
    _dags.START: _host_scripts.start,
    _dags.DESTROY: _host_scripts.destroy_workdir,
    _dags.STOP: _host_scripts.stop,
    _dags.START_OBPROXY: _host_scripts.start_obproxy,
}

ROLLBACK: dict[str, Script] = {
    _dags.WORKDIR: _host_scripts.undo_workdir,
    _dags.START: _host_scripts.stop,
    _dags.BOOTSTRAP: lambda agent, dag, sub_task: Work(["clear db Instance"]),
}


def execute(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    """The work of one execution on the agent that was asked, or of watching a follower that does it."""
    undo = sub_task.operator == "ROLLBACK"
    if sub_task.agent != agent.location and sub_task.name in REMOTE:
        return (remote_rollback if undo else remote_run)(agent, dag, sub_task)
    scripts = ROLLBACK if undo else RUN
    native = scripts.get(sub_task.name, _nothing)
    where = (agent.address, agent.index)
    conditions = agent.simulator.conditions
    obstacle = conditions.obstacle(dag=dag, node=sub_task.name, agent=where, operator=sub_task.operator)
    work = _host_scripts.fail(agent, dag, sub_task, logs=obstacle.logs) if obstacle else native(agent, dag, sub_task)
    pace = conditions.pace(dag=dag, node=sub_task.name, agent=where, operator=sub_task.operator)
    if pace:
        work.pace = pace
        if pace.lines is not None:
            lines = work.first + work.last
            work.first, work.last = lines[: pace.lines], lines[pace.lines :]
    return work


def _nothing(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return Work()
