# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind "Synchronize agent from cluster": an agent reads its data from the database; a follower converts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..work import Work
from .definition import RETRY_CANCEL, NodeKind, one_node

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask


def synchronize(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    def synchronized() -> None:
        if agent.identity == "FOLLOWER":
            agent.identity = "CLUSTER AGENT"
            agent.root_password = agent.master.root_password if agent.master else agent.root_password

    lines = ["try to connect", "connect succeed, dump password", "synchronize agent from oceanbase", "sync agent data"]
    return Work(lines, on_success=synchronized)


SYNCHRONIZE = one_node(NodeKind("Synchronize agent from cluster", RETRY_CANCEL, synchronize))
