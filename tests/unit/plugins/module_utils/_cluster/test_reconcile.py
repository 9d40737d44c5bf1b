# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of a run: when it observes, runs a step, repeats it, waits, gives up and hands over to the next slice."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import reconcile
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    AWAIT_DAG,
    RETRY,
    ObservedCluster,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.record import RunRecord
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.steps import StepRunner
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    Ended,
    ObshellError,
    Refused,
    TimedOut,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import SliceEnded, TimeSlice

from .scripted_run import DENIED, DESIRED, DOWN, INIT, INIT_DAG, NEXT, OPTIONS, SERVER, UNAUTHORIZED, Run, seen


def test_each_step_is_planned_after_an_observation(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, plans=[[OPTIONS, NEXT], [NEXT], []])
    assert run.run()["msg"] == "the cluster obdemo is initialized"
    assert (run.steps, run.observations, run.now) == ([OPTIONS.text, NEXT.text], 3, [0.0])


def test_the_same_step_is_run_again_after_a_pause_and_until_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, plans=[[OPTIONS]])
    with pytest.raises(TimedOut, match="before: set the options"):
        run.run()
    assert len(run.steps) == 60 / reconcile.AWAIT_PAUSE


@pytest.mark.parametrize(
    ("last", "plans", "steps"),
    [
        ([seen("1"), seen("1")], [[OPTIONS]], None),
        ([seen("1"), seen("2")], [[OPTIONS], [OPTIONS], []], 2),
        ([seen("1"), seen("1")], [[OPTIONS, NEXT], [NEXT], []], 2),
        ([seen("1"), seen("1")], [[OPTIONS], []], 1),
    ],
    ids=["final", "a DAG of another client was in the way", "another step is next", "nothing is left"],
)
def test_a_refusal_is_final_unless_something_moved(
    monkeypatch: pytest.MonkeyPatch, last: list[ObservedCluster], plans: list[list[Step]], steps: int | None
) -> None:
    run = Run(monkeypatch, observed=last, plans=plans, refusals=[DENIED, None])
    if steps is None:
        with pytest.raises(AgentError) as caught:
            run.run()
        assert caught.value is DENIED and caught.value.result["outcome"] == "failed"
    else:
        run.run()
    assert len(run.steps) == (steps or 1)


@pytest.mark.parametrize(("wait", "expected"), [(True, 1), (False, 0)])
def test_an_initialisation_is_not_waited_for_unasked(
    monkeypatch: pytest.MonkeyPatch, wait: bool, expected: int
) -> None:
    run = Run(monkeypatch, plans=[[INIT], []])
    result = run.run(wait=wait)
    assert len(run.steps) == expected
    assert ("did not wait" in result["msg"]) == (not wait)


@pytest.mark.parametrize(
    "step",
    [
        Step(AWAIT_DAG, "wait for it", dag=dataclasses.replace(INIT_DAG, name="Stop OB")),
        Step(RETRY, "retry it", dag=INIT_DAG),
    ],
)
def test_any_other_step_is_run_though_the_task_does_not_wait(monkeypatch: pytest.MonkeyPatch, step: Step) -> None:
    run = Run(monkeypatch, plans=[[step], []])
    run.run(wait=False)
    assert run.steps == [step.text]


@pytest.mark.parametrize("plan", [[OPTIONS, NEXT], [INIT], []])
def test_check_mode_runs_nothing_and_predicts(monkeypatch: pytest.MonkeyPatch, plan: list[Step]) -> None:
    run = Run(monkeypatch, plans=[plan])
    result = run.run(check=True)
    assert run.steps == [f"check {step.text}" for step in plan[:1]]
    assert result["steps"] == [step.text for step in plan]
    assert result["changed"] == (OPTIONS in plan)
    assert result["msg"] == (
        f"remaining steps: {', '.join(result['steps'])}" if plan else "the cluster obdemo is initialized"
    )


MOVING, STILL = [seen(identity="SINGLE"), seen(identity="MASTER")], [seen()]


