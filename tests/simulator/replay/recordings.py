# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of real agents, and the settings with which each of them is replayed.

A recording has the requests and the answers, but not what happened beside them: which agents there were, what failed,
and which sub-task was executing at the moment of a poll. The settings say so, in a YAML file with the name of the
recording, beside it. Steps are counted from 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..core.generic_id import GenericId
from ..core.obstacles import Delay, Obstacle
from ..core.spec import AgentSpec

FOLDER = Path(__file__).parents[2] / "recordings"
ROOT_PASSWORD = "a root password, longer than one block of a small key"
AGENT_PASSWORD = "Agent#pw1"

Json = dict[str, Any]


@dataclass(frozen=True)
class Recording:
    """A recording, and its settings."""

    steps: Sequence[Json]
    agents: Sequence[AgentSpec]
    preset: str = ""
    """The preset that runs before step 0. Its arguments are the root password and, if there is one, the obstacle."""
    job: str = ""
    """The job of the preset create_dag."""
    lost_servers: Sequence[str] = ()
    """Addresses of servers that the cluster knows, but whose agents do not answer."""
    obstacle: Obstacle | None = None
    obstacle_until: int | None = None
    """The step before which the obstacle is removed."""
    left_out: Mapping[int, str] = field(default_factory=dict)
    """The steps whose answers are not compared, and why."""
    obstacles: Mapping[int, Sequence[Obstacle]] = field(default_factory=dict)
    """The obstacles that there are from a step on, instead of those before."""
    delays: Mapping[int, Delay] = field(default_factory=dict)
    """The delays that begin before a step: the poll came while the sub-task of the master was executing."""


def load_recording(path: Path) -> Recording:
    """Read a recording, and its settings if there are any. They name the fields of the classes here."""
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    beside = path.with_suffix(".yml")
    settings: Json = yaml.safe_load(beside.read_text(encoding="utf-8")) if beside.exists() else {}
    agents = settings.get("agents") or [{"advertised_port": port} for port in _ports(content["steps"])]
    obstacle = settings.get("obstacle")
    delays = {step: _short_delay(delay) for step, delay in settings.get("delays", {}).items()}
    return Recording(
        **{
            **settings,
            "steps": content["steps"],
            "agents": [AgentSpec(**{"version": content["agent_version"], **agent}) for agent in agents],
            "obstacle": _obstacle(obstacle) if obstacle else None,
            "obstacles": {
                step: [_obstacle(fields) for fields in wanted] for step, wanted in settings.get("obstacles", {}).items()
            },
            "delays": delays,
        }
    )


def _obstacle(settings: Json) -> Obstacle:
    logs = settings.get("logs")
    return Obstacle(**{**settings, "logs": None if logs is None else tuple(logs)})


def _short_delay(settings: Json) -> Delay:
    """A delay of the first agent's sub-task that ends before the next tick advances the DAG."""
    return Delay(**{"agent": 0, "ticks": 0.5, "times": 1, **settings})


def _ports(steps: Sequence[Json]) -> list[int]:
    """The ports of the agents that the requests name or, if none does, the port in the first ID of an answer."""
    named = dict.fromkeys(step["request"]["agent"] for step in steps if step["request"].get("agent"))
    if named:
        return [int(address.rpartition(":")[2]) for address in named]
    ids = (_id_of(step["response"]["body"]) for step in steps)
    addresses = (GenericId.parse(found).address for found in ids if found)
    return [next((address.port for address in addresses if address), 0)]


def _id_of(body: Any) -> str:
    data = body.get("data") if isinstance(body, dict) else None
    return str(data.get("id") or "") if isinstance(data, dict) else ""
