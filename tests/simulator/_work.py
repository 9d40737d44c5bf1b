# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine is given: the stages of a DAG to be, and what an execution of a sub-task does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ._ids import Address
from ._obstacles import Pace


@dataclass(frozen=True)
class Stage:
    """A node to be: its name, the operators it can take, and the agents it runs on."""

    name: str
    can: frozenset[str]
    agents: tuple[Address, ...]


@dataclass
class Work:
    """One execution of a sub-task: what it logs, how long it takes, and what it leaves behind.

    `poll` is asked at the end of each tick after the first and returns True when the work is over; without it the work
    lasts `ticks` ticks, a half of one ending before the scheduler's next look, or as long as a test's `pace` says.
    """

    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    ticks: float = 0
    failed: bool = False
    effect: Callable[[], None] | None = None
    poll: Callable[[], bool] | None = None
    remote_id: str = ""
    pace: Pace | None = None

    @property
    def length(self) -> float:
        """In ticks, as of now."""
        return self.pace.ticks if self.pace else self.ticks
