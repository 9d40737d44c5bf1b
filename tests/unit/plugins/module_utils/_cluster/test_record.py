# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run: lost responses are counted, also across time slices."""

from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import ClusterInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    AWAIT_DAG,
    CONFIGURE_ALL,
    DesiredCluster,
    Member,
    ObservedCluster,
    Server,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.record import RunRecord
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import OutcomeUnknown, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.fields import KEPT

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


OPTIONS = Step(CONFIGURE_ALL, "set the options")


@pytest.mark.parametrize(
    ("remaining", "changed"), [([], True), ([Step("init", "initialise")], True), ([OPTIONS], False)]
)
@pytest.mark.parametrize("failed", [True, False])
def test_a_step_in_doubt_counts_as_done_once_it_is_no_longer_the_next(
    remaining: list[Step], changed: bool, failed: bool
) -> None:
    record = RunRecord(DESIRED)
    if failed:
        record.doubt(OPTIONS)
    else:
        record.lost(OPTIONS, Unreachable("reset", sent=True))
    assert record.caveat == "; it is unknown whether this was done: set the options" and not record.changed
    record.resolve_doubt(remaining)
    assert (record.changed, record.steps, record.caveat) == (changed, ["set the options"] * changed, "")


def test_a_request_that_was_not_sent_leaves_no_doubt() -> None:
    record = RunRecord(DESIRED)
    record.lost(OPTIONS, Unreachable("refused", sent=False))
    record.resolve_doubt([])
    assert (record.caveat, record.changed) == ("", False)


def dag(name: str, state: str) -> Dag:
    raw = {"id": "14", "name": name, "state": state, "operator": "RUN", "start_time": "", "stage": 1, "max_stage": 1}
    return Dag.from_api({**raw, "dag_id": 4})


INIT, OTHER = dag("Initialize cluster", "FAILED"), dag("Stop OB", "RUNNING")


@pytest.mark.parametrize(
    ("identity", "dags", "shown"),
    [
        ("MASTER", (), None),
        ("MASTER", (OTHER,), OTHER),
        ("MASTER", (OTHER, INIT), INIT),
        ("CLUSTER AGENT", (OTHER,), None),
        ("CLUSTER AGENT", (INIT,), INIT),
    ],
)
def test_the_dag_that_is_in_the_way(identity: str, dags: tuple[Dag, ...], shown: Dag | None) -> None:
    record = RunRecord(DESIRED)
    member = Member(SERVERS[0], Address("10.0.0.1", 2886), identity)
    record.observe(ObservedCluster((member,), dags=dags))
    assert record.dag == shown


def test_the_first_observation_is_the_state_before() -> None:
    record = RunRecord(DESIRED)
    for identity in ("SINGLE", "MASTER", "CLUSTER AGENT"):
        record.observe(ObservedCluster((Member(SERVERS[0], Address("10.0.0.1", 2886), identity),)))
    diff = record.result("", check=False, elapsed=0, trace_ids=[])["diff"]
    found = [diff[side]["identities"]["10.0.0.1:2886"] for side in ("before", "after")]
    assert found == ["SINGLE", "CLUSTER AGENT"]


def test_a_result_has_every_documented_field() -> None:
    result = RunRecord(DESIRED).result("done", check=False, elapsed=1.23456, trace_ids=["b"])
    names = ["changed", "outcome", "recovery", "steps", "dag", "failures", "operators", "allowed_operators"]
    assert [name for name in names if name not in result] == []
    assert (result["elapsed"], result["trace_ids"], result["msg"]) == (1.235, ["b"], "done")
    assert result["diff"]["before"] == {}


@pytest.mark.parametrize(
    ("identity", "check", "steps", "outcome"),
    [
        ("CLUSTER AGENT", False, ["a step"], "initialized"),
        ("CLUSTER AGENT", True, [], "initialized"),
        ("CLUSTER AGENT", True, ["a step"], "unfinished"),
        ("MASTER", False, [], "unfinished"),
    ],
)
def test_outcomes(identity: str, check: bool, steps: list[str], outcome: str) -> None:
    record = RunRecord(DESIRED)
    record.observe(ObservedCluster((Member(SERVERS[0], Address("10.0.0.1", 2886), identity),)))
    record.steps = steps
    assert record.result("", check=check, elapsed=0, trace_ids=[])["outcome"] == outcome


@pytest.mark.parametrize(
    ("check", "changed", "after"),
    [(True, True, "CLUSTER AGENT"), (True, False, "MASTER"), (False, True, "MASTER"), (False, False, "MASTER")],
)
def test_only_a_prediction_shows_what_is_expected(check: bool, changed: bool, after: str) -> None:
    record = RunRecord(DESIRED)
    record.observe(ObservedCluster((Member(SERVERS[0], Address("10.0.0.1", 2886), "MASTER"),)))
    record.changed = changed
    diff = record.result("", check=check, elapsed=0, trace_ids=[])["diff"]
    assert list(diff["after"]["identities"].values()) == [after]


def test_a_slice_knows_all_that_an_earlier_one_has_done() -> None:
    record = RunRecord(DESIRED)
    member = Member(SERVERS[0], Address("10.0.0.1", 2886), "MASTER", "zone1", "4.5", resolved=("10.0.0.1",))
    record.observe(ObservedCluster((member,), ClusterInfo((), "obdemo", 1), (INIT,)))
    record.done(OPTIONS)
    record.agents_may_restart = True
    later = RunRecord.from_checkpoint(json.loads(json.dumps(record.to_checkpoint())), DESIRED)
    results = [one.result("", check=False, elapsed=0, trace_ids=[]) for one in (record, later)]
    assert results[0] == results[1] and results[0]["changed"]
    assert (later.progressed, later.agents_may_restart) == (record.progressed, True)
    assert later.observed.members == (dataclasses.replace(member, resolved=()),)


def test_a_checkpoint_holds_no_text_of_an_agent_that_a_result_would_mask() -> None:
    record = RunRecord(DESIRED)
    of_agent = Member(SERVERS[0], Address("10.0.0.1", 2886), "MASTER", "zone1", "4.3.0.0", "4.3.5.2-102020032025070817")
    record.observe(ObservedCluster((of_agent,)))
    (member,) = record.to_checkpoint()["members"]
    assert {name for name, value in member.items() if isinstance(value, str)} == {"identity", "zone", "version"} <= KEPT
