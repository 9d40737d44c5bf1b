# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run: lost responses are counted, also across time slices."""

from __future__ import annotations

import json

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    AWAIT_DAG,
    CONFIGURE_ALL,
    DesiredCluster,
    Server,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.record import RunRecord
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import OutcomeUnknown, Unreachable

SERVERS = (Server("10.0.0.1", 2886, "zone1"),)
DESIRED = DesiredCluster(servers=SERVERS, state="initialized", name="obdemo", cluster_id=1)


def lose(record: RunRecord, text: str) -> None:
    record.lost(Step("join", text), Unreachable("reset", sent=True))


@pytest.mark.parametrize("in_slices", [False, True])
def test_a_response_lost_twice_is_one_too_many_and_that_of_another_step_is_not(in_slices: bool) -> None:
    record = RunRecord(DESIRED)
    lose(record, "join agent 1")
    lose(record, "join agent 2")
    if in_slices:
        record = RunRecord.from_checkpoint(json.loads(json.dumps(record.to_checkpoint())), DESIRED)
    with pytest.raises(OutcomeUnknown, match="join agent 1: reset"):
        lose(record, "join agent 1")


@pytest.mark.parametrize("in_slices", [False, True])
def test_a_step_that_is_accepted_again_and_again_without_effect_ends(in_slices: bool) -> None:
    record = RunRecord(DESIRED)
    for _time in range(3):
        record.done(Step("join", "join agent 1"))
    record.done(Step("join", "join agent 2"))
    if in_slices:
        record = RunRecord.from_checkpoint(json.loads(json.dumps(record.to_checkpoint())), DESIRED)
    with pytest.raises(OutcomeUnknown, match="join agent 1: the agents accepted this 4 times"):
        record.done(Step("join", "join agent 1"))


def test_options_whose_response_was_lost_are_set_once_more_whatever_step_is_next() -> None:
    """A DAG of another client may run just then."""
    record = RunRecord(DESIRED)
    record.lost(Step(CONFIGURE_ALL, "set the options"), Unreachable("reset", sent=True))
    record.resolve_doubt([Step(AWAIT_DAG, "wait")])
    assert record.changed and record.progressed.configured == set()
