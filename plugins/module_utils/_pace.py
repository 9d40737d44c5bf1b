# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to pause between two looks at an agent. Pure, but for the clock it is given."""

from __future__ import annotations

import typing as t

QUICKEST = 0.25
SHARE = 0.1
BURST = 80
PER_SECOND = 0.11


class Pace:
    """Quick after each change, slower the longer nothing moves, and never many looks in the long run.

    A pause is a tenth of the time since the last change, at least QUICKEST and at most `longest` seconds. Looks come
    out of a budget of BURST that grows by PER_SECOND: ten minutes take at most 80 + 66, whatever changes.
    """

    def __init__(self, longest: float, *, clock: t.Callable[[], float]) -> None:
        """Begin now, as after a change; `longest` in seconds, `clock` monotonic."""
        self._longest = longest
        self._clock = clock
        self._changed = self._counted = clock()
        self._budget = float(BURST)

    def change(self) -> None:
        """Take note of a change, now."""
        self._changed = self._clock()

    def pause(self) -> float:
        """Take one look out of the budget, and return the seconds to pause before it."""
        now = self._clock()
        self._budget = min(BURST, self._budget + (now - self._counted) * PER_SECOND) - 1
        self._counted = now
        wished = max(QUICKEST, (now - self._changed) * SHARE)
        saved_up = -self._budget / PER_SECOND if self._budget < 0 else 0.0
        return min(max(wished, saved_up), self._longest)
