# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the runs of a DAG lie on a line, of which long pauses are cut out. Pure."""

from __future__ import annotations

import typing as t

from .history import History, Run

# A pause is cut if it is longer than this part of the time in which something ran, and then drawn this wide.
CUT_ABOVE = 0.25
CUT_WIDTH = 0.04
# All of them together.
MAX_CUT = 0.5
# So that what took no time can be seen.
MIN_WIDTH = 0.004


class Bar(t.NamedTuple):
    """A run on the line: where it begins and how long it is, as parts of the whole line."""

    run: Run
    x: float
    width: float


class Segment(t.NamedTuple):
    """A stretch of time without a long pause, and its place on the line."""

    start: float
    end: float
    x: float
    width: float


class Timeline:
    """The line of one DAG."""

    def __init__(self, history: History) -> None:
        """Lay out the line for all runs of the DAG, its nodes and its sub-tasks."""
        runs = list(history.all_runs())
        self._last = max((run.end or run.start for run in runs), default=0.0)
        self.segments = _place(_busy([(run.start, self._end(run)) for run in runs]))

    @property
    def pauses(self) -> list[tuple[float, float]]:
        """The place and the seconds of each pause that was cut out."""
        pairs = zip(self.segments, self.segments[1:])
        return [((one.x + one.width + other.x) / 2, other.start - one.end) for one, other in pairs]

    def bars(self, runs: list[Run]) -> list[Bar]:
        """Place runs on the line. One that was not over lasts until the last time that is known."""
        placed = ((run, self._place_of(run.start), self._place_of(self._end(run))) for run in runs)
        return [Bar(run, min(start, 1 - MIN_WIDTH), max(end - start, MIN_WIDTH)) for run, start, end in placed]

    def _end(self, run: Run) -> float:
        return max(run.start, self._last) if run.end is None else run.end

    def _place_of(self, moment: float) -> float:
        segment = next(segment for segment in reversed(self.segments) if segment.start <= moment)
        length = segment.end - segment.start
        return segment.x + (segment.width * (moment - segment.start) / length if length else 0)


def _busy(runs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join runs that overlap, or that no long pause divides."""
    joined = _join(runs, 0)
    return _join(joined, CUT_ABOVE * sum(end - start for start, end in joined))


def _join(runs: list[tuple[float, float]], pause: float) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(runs):
        if joined and start - joined[-1][1] <= pause:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _place(busy: list[tuple[float, float]]) -> list[Segment]:
    """Give each stretch its share of the line that the pauses leave."""
    total = sum(end - start for start, end in busy)
    cut = min(CUT_WIDTH, MAX_CUT / max(len(busy), 1))
    left = 1 - cut * (len(busy) - 1)
    segments, x = [], 0.0
    for start, end in busy:
        width = left * ((end - start) / total if total else 1 / len(busy))
        segments.append(Segment(start, end, x, width))
        x += width + cut
    return segments
