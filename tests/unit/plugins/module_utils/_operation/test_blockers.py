# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a rollback, DAGs of other agents that block it are rolled back to their end, whatever the task asks for."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Ended, ObshellError, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.operate import operate
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import OperationRequest
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import (
    MAX_SLICE,
    SliceEnded,
    TimeSlice,
    Waiter,
)

from .._dag.kind_dags import make_dag

OWN, OTHER = "23221225985028864", "23221225986028865"
NOT_SENT = Unreachable("refused", sent=False)
MAIN = make_dag("Initialize cluster", "Start observer", id=OWN, maintenance_type=2)
STEP = make_dag("Start observer", "Start observer", id=OTHER, maintenance_type=2)
ROLLED_BACK = "SUCCEED/ROLLBACK"


class Agents:
    """An agent and its follower, each with a DAG whose states follow one another: FAILED until a POST, others by reads.

    `sent` lists for each POST the DAG, and the state of the follower's DAG at that time.
    """

    where = "http://192.0.2.1:2886"

    def __init__(self, own: list[str], other: list[str], *posts: ObshellError) -> None:
        self.states = {OWN: own, OTHER: other}
        self.posts = list(posts)
        self.sent: list[tuple[str, str]] = []
        self.trace_ids: list[str] = []

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        dag = self._dag(dag_id)
        if not dag.finished:
            self.states[dag_id].pop(0)
        return dag

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        return [self._dag(dag_id) for dag_id in self.states]

    def operate_dag(self, dag_id: str, operator: str) -> None:
        self.sent.append((dag_id, self.states[OTHER][0]))
        self.states[dag_id].pop(0)
        if self.posts:
            raise self.posts.pop(0)

    def own_address(self) -> None:
        """Stand for a socket: no address is foreign."""

    def agent_time(self) -> float:
        return 0.0

    def remember_dag(self, dag_id: str) -> None:
        """Any DAG may be read."""

    def operate(
        self, operator: str = "ROLLBACK", *, time_slice: TimeSlice | None = None, **options: t.Any
    ) -> dict[str, t.Any]:
        request = OperationRequest(operator=operator, name=MAIN.name, **options)
        waiter = Waiter.start(timeout=600, interval=10, time_slice=time_slice)
        return operate(t.cast("t.Any", self), request, waiter, waiter.checkpoint)

    def _dag(self, dag_id: str) -> Dag:
        state, operator = self.states[dag_id][0].split("/")
        raw = (MAIN if dag_id == OWN else STEP).raw
        start_time = "" if operator == "RUN" else "2026-11-24T06:00:00Z"
        return Dag.from_api({**raw, "state": state, "operator": operator, "start_time": start_time})


@pytest.fixture(name="now", autouse=True)
def fixture_now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    clock = {"clock": lambda: now[0], "sleep": lambda seconds: now.append(now.pop() + seconds)}
    monkeypatch.setattr(_polling.Deadline.__init__, "__kwdefaults__", clock)
    return now


OURS = ["FAILED/CANCEL", ROLLED_BACK]
BY_US = ["FAILED/RUN", "READY/ROLLBACK", "RUNNING/ROLLBACK", ROLLED_BACK]
BLOCKERS: dict[str, tuple[list[str], list[ObshellError], list[tuple[str, str]]]] = {
    "it failed": (BY_US, [], [(OTHER, "FAILED/RUN"), (OWN, ROLLED_BACK)]),
    "it is running": (["RUNNING/RUN", *BY_US], [], [(OTHER, "FAILED/RUN"), (OWN, ROLLED_BACK)]),
    "another client retries it meanwhile": (
        ["FAILED/RUN", "READY/RUN", "RUNNING/RUN", *BY_US],
        [NOT_SENT],
        [(OTHER, "FAILED/RUN"), (OTHER, "FAILED/RUN"), (OWN, ROLLED_BACK)],
    ),
    "it succeeds": (["RUNNING/RUN", "SUCCEED/RUN"], [], [(OWN, "SUCCEED/RUN")]),
    "another client rolls it back": (["RUNNING/ROLLBACK", ROLLED_BACK], [], [(OWN, ROLLED_BACK)]),
}


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("name", BLOCKERS)
def test_a_rollback_is_sent_when_what_blocks_it_is_over(name: str, wait: bool) -> None:
    states, posts, sent = BLOCKERS[name]
    agents = Agents(list(OURS), list(states), *posts)
    result = agents.operate(wait=wait)
    assert agents.sent == sent
    ours = sent[:-1]
    assert [(OTHER in text, ROLLED_BACK in text) for text in result["unblocked"]] == [(True, True)] * bool(ours)


def test_no_time_slice_ends_between_the_rollback_of_what_blocks_and_its_record(now: list[float]) -> None:
    agents = Agents(list(OURS), [*BY_US[:-1], *["RUNNING/ROLLBACK"] * 45, ROLLED_BACK])
    arguments: dict[str, t.Any] = {}
    result: dict[str, t.Any] = {}
    while not result:
        time_slice = TimeSlice(already_elapsed=now[0], **arguments)
        try:
            result = agents.operate(time_slice=time_slice)
        except SliceEnded as ended:
            arguments = json.loads(json.dumps(time_slice.to_next(ended.checkpoint, [])))
    assert now[0] > MAX_SLICE
    assert agents.sent == [(OTHER, "FAILED/RUN"), (OWN, ROLLED_BACK)]
    assert [OTHER in text for text in result["unblocked"]] == [True]


@pytest.mark.parametrize("wait", [True, False])
def test_a_rollback_is_not_sent_if_what_blocks_it_fails_again(wait: bool) -> None:
    agents = Agents(list(OURS), [*BY_US[:-1], "FAILED/ROLLBACK"])
    with pytest.raises(Ended, match=OTHER) as caught:
        agents.operate(wait=wait)
    assert agents.sent == [(OTHER, "FAILED/RUN")]
    assert (caught.value.result["changed"], caught.value.result["dag"]["id"]) == (True, OWN)


@pytest.mark.parametrize(
    ("operator", "own", "end"), [("RETRY", "FAILED/CANCEL", "SUCCEED/RUN"), ("ROLLBACK", "FAILED/RUN", ROLLED_BACK)]
)
def test_only_the_rollback_of_a_dag_whose_agent_may_have_forgotten_them_rolls_others_back(
    operator: str, own: str, end: str
) -> None:
    agents = Agents([own, end], list(BY_US))
    result = agents.operate(operator)
    assert (agents.sent, result["unblocked"]) == ([(OWN, "FAILED/RUN")], [])


class Overtaken(Agents):
    """Another client rolls back the agent's own DAG while the follower's is rolled back."""

    running = 1

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        if dag_id == OTHER and self.states[OTHER][0] == ROLLED_BACK:
            self.states[OWN] = [*["RUNNING/ROLLBACK"] * self.running, ROLLED_BACK]
        return super().get_dag(dag_id, details=details)


def test_what_moved_while_others_were_rolled_back_is_decided_about_again() -> None:
    agents = Overtaken(list(OURS), list(BY_US))
    result = agents.operate()
    assert agents.sent == [(OTHER, "FAILED/RUN")]
    assert (result["changed"], result["applied"]) == (True, False)


def test_a_slice_that_only_rolled_back_what_blocks_has_changed_something() -> None:
    agents = Overtaken(list(OURS), list(BY_US))
    agents.running = 100
    with pytest.raises(SliceEnded) as caught:
        agents.operate(time_slice=TimeSlice())
    assert caught.value.known == {"changed": True}
    assert (caught.value.checkpoint["changed"], caught.value.checkpoint["changed_others"]) == (False, True)
