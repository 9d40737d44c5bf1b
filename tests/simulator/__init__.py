# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The obshell agent, simulated: the same answers over HTTP and over the unix socket, without a database.

with Simulator([AgentSpec(version="4.5.0.0")], speed=50) as simulator:
    dag_id = simulator.fail_init(obstacle=Obstacle(node="Create observer workdir", times=1), root_password="...")

The code is in three packages, and imports go one way:

core/      the model of an agent: DAGs, scheduler, operators, versions, clusters
http/      agents that are served: server, authentication, routes, journal, faults
replay/    the recordings of real agents, replayed and compared; presets

simulator.py is what tests use, control.py steers a simulator from another process, __main__.py is the command line.
"""

from __future__ import annotations

from .core.obstacles import FOREVER, Delay, Obstacle
from .core.spec import AgentSpec, Tls
from .http.agent import Agent
from .http.faults import Fault
from .http.hold import Hold, HoldTogether
from .http.journal import Journal, JournalEntry
from .simulator import Simulator, StormError

__all__ = [
    "FOREVER",
    "Agent",
    "AgentSpec",
    "Delay",
    "Fault",
    "Hold",
    "HoldTogether",
    "Journal",
    "JournalEntry",
    "Obstacle",
    "Simulator",
    "StormError",
    "Tls",
]
