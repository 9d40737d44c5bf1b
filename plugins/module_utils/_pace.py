# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to pause between two looks at an agent. Pure, but for the clock it is given."""

from __future__ import annotations

import math
import typing as t

QUICKEST = 0.2
SHARE = 0.1
TICK = 1.0
AFTER_TICK = (0.05, 0.25)
BURST = 80
PER_SECOND = 0.11


class Pace:
    """Quick after each change, slower the longer nothing moves, and never many looks in the long run.

    A pause is a tenth of the time since the last change, at least QUICKEST and at most `longest` seconds. An agent's
    scheduler ticks once a second, so once changes come that far apart, looks are taken twice just after each tick, and
    not in between; a tick is known to lie between the last look before a change and the change. Looks come out of a
    budget of BURST that grows by PER_SECOND: ten minutes take at most 80 + 66.
    """

    def __init__(self, longest: float, *, clock: t.Callable[[], float], quiet: float = 0.0) -> None:
        """Begin now, `quiet` seconds after a change; `longest` in seconds, `clock` monotonic."""
        self._longest = longest
        self._clock = clock
        self._counted = self._tick = clock()
        self._changed = self._counted - quiet
        self._budget = float(BURST)
        self._changes = 0
        self._in_step = False

    def change(self) -> None:
        """Take note of a change, now."""
        now, last_look = self._clock(), self._counted
        self._in_step = self._changes > 0 and now - self._changed > TICK - QUICKEST
        expected = self._tick + round((now - self._tick) / TICK) * TICK if self._in_step else last_look
        self._tick = min(now, max(expected, last_look))
        self._changed = now
        self._changes += 1

    def pause(self) -> float:
        """Take one look out of the budget, and return the seconds to pause before it."""
        now = self._clock()
        self._budget = min(BURST, self._budget + (now - self._counted) * PER_SECOND) - 1
        self._counted = now
        since = now - self._changed
        wished = max(QUICKEST, since * SHARE)
        if self._in_step and wished < TICK:
            wished = _next_look(now - self._tick) - (now - self._tick)
        saved_up = -self._budget / PER_SECOND if self._budget < 0 else 0.0
        return min(max(wished, saved_up), self._longest)


def _next_look(since: float) -> float:
    """The first moment just after a tick, when the last known one was `since` seconds ago."""
    ticks = math.floor(since / TICK) * TICK
    moments = (tick + after for tick in (ticks, ticks + TICK) for after in AFTER_TICK)
    return next(moment for moment in moments if moment >= TICK and moment > since + QUICKEST / 2)
