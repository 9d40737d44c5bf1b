# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the runs of a DAG lie on a line."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.history import History, Run, histories
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.timeline import MIN_WIDTH, Timeline

from .recorded import FOLDER, TWO_AGENTS, reads

DAG = Dag.from_api(reads(*TWO_AGENTS)[-1])
HOUR = 3600.0


def line_of(*runs: tuple[float, float | None]) -> tuple[Timeline, list[Run]]:
    made = [Run(start, end, "FAILED", "RUN") for start, end in runs]
    return Timeline(History(DAG, made, [])), made


def places(timeline: Timeline, runs: list[Run]) -> list[tuple[float, float]]:
    return [(round(drawn.x, 3), round(drawn.width, 3)) for drawn in timeline.bars(runs)]


def test_bars_have_their_share_of_the_line() -> None:
    assert places(*line_of((100, 110), (100, 102.5), (105, 110))) == [(0, 1), (0, 0.25), (0.5, 0.5)]


def test_a_long_pause_is_cut_and_a_short_one_is_not() -> None:
    timeline, runs = line_of((0, 10), (8 * HOUR, 8 * HOUR + 10))
    assert places(timeline, runs) == [(0, 0.48), (0.52, 0.48)]
    assert [(round(x, 3), seconds) for x, seconds in timeline.pauses] == [(0.5, 8 * HOUR - 10)]
    timeline, runs = line_of((0, 10), (12, 22))
    assert (len(timeline.segments), timeline.pauses) == (1, [])


def test_many_attempts_leave_room_for_all_of_them() -> None:
    timeline, runs = line_of(*((number * HOUR, number * HOUR + 1) for number in range(100)))
    assert len(timeline.pauses) == 99
    assert all(x >= 0 and width > 0 and x + width <= 1.001 for x, width in places(timeline, runs))


def test_what_still_runs_lasts_until_the_last_known_time() -> None:
    assert places(*line_of((0, None), (0, 40), (20, None))) == [(0, 1), (0, 1), (0.5, 0.5)]


def test_what_took_no_time_can_be_seen() -> None:
    assert places(*line_of((0, 10), (10, 10))) == [(0, 1), (1 - MIN_WIDTH, MIN_WIDTH)]
    assert places(*line_of((5, 5))) == [(0, MIN_WIDTH)]


def test_a_dag_that_never_ran_has_an_empty_line() -> None:
    timeline, runs = line_of()
    assert (timeline.segments, timeline.pauses, timeline.bars(runs)) == ([], [], [])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: str(path.stem))
def test_all_recorded_runs_lie_on_the_line(path: object) -> None:
    for name in ("Initialize cluster", "Stop OB", "Drop tenant", "Add obproxy"):
        for history in histories([Dag.from_api(raw) for raw in reads(str(path).rpartition("/")[2][:-5], name)]):
            bars = Timeline(history).bars(list(history.all_runs()))
            assert bars and all(0 <= drawn.x < 1 and drawn.width > 0 and drawn.x + drawn.width < 1.01 for drawn in bars)
