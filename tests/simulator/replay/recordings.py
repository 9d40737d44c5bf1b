# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recordings in tests/recordings, and the settings with which each of them is replayed.

A recording has the requests and the answers, but not what happened beside them: which agents there were, what failed,
and which sub-task was executing at the moment of a poll. The settings say so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.obstacles import Delay, Obstacle
from ..core.spec import AgentSpec

FOLDER = Path(__file__).parents[2] / "recordings"
ROOT_PASSWORD = "a root password, longer than one block of a small key"
AGENT_PASSWORD = "Agent#pw1"
OBSERVER_VERSION = "4.3.5.2-102020032025070817"
WORKDIR = "Create observer workdir"

Step = dict[str, Any]


@dataclass(frozen=True)
class Recording:
    """A recording, and its settings. Steps are counted from 0."""

    file: str
    agents: Sequence[AgentSpec]
    preset: str = ""
    """The preset that runs before step 0. Its arguments are the obstacle and the root password."""
    obstacle: Obstacle | None = None
    obstacle_until: int | None = None
    """The step before which the obstacle is removed."""
    delays: Mapping[int, Delay] = field(default_factory=dict)
    """The delays that begin before a step: the poll came while the sub-task of the master was executing."""

    def load(self) -> list[Step]:
        steps: list[Step] = json.loads((FOLDER / self.file).read_text(encoding="utf-8"))["steps"]
        return steps


def _agent(version: str, port: int, **settings: Any) -> AgentSpec:
    return AgentSpec(version=version, advertised_port=port, **{"observer_version": "", **settings})


def _short(node: str, **settings: Any) -> Delay:
    """A delay of the first agent's sub-task that ends before the next tick advances the DAG."""
    return Delay(node=node, agent=0, ticks=0.5, times=1, **settings)


RECORDINGS = {
    recording.file: recording
    for recording in (
        Recording(
            "one-agent-4.2.5.0.json",
            agents=(_agent("4.2.5.0", 2986),),
            obstacle=Obstacle(WORKDIR),
            obstacle_until=59,
            delays={18: _short("Integrate config", lines=5)},
        ),
        Recording(
            "one-agent-4.5.0.0.json",
            agents=(_agent("4.5.0.0", 2976),),
            obstacle=Obstacle(WORKDIR),
            obstacle_until=59,
        ),
        Recording(
            "two-agents-4.5.0.0.json",
            agents=(
                _agent("4.5.0.0", 2950, home="/home/admin/oceanbase2950", observer_version=OBSERVER_VERSION),
                _agent("4.5.0.0", 2951, home="/home/admin/oceanbase2951", observer_version=OBSERVER_VERSION),
            ),
            obstacle=Obstacle("Start observer"),
            delays={38: _short(WORKDIR, operator="ROLLBACK")},
        ),
        Recording(
            "init-recovers-4.5.0.0.json",
            # The database that stood in for OceanBase accepted only restricted connections.
            agents=(_agent("4.5.0.0", 2731, observer_version="4.3.5.2", observer_state=2),),
            preset="fail_init",
            obstacle=Obstacle(WORKDIR, times=1),
            delays={9: _short("Migrate table", lines=1), 19: _short("Convert master to cluster agent", lines=2)},
        ),
        Recording(
            "obproxy-4.5.0.0.json",
            agents=(_agent("4.5.0.0", 2962, agent_password=AGENT_PASSWORD),),
            obstacle=Obstacle("Start obproxy"),
        ),
    )
}
