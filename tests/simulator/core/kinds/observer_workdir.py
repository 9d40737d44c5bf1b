# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Create observer workdir" and "Destroy observer workdir": the directories of one database server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import error_line
from ..work import Work
from .definition import RETRY_CANCEL, RETRY_ROLLBACK_CANCEL, FailureLog, NodeKind, one_node

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask


def create_workdir(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    home, data, redo = agent.spec.home, agent.observer.data_dir, agent.observer.redo_dir
    if agent.observer.has_workdir:
        # Of another DAG: a RETRY removes what its own node created first.
        failure = data_dir_not_empty(agent, dag)
        return Work([*failure.lines, failure.error], failed=True)

    def created() -> None:
        agent.observer.has_workdir = True

    return Work(
        [
            f"mkdir data_dir: {data}",
            f"mkdir redo_dir: {redo}",
            f"mkdir clog_dir: {redo}/clog",
            f"mkdir slog_dir: {data}/slog",
            f"symlink {data}: {home}/store",
            f"symlink {redo}: {home}/store",
            f"symlink {redo}/clog: {home}/store/clog",
            f"symlink {data}/slog: {home}/store/slog",
            f"mkdir {home}/etc",
            f"mkdir {home}/log",
            f"mkdir {home}/store/sstable",
        ],
        on_success=created,
    )


def data_dir_not_empty(agent: AgentModel, _dag: Dag) -> FailureLog:
    data = agent.observer.data_dir
    directory = "Directory" if agent.version.error_codes else "dir"
    error = error_line(agent.version, "Common.DirNotEmpty", f"{directory} '{data}' is not empty")
    return FailureLog([f"mkdir data_dir: {data}"], error)


def undo_workdir(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work([*_clear_store(agent), *_clear_home(agent)], on_success=lambda: _forget_workdir(agent))


def destroy_workdir(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work([*_clear_home(agent), *_clear_store(agent)], on_success=lambda: _forget_workdir(agent))


def _clear_store(agent: AgentModel) -> list[str]:
    if not agent.observer.has_workdir:
        return []
    store, data, redo = f"{agent.spec.home}/store", agent.observer.data_dir, agent.observer.redo_dir
    directories = (store, data, store, data, f"{store}/clog", f"{redo}/clog", f"{store}/slog", f"{data}/slog")
    return [f"clear dir {directory}" for directory in directories]


def _clear_home(agent: AgentModel) -> list[str]:
    return [f"clear dir {agent.spec.home}/etc", f"clear dir {agent.spec.home}/log"]


def _forget_workdir(agent: AgentModel) -> None:
    agent.observer.has_workdir = False


CREATE_WORKDIR = one_node(
    NodeKind("Create observer workdir", RETRY_ROLLBACK_CANCEL, create_workdir, undo_workdir, data_dir_not_empty)
)
DESTROY_WORKDIR = one_node(NodeKind("Destroy observer workdir", RETRY_CANCEL, destroy_workdir))
