# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test makes fail, or take long: executions of sub-tasks, selected by node, DAG, agent and operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from .dag import Dag

FOREVER = 10**6
"""As ticks of a delay: longer than any test, so that the work lasts until the test sets them to 0."""


class Execution(NamedTuple):
    """One execution of a sub-task, as obstacles and delays select it."""

    dag: Dag
    node: str
    agent: tuple[str, int]
    """The agent's address and its index in `Simulator.agents`."""
    operator: str


@dataclass
class Selector:
    """Selects executions. Each field but the node can be left open."""

    node: str
    dag: str | None = None
    """The name of the DAG. A follower's DAG is also selected by the name of the master's DAG that requested it."""
    agent: str | int | None = None
    """The address of an agent, or its index in `Simulator.agents`."""
    operator: str | None = "RUN"
    """RUN (which a RETRY executes, too) or ROLLBACK. None selects both."""
    times: int | None = None
    """How many executions are selected. None selects all."""

    def selects(self, execution: Execution) -> bool:
        return (
            self.times != 0
            and self.node == execution.node
            and (self.dag is None or self.dag in (execution.dag.name, execution.dag.requested_by))
            and (self.agent is None or self.agent in execution.agent)
            and self.operator in (None, execution.operator)
        )

    def count(self) -> None:
        if self.times is not None:
            self.times -= 1


@dataclass
class Obstacle(Selector):
    """Makes executions fail."""

    logs: tuple[str, ...] | None = None
    """The log lines instead of the usual error of the node. The last one should begin with `ERROR:`."""


@dataclass
class Delay(Selector):
    """Makes executions take a number of ticks."""

    ticks: float = 1
    """A half ends before the next tick advances the DAG. Setting it to 0 ends an execution that is under way."""
    lines: int | None = None
    """How many log lines are written at once. The others are written at the end. None leaves the usual number."""


Selected = TypeVar("Selected", bound=Selector)


def first_for(selectors: Iterable[Selected], execution: Execution) -> Selected | None:
    """The first obstacle or delay that selects an execution. It counts that execution."""
    found = next((selector for selector in selectors if selector.selects(execution)), None)
    if found:
        found.count()
    return found
