# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One step: what becomes of its request, which DAG is waited for, through whom, and how it ends."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    AWAIT_AGENTS,
    AWAIT_DAG,
    CONFIGURE_ALL,
    INIT,
    JOIN,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    Ended,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import SliceEnded, TimeSlice

from .step_case import FIRST, Agents, Case, dag

OPTIONS, START = Step(CONFIGURE_ALL, "set the options"), Step(INIT, "initialise the cluster")
LOST, NOT_SENT = (Unreachable("reset", sent=sent) for sent in (True, False))
DENIED, BROKEN = (AgentError("PUT", status=status, error={"code": 1002}, trace_id="") for status in (400, 500))
UNAUTHORIZED = Unauthorized("PUT", status=401, error={}, trace_id="")


@pytest.fixture(autouse=True)
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    clock = {"clock": lambda: now[0], "sleep": lambda seconds: now.append(now.pop() + seconds)}
    monkeypatch.setattr(_polling.Deadline.__init__, "__kwdefaults__", clock)


# The answer to the request, whether it changed something, whether that is in doubt, and the refusal.
ANSWERS: dict[str, tuple[t.Any, bool, bool, AgentError | None]] = {
    "a DAG": (dag("READY"), True, False, None),
    "no DAG": (None, True, False, None),
    "a refusal": (DENIED, False, False, DENIED),
    "a failure": (BROKEN, False, True, BROKEN),
    "lost": (LOST, False, True, None),
    "not sent": (NOT_SENT, False, False, None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_became_of_a_request(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    answer, changed, doubted, refused = ANSWERS[name]
    case = Case(monkeypatch, Agents("MASTER"), answer)
    case.runner.run(OPTIONS)
    assert (case.record.changed, bool(case.record.caveat), case.runner.refused) == (changed, doubted, refused)
    assert case.progressed == (changed, False, False)
    assert bool(case.agents.asked) == (name == "a DAG")
    case.runner.run(Step(AWAIT_AGENTS, "wait for the agents"))
    assert case.runner.refused is None


def test_a_refused_password_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(monkeypatch, Agents("MASTER"), UNAUTHORIZED)
    with pytest.raises(Unauthorized):
        case.runner.run(OPTIONS)
    assert not case.record.caveat


@pytest.mark.parametrize(
    ("step", "wait", "waits"), [(START, True, True), (START, False, False), (OPTIONS, False, True)]
)
def test_only_the_initialisation_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, step: Step, wait: bool, waits: bool
) -> None:
    case = Case(monkeypatch, Agents("MASTER"), dag("READY"), wait=wait)
    case.runner.run(step)
    assert bool(case.agents.asked) == waits
    assert case.progressed == (step is OPTIONS, step is START, step is START)


@pytest.mark.parametrize(
    ("step", "owner", "ended"),
    [
        (START, None, True),
        (START, dag("SUCCEED", number=4), False),
        (Step(AWAIT_DAG, "wait for it", dag=dag("RUNNING")), None, False),
    ],
)
def test_a_dag_that_fails(monkeypatch: pytest.MonkeyPatch, step: Step, owner: Dag | None, ended: bool) -> None:
    case = Case(monkeypatch, Agents("MASTER", states=["RUNNING", "FAILED"]), dag("READY"), owner=owner)
    if ended:
        with pytest.raises(Ended, match="initialise the cluster failed"):
            case.runner.run(step)
    else:
        case.runner.run(step)
    assert case.record.dag == (owner or dag("FAILED"))


def test_a_dag_that_does_not_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(monkeypatch, Agents("MASTER", states=["RUNNING"]), dag("READY"))
    with pytest.raises(TimedOut, match="RUNNING"):
        case.runner.run(OPTIONS)


def test_a_time_slice_ends_while_a_dag_is_waited_for_and_the_next_one_resumes(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(monkeypatch, Agents("MASTER", states=["RUNNING"]), dag("READY"), time_slice=TimeSlice())
    with pytest.raises(SliceEnded) as caught:
        case.runner.run(OPTIONS)
    pending = caught.value.checkpoint
    assert (pending["kind"], pending["text"], pending["operation"]) == (CONFIGURE_ALL, OPTIONS.text, None)
    later = Case(monkeypatch, Agents("MASTER", states=["RUNNING", "FAILED"]), DENIED)
    with pytest.raises(Ended, match="set the options failed"):
        later.runner.resume(pending)
    assert later.agents.remembered == [dag("READY").id]


@pytest.mark.parametrize(
    ("agent", "identities", "expected"),
    [
        (1, ("MASTER", "FOLLOWER"), "any, 192.0.2.1:2886 first"),
        (2, ("MASTER", "FOLLOWER"), "any, 192.0.2.2:2886 first"),
        (3, ("MASTER", "FOLLOWER"), "any, None first"),
    ],
)
def test_the_agent_of_a_dag_is_asked_first(
    monkeypatch: pytest.MonkeyPatch, agent: int, identities: tuple[str, ...], expected: str
) -> None:
    case = Case(monkeypatch, Agents(*identities))
    case.runner.run(Step(AWAIT_DAG, "wait for it", dag=dag("RUNNING", agent=agent)))
    assert set(case.agents.asked) == {expected}


@pytest.mark.parametrize(
    ("identities", "states", "reads"),
    [(["SINGLE", "FOLLOWER"], ["RUNNING"], 1), (["SINGLE", "SINGLE"], ["RUNNING", "SUCCEED"], 2)],
)
def test_a_single_agent_that_joins_is_asked_itself_until_it_has_another_identity(
    monkeypatch: pytest.MonkeyPatch, identities: list[str], states: list[str], reads: int
) -> None:
    agents = Agents("SINGLE", "MASTER", states=states)
    agents.identities = identities
    case = Case(monkeypatch, agents, dag("READY"))
    case.runner.run(Step(JOIN, "join it", agents.members[0]))
    assert agents.asked == [str(FIRST)] * reads
    assert case.record.dag and case.record.dag.state == "SUCCEED"
