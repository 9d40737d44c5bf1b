# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to pause between two looks at an agent.

Pure, but for the clock it is given. Poll until something is so or a deadline has passed. Knows no HTTP and no
Ansible; its clock is monotonic.
"""

from __future__ import annotations

import dataclasses
import math
import time
import typing as t

from ._errors import ObshellError

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


Value = t.TypeVar("Value")


class Deadline:
    """A moment on a monotonic clock, `timeout` seconds after a beginning that was `gone` seconds ago."""

    def __init__(
        self,
        timeout: float,
        gone: float = 0.0,
        *,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        """Start counting; `clock` and `sleep` are for tests."""
        self.clock = clock
        self._sleep = sleep
        self._start = clock() - gone
        self._end = self._start + timeout

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self.clock() - self._start

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return self.clock() >= self._end

    @property
    def left(self) -> float:
        """Seconds until it passes, 0 when it has."""
        return max(0.0, self._end - self.clock())

    def sooner(self, timeout: float) -> Deadline:
        """Make a deadline `timeout` seconds from now, but no later than this one."""
        return Deadline(min(timeout, self._end - self.clock()), clock=self.clock, sleep=self._sleep)

    def hasten(self, seconds: float) -> None:
        """Bring it forward to `seconds` from now, where it was later."""
        self._end = min(self._end, self.clock() + seconds)

    def pause(self, seconds: float) -> None:
        """Sleep, but not past the deadline."""
        self._sleep(min(seconds, self.left))


@dataclasses.dataclass(frozen=True)
class Waited(t.Generic[Value]):
    """How a wait ended: the last value read, whether it is done, and the error of the last read if that failed."""

    value: Value | None
    done: bool
    error: ObshellError | None


def wait(
    read: t.Callable[[], Value],
    done: t.Callable[[Value], bool],
    *,
    deadline: Deadline,
    interval: float,
    changed: t.Callable[[Value, Value], bool] = lambda last, now: last != now,
    on_change: t.Callable[[Value], None] | None = None,
    quiet: float = 0.0,
) -> Waited[Value]:
    """Read until `done` or the deadline, quickly after each change and ever slower while nothing moves.

    :param read: what to poll.
    :param interval: the longest pause between two reads, seconds.
    :param on_change: called with the first value and with each that `changed`.
    :param quiet: for how many seconds nothing has moved already.
    :raises ObshellError: of `read`, where the same kind came more often in a row than its `tolerance` allows.
    """
    last: Value | None = None
    pace = Pace(interval, clock=deadline.clock, quiet=quiet)
    failed: ObshellError | None = None
    in_a_row = 0
    while True:
        try:
            value = read()
        except ObshellError as error:
            in_a_row = in_a_row + 1 if error.__class__ is failed.__class__ else 1
            failed = error
            if in_a_row > error.tolerance:
                raise
        else:
            failed = None
            if last is None or changed(last, value):
                if last is not None:
                    pace.change()
                if on_change:
                    on_change(value)
            last = value
            if done(value):
                return Waited(value, True, None)
        if deadline.passed:
            return Waited(last, False, failed)
        deadline.pause(max(pace.pause(), failed.pause if failed else 0))
