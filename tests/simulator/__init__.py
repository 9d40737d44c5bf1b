# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The obshell agent, simulated: the same answers over HTTP and the unix socket, without a database behind.

with Simulator([AgentSpec(version="4.5.0.0")], speed=50) as sim:
    dag_id = sim.fail_init(obstacle=Obstacle(node="Create observer workdir", times=1), root_password="...")
"""

from __future__ import annotations

from ._agent import Agent
from ._faults import Fault
from ._hold import Hold
from ._journal import Entry, Journal
from ._obstacles import HELD, Obstacle, Pace
from ._simulator import Simulator
from ._spec import AgentSpec, Tls

__all__ = [
    "HELD",
    "Agent",
    "AgentSpec",
    "Entry",
    "Fault",
    "Hold",
    "Journal",
    "Obstacle",
    "Pace",
    "Simulator",
    "Tls",
]
