# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Poll until a condition holds or a deadline passes. Knows no HTTP and no Ansible; the clock is monotonic."""

from __future__ import annotations

import dataclasses
import math
import time
import typing as t

from ._errors import ObshellError

MIN_PAUSE = 0.2
PAUSE_SHARE = 0.1
# The agent's scheduler ticks once a second.
TICK = 1.0
READ_AFTER_TICK = (0.05, 0.25)
BURST = 80
READS_PER_SECOND = 0.11
Value = t.TypeVar("Value")


class Deadline:
    """A moment on a monotonic clock: `timeout` seconds after a start that was `already_elapsed` seconds ago."""

    def __init__(
        self,
        timeout: float,
        already_elapsed: float = 0.0,
        *,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        """Start counting; `clock` and `sleep` are for tests."""
        self.clock = clock
        self._sleep = sleep
        self._start = clock() - already_elapsed
        self._end = self._start + timeout

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self._start

    @property
    def passed(self) -> bool:
        """Whether the deadline has passed."""
        return self.clock() >= self._end

    @property
    def left(self) -> float:
        """Seconds until the deadline, 0 after it."""
        return max(0.0, self._end - self.clock())

    def at_most(self, timeout: float) -> Deadline:
        """Make a deadline `timeout` seconds from now, but not later than this one."""
        return Deadline(min(timeout, self._end - self.clock()), clock=self.clock, sleep=self._sleep)

    def bring_forward(self, seconds: float) -> None:
        """Move the deadline to `seconds` from now if it is later."""
        self._end = min(self._end, self.clock() + seconds)

    def pause(self, seconds: float) -> None:
        """Sleep, but not past the deadline."""
        self._sleep(min(seconds, self.left))


class Pacer:
    """Decides how long to pause between two reads: short after a change, longer while nothing changes.

    A pause is a tenth of the time since the last change, at least MIN_PAUSE and at most `max_pause` seconds. Once
    changes come at least a second apart, reads follow the agent's scheduler: two just after each tick, none in between.
    Reads come out of a budget of BURST that grows by READS_PER_SECOND: ten minutes take at most 80 + 66.
    """

    def __init__(self, max_pause: float, *, clock: t.Callable[[], float], idle_for: float = 0.0) -> None:
        """Begin now, `idle_for` seconds after a change; `max_pause` in seconds, `clock` monotonic."""
        self._max_pause = max(max_pause, MIN_PAUSE)
        self._clock = clock
        self._last_read = self._tick = clock()
        self._last_change = self._last_read - idle_for
        self._budget = float(BURST)
        self._changes = 0
        self._in_step = False

    def record_change(self) -> None:
        """Record that the value changed now."""
        now, last_read = self._clock(), self._last_read
        self._in_step = self._changes > 0 and now - self._last_change > TICK - MIN_PAUSE
        expected = self._tick + round((now - self._tick) / TICK) * TICK if self._in_step else last_read
        # The tick lies between the last read before the change and the change.
        self._tick = min(now, max(expected, last_read))
        self._last_change = now
        self._changes += 1

    def next_pause(self) -> float:
        """Take one read out of the budget, and return the seconds to pause before it."""
        now = self._clock()
        self._budget = min(BURST, self._budget + (now - self._last_read) * READS_PER_SECOND) - 1
        self._last_read = now
        pause = max(MIN_PAUSE, (now - self._last_change) * PAUSE_SHARE)
        if self._in_step and pause < TICK:
            pause = _next_read(now - self._tick) - (now - self._tick)
        until_affordable = -self._budget / READS_PER_SECOND if self._budget < 0 else 0.0
        return min(max(pause, until_affordable), self._max_pause)


def _next_read(since: float) -> float:
    """The first moment just after a tick, if the last known tick was `since` seconds ago."""
    ticks = math.floor(since / TICK) * TICK
    moments = (tick + after for tick in (ticks, ticks + TICK) for after in READ_AFTER_TICK)
    return next(moment for moment in moments if moment >= TICK and moment > since + MIN_PAUSE / 2)


@dataclasses.dataclass(frozen=True)
class PollResult(t.Generic[Value]):
    """How polling ended: the last value, whether it satisfied the condition, and the last read's error if it failed."""

    value: Value | None
    done: bool
    error: ObshellError | None


def poll(
    read: t.Callable[[], Value],
    done: t.Callable[[Value], bool],
    *,
    deadline: Deadline,
    interval: float,
    changed: t.Callable[[Value, Value], bool] = lambda last, now: last != now,
    on_change: t.Callable[[Value], None] | None = None,
    idle_for: float = 0.0,
) -> PollResult[Value]:
    """Read until `done` or the deadline.

    :param interval: the longest pause between two reads, seconds.
    :param on_change: called with the first value and with each one that `changed`.
    :param idle_for: for how many seconds nothing has changed already.
    :raises ObshellError: of `read`, after more consecutive errors of one class than its `tolerance` allows.
    """
    last: Value | None = None
    pacer = Pacer(interval, clock=deadline.clock, idle_for=idle_for)
    failed: ObshellError | None = None
    consecutive = 0
    while True:
        try:
            value = read()
        except ObshellError as error:
            consecutive = consecutive + 1 if error.__class__ is failed.__class__ else 1
            failed = error
            if consecutive > error.tolerance:
                raise
        else:
            failed = None
            if last is None or changed(last, value):
                if last is not None:
                    pacer.record_change()
                if on_change:
                    on_change(value)
            last = value
            if done(value):
                return PollResult(value, True, None)
        if deadline.passed:
            return PollResult(last, False, failed)
        deadline.pause(max(pacer.next_pause(), failed.retry_after if failed else 0))
