# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong, or takes long, in an agent's work: set by tests, looked up by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ._model import Dag


@dataclass
class _Place:
    node: str
    dag: str | None = None
    """The DAG's name; for a follower's own DAG the name of the one that asked for it will do too."""
    agent: str | int | None = None
    """An agent's address, or its place in `Simulator.agents`; any when None."""
    operator: str | None = "RUN"
    """RUN (a RETRY runs too), ROLLBACK, or either when None."""

    def matches(self, *, dag: Dag, node: str, agent: tuple[str, int], operator: str) -> bool:
        return (
            self.node == node
            and (self.dag is None or self.dag in (dag.name, dag.on_behalf_of))
            and (self.agent is None or self.agent in agent)
            and self.operator in (None, operator)
        )


@dataclass
class Obstacle(_Place):
    """Makes executions of a node's sub-tasks fail, the next `times` or until it is removed."""

    times: int | None = None
    logs: tuple[str, ...] | None = None
    """The lines instead of the usual error of that node; the last one should begin with `ERROR:`."""

    def used(self) -> None:
        if self.times is not None:
            self.times -= 1

    @property
    def stands(self) -> bool:
        return self.times is None or self.times > 0


@dataclass
class Pace(_Place):
    """Makes executions of a node's sub-tasks last, instead of ending in the tick they begin in."""

    ticks: int = 1


class Conditions:
    """A simulator's obstacles and paces, in the order they were added."""

    def __init__(self) -> None:
        self.obstacles: list[Obstacle] = []
        self.paces: list[Pace] = []

    def obstacle(self, *, dag: Dag, node: str, agent: tuple[str, int], operator: str) -> Obstacle | None:
        """The obstacle in the way of this execution, counted as used."""
        for obstacle in self._standing():
            if obstacle.matches(dag=dag, node=node, agent=agent, operator=operator):
                obstacle.used()
                return obstacle
        return None

    def ticks(self, default: int, *, dag: Dag, node: str, agent: tuple[str, int], operator: str) -> int:
        for pace in list(self.paces):
            if pace.matches(dag=dag, node=node, agent=agent, operator=operator):
                return pace.ticks
        return default

    def _standing(self) -> Iterator[Obstacle]:
        return (obstacle for obstacle in list(self.obstacles) if obstacle.stands)