def test_a_refusal_needs_two_observations_that_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, observed=MOVING, plans=[Refused("two masters"), []])
    run.run()
    run = Run(monkeypatch, observed=[*MOVING, *STILL], plans=[Refused("two masters")])
    with pytest.raises(Refused, match="two masters"):
        run.run()
    assert run.observations == 3


def test_agents_that_change_all_the_time_are_observed_until_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, observed=MOVING * 500, plans=[Refused("two masters")])
    observe = run._observe

    def slowly(pool: t.Any) -> t.Any:
        run.now[0] += 1
        return observe(pool)

    monkeypatch.setattr(reconcile, "observe", slowly)
    with pytest.raises(Refused):
        run.run()
    assert run.observations == 60


@pytest.mark.parametrize(
    ("error", "locked", "survived"), [(DOWN, False, False), (UNAUTHORIZED, False, False), (UNAUTHORIZED, True, True)]
)
def test_before_any_change_only_a_password_in_transition_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, error: ObshellError, locked: bool, survived: bool
) -> None:
    run = Run(monkeypatch, observed=[error, seen()])
    run.pool.locked = locked
    if survived:
        assert run.run()["changed"] is False
    else:
        with pytest.raises(type(error)):
            run.run()
    assert run.observations == 1 + survived


def test_after_a_change_agents_may_need_a_while_to_respond(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch, observed=[seen(), DOWN, DOWN, seen()], plans=[[OPTIONS], []])
    run.run()
    assert run.observations == 4 and run.now[0] > 0
    run = Run(monkeypatch, observed=[seen(), DOWN], plans=[[OPTIONS], []])
    with pytest.raises(Unreachable):
        run.run()
    assert run.now[0] == pytest.approx(60)


def test_a_plan_that_finds_a_failed_initialisation_ends_the_run_with_what_can_be_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Run(monkeypatch, plans=[[OPTIONS], Ended("the initialisation failed")])
    with pytest.raises(Ended) as caught:
        run.run()
    assert caught.value.result["outcome"] == "failed"
    assert [member["identity"] for member in caught.value.result["members"]] == ["MASTER"]


@pytest.mark.parametrize(("seconds", "ended"), [(40, True), (0, False)])
def test_a_time_slice_ends_between_two_steps(monkeypatch: pytest.MonkeyPatch, seconds: float, ended: bool) -> None:
    run = Run(monkeypatch, plans=[[OPTIONS, NEXT], [NEXT], []])
    slice_ = TimeSlice()
    run.seconds_per_step = seconds
    if not ended:
        run.run(time_slice=slice_)
        assert run.steps == [OPTIONS.text, NEXT.text]
        return
    with pytest.raises(SliceEnded) as caught:
        run.run(time_slice=slice_)
    assert run.steps == [OPTIONS.text]
    assert caught.value.known == {"changed": False, "steps": []}
    assert caught.value.checkpoint["pending"] is None
    later = TimeSlice(already_elapsed=40, checkpoint=caught.value.checkpoint)
    assert run.run(time_slice=later)["outcome"] == "unfinished"
    assert run.pool.verified == {SERVER}


def test_what_a_slice_left_pending_is_resumed_before_anything_is_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(monkeypatch)
    monkeypatch.setattr(
        StepRunner, "resume", lambda _runner, pending: run.steps.append(f"{pending} {run.observations}")
    )
    checkpoint = {"record": RunRecord(DESIRED).to_checkpoint(), "pending": "the rest"}
    run.run(time_slice=TimeSlice(checkpoint=checkpoint))
    assert run.steps == ["the rest 0"]


@pytest.mark.parametrize("last", [[], Ended("the initialisation failed")])
def test_the_next_plan_shows_that_a_step_in_doubt_was_done(monkeypatch: pytest.MonkeyPatch, last: t.Any) -> None:
    run = Run(monkeypatch, plans=[[OPTIONS], last])
    monkeypatch.setattr(StepRunner, "run", lambda runner, step: runner._record.doubt(step))
    if isinstance(last, Ended):
        with pytest.raises(Ended) as caught:
            run.run()
        result = caught.value.result
        assert "unknown" not in caught.value.message
    else:
        result = run.run()
    assert (result["changed"], result["steps"]) == (True, [OPTIONS.text])
