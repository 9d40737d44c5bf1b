# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one execution of a sub-task does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .obstacles import Delay


@dataclass
class Work:
    """One execution of a sub-task: what it logs, how long it takes, and what it changes if it succeeds.

    If `has_ended` is set, the engine calls it at the end of each tick after the first, until it returns True. Otherwise
    the work takes `ticks` ticks: 0 ends in the tick in which it begins, and a half ends before the next tick advances
    the DAG. A delay that a test set replaces `ticks`.
    """

    first_lines: list[str] = field(default_factory=list)
    last_lines: list[str] = field(default_factory=list)
    ticks: float = 0
    failed: bool = False
    lines_if_cancelled: list[str] = field(default_factory=list)
    on_success: Callable[[], None] | None = None
    has_ended: Callable[[], bool] | None = None
    follower_dag_id: str = ""
    delay: Delay | None = None

    @property
    def duration(self) -> float:
        """In ticks. It can change while the work is under way, because a test can end a delay."""
        return self.delay.ticks if self.delay else self.ticks

    def apply(self, delay: Delay) -> None:
        self.delay = delay
        if delay.lines is not None:
            lines = self.first_lines + self.last_lines
            self.first_lines, self.last_lines = lines[: delay.lines], lines[delay.lines :]
