# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong, or takes long, in an agent's work: set by tests, looked up by the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ._model import Dag

HELD = 10**6
"""As ticks of a pace: longer than any test, so that the work lasts until they are set to 0."""


@dataclass
class _Place:
    node: str
    dag: str | None = None
    """The DAG's name; for a follower's own DAG the name of the one that asked for it will do too."""
    agent: str | int | None = None
    """An agent's address, or its place in `Simulator.agents`; any when None."""
    operator: str | None = "RUN"
    """RUN (a RETRY runs too), ROLLBACK, or either when None."""
    times: int | None = None
    """For how many executions; until it is removed when None."""

    def matches(self, *, dag: Dag, node: str, agent: tuple[str, int], operator: str) -> bool:
        return (
            self.times != 0
            and self.node == node
            and (self.dag is None or self.dag in (dag.name, dag.on_behalf_of))
            and (self.agent is None or self.agent in agent)
            and self.operator in (None, operator)
        )

    def used(self) -> None:
        if self.times is not None:
            self.times -= 1


@dataclass
class Obstacle(_Place):
    """Makes executions of a node's sub-tasks fail."""

    logs: tuple[str, ...] | None = None
    """The lines instead of the usual error of that node; the last one should begin with `ERROR:`."""


@dataclass
class Pace(_Place):
    """Makes executions of a node's sub-tasks last, instead of ending in the tick they begin in."""

    ticks: float = 1
    """A half is: over before the scheduler looks again. Set to 0 it ends what it holds."""
    lines: int | None = None
    """How much of the log is written at once, the rest when the work is over; by default what is usual."""


Place = TypeVar("Place", bound=_Place)


class Conditions:
    """A simulator's obstacles and paces, in the order they were added."""

    def __init__(self) -> None:
        self.obstacles: list[Obstacle] = []
        self.paces: list[Pace] = []

    def obstacle(self, *, dag: Dag, node: str, agent: tuple[str, int], operator: str) -> Obstacle | None:
        """What is in the way of this execution, counted as used."""
        return _first(self.obstacles, dag=dag, node=node, agent=agent, operator=operator)

    def pace(self, *, dag: Dag, node: str, agent: tuple[str, int], operator: str) -> Pace | None:
        """How long this execution is to last, counted as used."""
        return _first(self.paces, dag=dag, node=node, agent=agent, operator=operator)


def _first(places: list[Place], *, dag: Dag, node: str, agent: tuple[str, int], operator: str) -> Place | None:
    for place in list(places):
        if place.matches(dag=dag, node=node, agent=agent, operator=operator):
            place.used()
            return place
    return None
