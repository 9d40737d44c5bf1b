# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request storm: after a read of an unknown DAG, the agents of a cluster ask each other without end.

An agent that does not find a DAG while its database is not available asks all other agents of its cluster for the same
path. Each of them asks back, until all of them are out of file descriptors. This was measured on two real agents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .generic_id import GenericId

if TYPE_CHECKING:
    from .agent import AgentModel

STORM_TICKS = 110
"""For how long the agents are out of file descriptors."""


def starts_storm(agent: AgentModel, wanted: GenericId) -> bool:
    """Whether a GET of this DAG, which the agent does not find, starts a storm.

    :param agent: the agent that the ID names or, for a cluster DAG, the agent that was asked.
    """
    serving = [member for member in agent.cluster_members if not member.down]
    if not agent.version.asks_others_for_dags or len(serving) < 2:
        return False
    asked = serving if wanted.kind == "cluster" else [agent]
    return not any(member.database_available for member in asked)


def begin_storm(agent: AgentModel) -> None:
    for member in agent.cluster_members:
        member.out_of_files_for = STORM_TICKS
