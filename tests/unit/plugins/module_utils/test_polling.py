# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting, on a clock of the test's own."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    InvalidInput,
    ObshellError,
    Unauthorized,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._polling import Deadline, poll


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def deadline(self, timeout: float) -> Deadline:
        return Deadline(timeout, clock=self, sleep=self.sleep)


def script(*steps: t.Any) -> t.Callable[[], t.Any]:
    iterator = iter(steps)
    last = steps[-1]

    def read() -> t.Any:
        step = next(iterator, last)
        if isinstance(step, ObshellError):
            raise step
        return step

    return read


def lost() -> Unreachable:
    return Unreachable("reset", sent=True)


def failing() -> AgentError:
    return AgentError("x", status=500, error={}, trace_id="")


def unauthorized() -> Unauthorized:
    return Unauthorized("GET", status=401, error={"code": 10008}, trace_id="1")


def test_it_ends_as_soon_as_it_is_done() -> None:
    clock = Clock()
    seen: list[int] = []
    waited = poll(script(1, 1, 2, 3), lambda n: n == 3, deadline=clock.deadline(60), interval=5, on_change=seen.append)
    assert (waited.value, waited.done, waited.error) == (3, True, None)
    assert seen == [1, 2, 3]


def test_pauses_grow_to_the_interval_and_shrink_after_a_change() -> None:
    clock = Clock()
    poll(script(*[1] * 60, *[2] * 3, 3), lambda n: n == 3, deadline=clock.deadline(900), interval=5)
    quiet, after = clock.pauses[:60], clock.pauses[60:]
    assert quiet == sorted(quiet) and quiet[-1] == 5
    assert after[0] == quiet[0] < 0.3


def test_no_interval_makes_it_read_without_a_pause() -> None:
    clock = Clock()
    poll(script(1), lambda n: False, deadline=clock.deadline(60), interval=0.001)
    assert len(clock.pauses) <= 60 / 0.2 + 1


def test_the_deadline_ends_it_with_the_last_value_read_at_the_deadline() -> None:
    clock = Clock()
    waited = poll(lambda: clock.now, lambda now: False, deadline=clock.deadline(10), interval=4)
    assert (waited.value, waited.done) == (1010, False)
    assert clock.now == 1010


def test_time_spent_reading_counts() -> None:
    clock = Clock()

    def slow_read() -> float:
        clock.now += 7
        return clock.now

    poll(slow_read, lambda now: False, deadline=clock.deadline(10), interval=4)
    assert clock.now <= 1000 + 10 + 7


def test_lost_answers_are_survived_until_the_deadline() -> None:
    clock = Clock()
    waited = poll(script(lost()), lambda n: True, deadline=clock.deadline(10), interval=1)
    assert (waited.value, waited.done) == (None, False)
    assert isinstance(waited.error, Unreachable)
    assert clock.now == 1010


def test_who_asks_to_be_left_alone_is_left_alone_but_not_past_the_deadline() -> None:
    clock = Clock()
    busy = Unreachable("429", sent=False, retry_after=7)
    assert poll(script(busy, 1), lambda value: True, deadline=clock.deadline(60), interval=2).done
    assert clock.pauses == [7]
    waited = poll(script(busy), lambda value: True, deadline=clock.deadline(3), interval=2)
    assert (waited.done, clock.pauses) == (False, [7, 3])


def test_a_401_in_the_middle_is_survived_but_not_one_after_the_other() -> None:
    clock = Clock()
    waited = poll(
        script(1, unauthorized(), 1, unauthorized(), 2), lambda n: n == 2, deadline=clock.deadline(99), interval=1
    )
    assert waited.done
    with pytest.raises(Unauthorized):
        poll(script(1, unauthorized()), lambda n: False, deadline=clock.deadline(99), interval=1)


def test_as_many_401s_in_a_row_as_may_be_are_survived_and_no_more() -> None:
    most = [unauthorized() for _time in range(int(unauthorized().tolerance))]
    for steps in ([*most, 1], [*most, 0, *most, 1], [*most, lost(), *most, 1]):
        assert poll(script(*steps), lambda n: n == 1, deadline=Clock().deadline(99), interval=1).done
    with pytest.raises(Unauthorized):
        poll(script(*most, unauthorized(), 1), lambda n: n == 1, deadline=Clock().deadline(99), interval=1)


@pytest.mark.parametrize("other", [lost, failing])
def test_other_errors_of_the_wait_do_not_use_up_the_tolerance_of_a_401(other: t.Callable[[], ObshellError]) -> None:
    steps = [other() for _time in range(20)] + [unauthorized(), 1]
    assert poll(script(*steps), lambda n: True, deadline=Clock().deadline(99), interval=1).done


def test_an_error_without_tolerance_ends_it() -> None:
    with pytest.raises(InvalidInput):
        poll(script(InvalidInput("x")), lambda n: True, deadline=Clock().deadline(10), interval=1)


@pytest.mark.parametrize("stage_lasts", [1, 5, 55, 600], ids="{}s a stage".format)
def test_ten_minutes_take_at_most_150_looks(stage_lasts: float) -> None:
    clock = Clock()
    looks: list[float] = []

    def look() -> int:
        looks.append(clock.now)
        return int((clock.now - 1000) // stage_lasts)

    poll(look, lambda stage: False, deadline=clock.deadline(600), interval=10)
    assert 60 < len(looks) <= 150


@pytest.mark.parametrize("ticks", [1, 2, 3, 7, 16, 21])
@pytest.mark.parametrize("phase", [0.01, 0.37, 0.99])
@pytest.mark.parametrize("stage_lasts", [1, 2], ids="{} ticks a stage".format)
def test_the_end_of_an_agent_that_ticks_is_seen_soon_and_with_few_looks(
    ticks: int, phase: float, stage_lasts: int
) -> None:
    clock = Clock()
    looks: list[float] = []

    def tick() -> int:
        """Its scheduler is up to 150 ms late, differently each time."""
        since = clock.now - 1000 + phase
        return int(since - (int(since) * 0.618 % 1) * 0.15)

    def look() -> int:
        looks.append(clock.now)
        return tick() // stage_lasts

    poll(look, lambda stage: tick() >= ticks, deadline=clock.deadline(60), interval=10)
    assert clock.now - 1000 + phase - ticks <= 0.15 + 0.3
    assert len(looks) <= 15 + 2 * ticks


@pytest.mark.parametrize("end", [0.05, 0.3, 0.9, 1.7])
def test_the_end_of_an_agent_that_ticks_faster_is_seen_soon(end: float) -> None:
    clock = Clock()
    poll(lambda: clock.now // 0.02, lambda now: clock.now >= 1000 + end, deadline=clock.deadline(60), interval=10)
    assert clock.now - 1000 - end <= 0.3
