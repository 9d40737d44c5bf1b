# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind "Local scale out": what a new server does while "Cluster scale out" adds it to the cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..work import Work
from .definition import RETRY_ROLLBACK, DagKind, NodeKind
from .observer_parts import prepare
from .observer_process import START_OBSERVER
from .observer_workdir import CREATE_WORKDIR

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

COORDINATED = "try rollback coordinate dag successfully"
"""A DAG has sent ROLLBACK to its twin, or its twin is rolled back already."""


def become_scaling(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    def scaling() -> None:
        agent.identity, agent.zone = "SCALING OUT", dag.parameters["zone"]
        agent.master = agent.network.find_agent(dag.parameters["master"])
        agent.root_password = agent.master.root_password if agent.master else ""
        agent.configure_observer({"": dag.parameters["config"]})

    return Work(["set agent identity to follower"], on_success=scaling)


def leave_again(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    main = _main(agent, dag)
    if agent.master and main and main.state == "FAILED":
        agent.master.operate(main, "ROLLBACK")
    return Work([], [COORDINATED], on_success=agent.become_single)


def _main(agent: AgentModel, dag: Dag) -> Dag | None:
    return agent.find_dag(dag.data["main_dag_id"])


def watch(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    """Wait until the main DAG has come to its last stage. A failure of the main DAG is one of this DAG, too."""
    work = Work(["Watch cluster scale out dag"])

    def has_ended() -> bool:
        main = _main(agent, dag)
        if main and (main.state, main.operator) == ("FAILED", "RUN"):
            error = f"ERROR: [Task.DagFailed]: watch dag failed: DAG {dag.data['main_dag_id']} {main.name} failed"
            work.failed, work.last_lines = True, [error]
        return work.failed or main is None or main.stage == len(main.nodes)

    work.has_ended = has_ended
    return work


def synchronize(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    def synchronized() -> None:
        agent.identity = "CLUSTER AGENT"

    lines = ["get ocs instance failed: Agent is not holding OceanBase, try to connect", "dump password"]
    return Work(lines, on_success=synchronized)


PREPARE = NodeKind("Start preparations", RETRY_ROLLBACK, prepare)
LOCAL_SCALE_OUT = DagKind(
    "Local scale out",
    (
        NodeKind("Be scaling agent", RETRY_ROLLBACK, become_scaling, leave_again),
        PREPARE,
        replace(CREATE_WORKDIR.nodes[0], operators=RETRY_ROLLBACK),
        PREPARE,
        replace(START_OBSERVER.nodes[0], operators=RETRY_ROLLBACK),
        NodeKind("Watch cluster scale_out dag", RETRY_ROLLBACK, watch),
        NodeKind("Sync from observer", RETRY_ROLLBACK, synchronize),
    ),
)
