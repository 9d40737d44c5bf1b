# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Update observer config" and "Update cluster config": what a cluster is to be initialised with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..work import Work
from .definition import RETRY_CANCEL, NodeKind, one_node

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask


def update_observer_config(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    scope = dag.parameters["scope"]

    def updated() -> None:
        targets = [""] if scope.get("type", "GLOBAL").upper() == "GLOBAL" else scope.get("target", [])
        for target in targets:
            agent.cluster.observer_options[target] = dict(dag.parameters["config"])
        for member in agent.members:
            member.configure_observer(agent.cluster.observer_options)

    return Work(on_success=updated)


def update_cluster_config(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    parameters = dag.parameters

    def updated() -> None:
        agent.cluster.name, agent.cluster.id = parameters["name"], parameters["id"]
        if parameters["password"] is not None:
            agent.root_password = parameters["password"]

    return Work(on_success=updated)


UPDATE_OBSERVER_CONFIG = one_node(NodeKind("Update observer config", RETRY_CANCEL, update_observer_config))
UPDATE_CLUSTER_CONFIG = one_node(NodeKind("Update cluster config", RETRY_CANCEL, update_cluster_config))
