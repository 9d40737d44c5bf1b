# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One operator, at most one POST that can be accepted: against a client that loses responses on command."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, OnChange
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.progress import REQUESTING
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    Ended,
    ObshellError,
    OutcomeUnknown,
    Refused,
    TimedOut,
    Unauthorized,
    Unexpected,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation import operate as operating
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.operate import operate
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import OperationRequest
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import SliceEnded, TimeSlice, Waiter

ID = "22130706433028864"
OPERATORS = ("ROLLBACK", "RETRY", "PASS", "CANCEL")
AGAIN = "2026-11-24T06:00:00Z"

LOST = Unreachable("reset", sent=True)
NOT_SENT = Unreachable("refused", sent=False)
REFUSED_45 = AgentError("POST", status=400, error={"errCode": "Task.Dag.Operator.RetryNotFailedDag"}, trace_id="b")
REFUSED_42 = AgentError("POST", status=500, error={"code": 1010, "message": "not failed"}, trace_id="b")
BROKEN = AgentError("POST", status=500, error={"code": 1002, "message": "unexpected"}, trace_id="b")


def api(end: str, start_time: str = "2026-11-24T05:59:39Z") -> dict[str, t.Any]:
    """A DAG of a kind that allows every operator without consent, and that locks nothing."""
    state, operator = end.split("/")
    places = {
        "Check the python environment": "SUCCEED",
        "Download all required packages": "SUCCEED",
        "Check all required packages": state,
    }
    nodes = [{"name": name, "state": at, "operator": "RUN", "sub_tasks": None} for name, at in places.items()]
    return {
        "id": ID,
        "dag_id": 4,
        "name": "Upgrade check OB 4.3.5.4-1",
        "state": state,
        "operator": operator,
        "start_time": start_time,
        "stage": 3,
        "max_stage": 3,
        "maintenance_type": 1,
        "nodes": nodes,
    }


class FakeClient:
    """Answers reads from a list, the last one for ever, and POSTs from another (None: accepted)."""

    where = "http://127.0.0.1:2886"

    def __init__(self, reads: t.Sequence[t.Any], posts: t.Sequence[ObshellError | None] = ()) -> None:
        self.reads, self.posts = list(reads), list(posts)
        self.requests: list[str] = []
        self.trace_ids: list[str] = []

    def own_address(self) -> Address:
        return Address("127.0.0.1", 2886)

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        self.requests.append("GET")
        read = self.reads.pop(0) if len(self.reads) > 1 else self.reads[0]
        if isinstance(read, ObshellError):
            raise read
        return Dag.from_api(read if details else {**read, "nodes": None})

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        return [self.get_dag(ID, details=details)]

    def info(self) -> AgentInfo:
        raise NOT_SENT

    def agent_time(self) -> float:
        return 0.0

    def remember_dag(self, dag_id: str) -> None:
        pass

    def operate_dag(self, dag_id: str, operator: str) -> None:
        self.requests.append(operator)
        post = self.posts.pop(0)
        if post:
            raise post

    def run(
        self,
        operator: str,
        *,
        timeout: float = 60,
        on_change: OnChange | None = None,
        time_slice: TimeSlice | None = None,
        **options: t.Any,
    ) -> dict[str, t.Any]:
        request = OperationRequest(operator=operator, id=ID, **options)
        waiter = Waiter.start(timeout=timeout, interval=10, on_change=on_change, time_slice=time_slice)
        return operate(t.cast("t.Any", self), request, waiter, waiter.checkpoint)

    @property
    def posted(self) -> int:
        return len(self.requests) - self.requests.count("GET")


@pytest.fixture(name="clock", autouse=True)
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(
        _polling.Deadline.__init__,
        "__kwdefaults__",
        {"clock": lambda: now[0], "sleep": lambda s: now.append(now.pop() + s)},
    )


ENDS = {"ROLLBACK": "SUCCEED/ROLLBACK", "RETRY": "SUCCEED/RUN", "PASS": "SUCCEED/PASS", "CANCEL": "FAILED/CANCEL"}
FROM = {"ROLLBACK": "FAILED/RUN", "RETRY": "FAILED/RUN", "PASS": "FAILED/RUN", "CANCEL": "RUNNING/RUN"}


def before_and_after(operator: str) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    return api(FROM[operator]), api(ENDS[operator], AGAIN)


@pytest.mark.parametrize("operator", OPERATORS)
def test_posts_once_and_waits_for_the_operators_own_end(operator: str) -> None:
    before, after = before_and_after(operator)
    client = FakeClient([before, after], [None])
    result = client.run(operator)
    assert (result["changed"], result["applied"], client.posted) == (True, True, 1)
    assert result["dag"]["state"] == after["state"]


@pytest.mark.parametrize("operator", OPERATORS)
def test_without_wait_nothing_is_read_after_the_post(operator: str) -> None:
    client = FakeClient([api(FROM[operator])], [None])
    assert client.run(operator, wait=False)["applied"] is True
    assert client.requests == ["GET", operator]


@pytest.mark.parametrize("operator", OPERATORS)
def test_what_is_already_so_is_unchanged_after_one_read(operator: str) -> None:
    client = FakeClient([api(ENDS[operator])])
    result = client.run(operator)
    assert (result["changed"], result["applied"], client.requests) == (False, False, ["GET"])


@pytest.mark.parametrize("operator", OPERATORS)
def test_check_mode_reads_once_and_predicts(operator: str) -> None:
    client = FakeClient([api(FROM[operator])])
    result = client.run(operator, check=True)
    assert (result["changed"], result["applied"], client.requests) == (True, False, ["GET"])
    assert "/".join(result["diff"]["after"][key] for key in ("state", "operator")) == ENDS[operator]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("error", [LOST, BROKEN], ids=["reset", "500"])
def test_a_lost_answer_of_what_then_moved_is_not_posted_again(operator: str, error: ObshellError) -> None:
    before, after = before_and_after(operator)
    client = FakeClient([before, after], [error])
    result = client.run(operator)
    assert (result["changed"], result["applied"], client.posted) == (True, "unknown", 1)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("error", [LOST, NOT_SENT], ids=["reset", "refused"])
def test_a_lost_answer_of_what_did_not_move_is_posted_once_more(operator: str, error: ObshellError) -> None:
    before, after = before_and_after(operator)
    client = FakeClient([before, LOST, before, after], [error, None])
    result = client.run(operator)
    assert (result["changed"], result["applied"], client.posted) == (True, True, 2)


@pytest.mark.parametrize("operator", OPERATORS)
def test_lost_twice_and_not_moved_is_unknown(operator: str) -> None:
    client = FakeClient([api(FROM[operator])], [LOST, LOST])
    with pytest.raises(OutcomeUnknown, match="obshell_dag_info") as caught:
        client.run(operator)
    assert (caught.value.result["changed"], caught.value.result["applied"], client.posted) == (False, "unknown", 2)


@pytest.mark.parametrize(("wait", "timeout", "ends"), [(True, 60, 60), (False, 60, 30), (False, 20, 20)])
def test_lost_and_never_answered_again_is_unknown(wait: bool, timeout: float, ends: float) -> None:
    client = FakeClient([api("FAILED/RUN"), LOST], [LOST])
    with pytest.raises(OutcomeUnknown, match="Cannot tell") as caught:
        client.run("RETRY", wait=wait, timeout=timeout)
    assert (caught.value.result["applied"], client.posted) == ("unknown", 1)
    assert clock() == pytest.approx(ends)


@pytest.mark.parametrize("wait", [True, False])
def test_a_proxy_that_asks_for_a_pause_gets_it_before_the_next_read(wait: bool) -> None:
    client = FakeClient([api("FAILED/RUN"), api("SUCCEED/RUN", AGAIN)], [Unreachable("busy", sent=True, retry_after=7)])
    assert client.run("RETRY", wait=wait)["applied"] == "unknown"
    assert clock() == pytest.approx(7)


@pytest.mark.parametrize("refusal", [REFUSED_45, REFUSED_42], ids=["4.5", "4.2"])
@pytest.mark.parametrize("operator", OPERATORS)
def test_a_refusal_because_somebody_else_was_quicker_is_no_failure(operator: str, refusal: AgentError) -> None:
    before, after = before_and_after(operator)
    client = FakeClient([before, after], [refusal])
    result = client.run(operator)
    assert (result["changed"], result["applied"], client.posted) == (False, False, 1)


@pytest.mark.parametrize("refusal", [REFUSED_45, REFUSED_42, BROKEN], ids=["4.5", "4.2", "500"])
def test_a_refusal_of_what_did_not_move_is_a_failure_with_the_agents_words(refusal: AgentError) -> None:
    client = FakeClient([api("FAILED/RUN")], [refusal])
    with pytest.raises(Refused, match="traceId b") as caught:
        client.run("PASS")
    assert caught.value.result["error"] == refusal.result["error"]
    assert (caught.value.result["changed"], client.posted) == (False, 1)
    takes = ["ROLLBACK", "RETRY", *(["PASS"] if refusal is BROKEN else [])]
    assert caught.value.result["allowed_operators"] == takes


def test_a_refusal_after_a_lost_answer_leaves_open_whose_it_was() -> None:
    before, after = before_and_after("ROLLBACK")
    client = FakeClient([before, before, after], [LOST, REFUSED_45])
    assert client.run("ROLLBACK")["applied"] == "unknown"


def test_somebody_elses_other_operator_is_a_refusal() -> None:
    client = FakeClient([api("FAILED/RUN"), api("READY/RUN", "1970-01-01T00:00:00Z")], [REFUSED_45])
    with pytest.raises(Refused):
        client.run("ROLLBACK")


def test_what_was_refused_before_the_dag_moved_may_be_taken_now() -> None:
    client = FakeClient([api("FAILED/RUN"), api("FAILED/RUN", AGAIN)], [REFUSED_45])
    with pytest.raises(Refused) as caught:
        client.run("ROLLBACK")
    assert caught.value.result["allowed_operators"] == ["ROLLBACK", "RETRY", "PASS"]


def test_a_cancel_lost_while_the_dag_ended_by_itself_has_nothing_left_to_cancel() -> None:
    client = FakeClient([api("RUNNING/RUN"), api("FAILED/RUN")], [LOST])
    result = client.run("CANCEL")
    assert (result["changed"], result["applied"], client.posted) == (False, False, 1)


def test_a_cancel_lost_while_the_dag_moved_by_itself_is_posted_once_more() -> None:
    client = FakeClient([api("READY/RUN"), api("RUNNING/RUN", AGAIN), api("FAILED/CANCEL", AGAIN)], [LOST, None])
    assert (client.run("CANCEL")["applied"], client.posted) == (True, 2)


@pytest.mark.parametrize("error", [NOT_SENT, LOST, Unauthorized("GET", status=401, error={}, trace_id="")])
def test_a_wait_survives_what_passes(error: ObshellError) -> None:
    before, after = before_and_after("ROLLBACK")
    assert FakeClient([before, error, after], [None]).run("ROLLBACK")["applied"] is True


@pytest.mark.parametrize(
    ("operator", "start", "end"),
    [
        ("RETRY", "FAILED/RUN", "FAILED/RUN"),
        ("ROLLBACK", "FAILED/RUN", "FAILED/ROLLBACK"),
        ("ROLLBACK", "FAILED/RUN", "SUCCEED/CANCEL"),
        ("CANCEL", "RUNNING/RUN", "SUCCEED/RUN"),
        ("RETRY", "FAILED/RUN", "FAILED/CANCEL"),
        ("PASS", "FAILED/RUN", "SUCCEED/RUN"),
    ],
)
def test_any_other_end_fails_though_it_was_applied(operator: str, start: str, end: str) -> None:
    client = FakeClient([api(start), api(end, AGAIN)], [None])
    with pytest.raises(Ended, match=end) as caught:
        client.run(operator)
    assert (caught.value.result["changed"], caught.value.result["applied"]) == (True, True)


def test_an_end_seen_before_the_post_is_not_taken_for_its_end() -> None:
    before = api("FAILED/CANCEL")
    client = FakeClient([before, before, before, api("SUCCEED/RUN", AGAIN)], [None])
    assert client.run("RETRY")["dag"]["state"] == "SUCCEED"


@pytest.mark.parametrize(
    ("operator", "now"), [("RETRY", "RUNNING/RUN"), ("ROLLBACK", "READY/ROLLBACK"), ("CANCEL", "RUNNING/CANCEL")]
)
def test_what_is_under_way_is_waited_for_without_a_post(operator: str, now: str) -> None:
    client = FakeClient([api(now), api(now), api(ENDS[operator], AGAIN)])
    result = client.run(operator)
    assert (result["changed"], result["applied"], client.posted) == (False, False, 0)
    assert len(client.requests) > 2


@pytest.mark.parametrize("options", [{"check": True}, {"wait": False}])
def test_what_is_under_way_is_not_waited_for_unasked(options: dict[str, t.Any]) -> None:
    client = FakeClient([api("RUNNING/RUN")])
    assert client.run("RETRY", **options)["changed"] is False
    assert client.requests == ["GET"]


def test_the_deadline_fails_with_what_was_last_seen() -> None:
    client = FakeClient([api("FAILED/RUN"), api("RUNNING/RUN", AGAIN)], [None])
    with pytest.raises(TimedOut, match=r"Timed out after 60 s: .*RUNNING/RUN at stage 3 of 3") as caught:
        client.run("RETRY")
    assert caught.value.result["dag"]["state"] == "RUNNING"
    assert caught.value.result["changed"] is True


@pytest.mark.parametrize(
    ("operator", "now"), [("ROLLBACK", "RUNNING/RUN"), ("PASS", "RUNNING/RUN"), ("RETRY", "RUNNING/CANCEL")]
)
def test_settle_waits_for_the_end_and_decides_again(operator: str, now: str) -> None:
    with pytest.raises(Refused):
        FakeClient([api(now)]).run(operator)
    client = FakeClient([api(now), api(now), api("FAILED/RUN"), api("FAILED/RUN"), api(ENDS[operator], AGAIN)], [None])
    assert client.run(operator, settle=True)["applied"] is True
    assert client.posted == 1


def test_settle_does_not_roll_back_what_then_succeeded() -> None:
    client = FakeClient([api("RUNNING/RUN"), api("SUCCEED/RUN")])
    with pytest.raises(Refused, match="it succeeded"):
        client.run("ROLLBACK", settle=True)
    assert client.posted == 0


def test_settle_in_check_mode_does_not_wait() -> None:
    client = FakeClient([api("RUNNING/RUN")])
    result = client.run("ROLLBACK", settle=True, check=True)
    assert (result["changed"], client.requests) == (False, ["GET"])
    assert "would wait for its end" in result["msg"]


def test_a_refusal_names_state_reason_and_what_is_allowed_and_posts_nothing() -> None:
    client = FakeClient([api("FAILED/ROLLBACK")])
    with pytest.raises(Refused, match=r"FAILED/ROLLBACK.*half rolled back.*allowed now: ROLLBACK"):
        client.run("RETRY")
    assert client.requests == ["GET"]


def test_a_wrong_password_at_the_post_is_no_reason_to_look_again() -> None:
    client = FakeClient([api("FAILED/RUN")], [Unauthorized("POST", status=401, error={}, trace_id="")])
    with pytest.raises(Unauthorized):
        client.run("RETRY")
    assert client.requests == ["GET", "RETRY"]


def test_changes_are_told_as_they_are_seen() -> None:
    seen: list[str] = []
    ready, running, done = api("READY/RUN", ""), api("RUNNING/RUN", AGAIN), api("SUCCEED/RUN", AGAIN)
    client = FakeClient([api("FAILED/RUN"), ready, ready, ready, running, running, done], [None])
    client.run("RETRY", on_change=lambda dag: seen.append(dag.state))
    assert seen == ["REQUESTING", "READY", "RUNNING", "SUCCEED"]


def test_an_acceptance_after_which_nothing_ever_moves_is_doubted() -> None:
    client = FakeClient([api("FAILED/RUN")], [None])
    with pytest.raises(TimedOut) as caught:
        client.run("RETRY")
    assert (caught.value.result["changed"], caught.value.result["applied"]) == (False, "unknown")


def test_an_acceptance_after_which_nothing_can_be_read_is_believed() -> None:
    client = FakeClient([api("FAILED/RUN"), NOT_SENT], [None])
    with pytest.raises(TimedOut, match="The last read failed") as caught:
        client.run("RETRY")
    assert (caught.value.result["changed"], caught.value.result["applied"]) == (True, True)


def test_what_was_never_sent_is_known_not_to_be_applied() -> None:
    client = FakeClient([api("FAILED/RUN"), NOT_SENT], [NOT_SENT])
    with pytest.raises(Unreachable) as caught:
        client.run("RETRY")
    assert (caught.value.result["changed"], caught.value.result["applied"]) == (False, False)


def test_never_sent_twice_is_known_not_to_be_applied() -> None:
    client = FakeClient([api("FAILED/RUN")], [NOT_SENT, NOT_SENT])
    with pytest.raises(Unreachable) as caught:
        client.run("RETRY")
    assert (caught.value.result["applied"], client.posted) == (False, 2)


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY"])
def test_a_lost_answer_behind_somebody_elses_other_operator_is_unknown(operator: str) -> None:
    other = {"ROLLBACK": "READY/RUN", "RETRY": "READY/ROLLBACK"}[operator]
    client = FakeClient([api("FAILED/RUN"), api(other, AGAIN)], [LOST])
    with pytest.raises(OutcomeUnknown) as caught:
        client.run(operator)
    assert (caught.value.result["changed"], caught.value.result["applied"], client.posted) == (False, "unknown", 1)


@pytest.mark.parametrize("now", ["SUCCEED/ROLLBACK", "READY/ROLLBACK", "READY/RUN"])
def test_a_lost_cancel_behind_somebody_elses_operator_is_unknown(now: str) -> None:
    client = FakeClient([api("RUNNING/RUN"), api(now, AGAIN)], [LOST])
    with pytest.raises(OutcomeUnknown):
        client.run("CANCEL")
    assert client.posted == 1


def test_a_lost_cancel_of_what_had_not_started_is_seen_by_its_nodes() -> None:
    retried = api("RUNNING/RUN", AGAIN)
    retried["nodes"][0]["operator"] = "RETRY"
    with pytest.raises(OutcomeUnknown):
        FakeClient([api("READY/RUN"), retried], [LOST]).run("CANCEL")


def test_a_dag_gone_after_a_lost_answer_leaves_open_whether_it_was_applied() -> None:
    gone = AgentError("POST", status=404, error={"code": "Task.NotFound"}, trace_id="b")
    with pytest.raises(AgentError) as caught:
        FakeClient([api("FAILED/RUN"), gone], [LOST]).run("RETRY")
    assert caught.value.result["applied"] == "unknown"
    with pytest.raises(OutcomeUnknown):
        FakeClient([api("FAILED/RUN")], [LOST, gone]).run("RETRY")


def test_a_bug_is_explained_with_what_was_done_before_it() -> None:
    client = FakeClient([api("FAILED/RUN"), t.cast("t.Any", {"id": ID})], [None])
    with pytest.raises(Unexpected, match=r"ValueError at model.py") as caught:
        client.run("RETRY")
    assert (caught.value.result["changed"], caught.value.result["applied"]) == (True, True)


def in_slices(client: FakeClient, operator: str, **options: t.Any) -> tuple[list[str], dict[str, t.Any]]:
    """Run in time slices, as the action plugin does; return what was reported in between, and the result."""
    reported: list[str] = []
    arguments: dict[str, t.Any] = {}
    while True:
        time_slice = TimeSlice(already_elapsed=clock(), **arguments)
        try:
            return reported, client.run(operator, time_slice=time_slice, **options)
        except SliceEnded as ended:
            reported += [progress.state for progress in time_slice.events]
            arguments = json.loads(json.dumps(time_slice.to_next(ended.checkpoint, client.trace_ids)))


def clock() -> float:
    return _polling.Deadline(0).clock()


def test_in_slices_it_is_the_same_wish_and_one_post() -> None:
    ready, running, done = api("READY/RUN", ""), api("RUNNING/RUN", AGAIN), api("SUCCEED/RUN", AGAIN)
    slowly = [ready] * 20 + [running] * 20
    client = FakeClient([api("FAILED/RUN"), *slowly, done], [None])
    told, result = in_slices(client, "RETRY")
    assert told == [REQUESTING, "READY", "RUNNING"]
    assert (result["changed"], result["applied"], client.posted) == (True, True, 1)
    assert result["diff"]["before"]["state"] == "FAILED"


def test_in_slices_a_read_that_fails_as_a_slice_begins_is_read_again() -> None:
    ready, done = api("READY/RUN", ""), api("SUCCEED/RUN", AGAIN)
    for looks in range(1, 20):
        client = FakeClient([api("FAILED/RUN"), *[ready] * looks, LOST, LOST, done], [None])
        assert in_slices(client, "RETRY")[1]["dag"]["state"] == "SUCCEED"


def test_in_slices_the_deadline_is_that_of_all() -> None:
    client = FakeClient([api("FAILED/RUN"), api("RUNNING/RUN", AGAIN)], [None])
    with pytest.raises(TimedOut, match="after 60 s") as caught:
        in_slices(client, "RETRY")
    assert clock() == pytest.approx(60) == caught.value.result["elapsed"]
    assert (caught.value.result["changed"], client.posted) == (True, 1)


def test_in_slices_a_dag_that_fails_again_in_between_is_not_retried_again() -> None:
    ready, failed = api("READY/RUN", ""), api("FAILED/RUN", AGAIN)
    client = FakeClient([api("FAILED/RUN"), ready, ready, failed], [None])
    with pytest.raises(Ended) as caught:
        in_slices(client, "RETRY")
    assert (caught.value.result["applied"], client.posted) == (True, 1)


def test_in_slices_what_was_accepted_and_has_not_moved_yet_is_not_sent_again() -> None:
    client = FakeClient([*[api("FAILED/RUN")] * 20, api("SUCCEED/RUN", AGAIN)], [None, None])
    reported, result = in_slices(client, "RETRY")
    assert (reported.count(REQUESTING), result["applied"], client.posted) == (1, True, 1)


def test_in_slices_what_was_under_way_and_fails_in_between_is_not_posted() -> None:
    client = FakeClient([api("READY/RUN", ""), api("RUNNING/RUN"), api("RUNNING/RUN"), api("FAILED/RUN", AGAIN)])
    with pytest.raises(Ended):
        in_slices(client, "RETRY")
    assert client.posted == 0


def test_in_slices_ten_minutes_take_no_more_looks_than_at_once() -> None:
    client = FakeClient([api("FAILED/RUN"), api("RUNNING/RUN", AGAIN)], [None])
    with pytest.raises(TimedOut):
        in_slices(client, "RETRY", timeout=600)
    assert client.requests.count("GET") <= 150


def test_in_slices_settling_decides_when_it_is_over() -> None:
    running, failed, done = api("RUNNING/RUN"), api("FAILED/RUN"), api("SUCCEED/ROLLBACK", AGAIN)
    client = FakeClient([api("READY/RUN", ""), *[running] * 20, failed, failed, done], [None])
    told, result = in_slices(client, "ROLLBACK", settle=True)
    assert (told[0], result["applied"], client.posted) == ("RUNNING", True, 1)


def test_in_slices_what_blocks_is_found_in_a_later_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    blocker = {**api("FAILED/RUN"), "id": "22130706433028865"}
    others = FakeClient([blocker] * 3 + [{**blocker, **api("SUCCEED/ROLLBACK", AGAIN), "id": blocker["id"]}])

    class Both(FakeClient):
        def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
            if dag_id != ID:
                return others.get_dag(dag_id, details=details)
            return super().get_dag(dag_id, details=details)

    blockers = [[Dag.from_api(blocker)], []]
    monkeypatch.setattr(operating, "find_blockers", lambda client, dag: blockers.pop(0))
    reads = [*[api("RUNNING/CANCEL")] * 20, *[api("FAILED/CANCEL")] * 3, api("SUCCEED/ROLLBACK", AGAIN)]
    client = Both(reads, [None, None])
    _told, result = in_slices(client, "ROLLBACK", settle=True)
    assert [blocker["id"] in text for text in result["unblocked"]] == [True]
    assert (result["dag"]["id"], client.posted) == (ID, 2)


def test_a_slice_ends_after_half_a_minute_without_a_change() -> None:
    client = FakeClient([api("RUNNING/RUN")])
    position = (ID, "RUN", "RUNNING", "2026-11-24T05:59:39Z", "3")
    time_slice = TimeSlice(last_reported=position)
    with pytest.raises(SliceEnded) as caught:
        client.run("RETRY", time_slice=time_slice)
    assert not time_slice.events and clock() == pytest.approx(30)
    assert caught.value.known == {"changed": False}


def test_a_slice_that_sent_the_operator_has_changed_something() -> None:
    client = FakeClient([api("FAILED/RUN"), api("RUNNING/RUN", AGAIN)], [None])
    with pytest.raises(SliceEnded) as caught:
        client.run("RETRY", time_slice=TimeSlice())
    assert caught.value.known == {"changed": True}


def test_what_is_under_way_is_told_with_its_nodes() -> None:
    told: list[Dag] = []
    client = FakeClient([api("RUNNING/RUN")] * 4 + [api("SUCCEED/RUN")])
    client.run("RETRY", on_change=told.append)
    assert [(dag.state, bool(dag.nodes)) for dag in told] == [("RUNNING", True), ("SUCCEED", True)]
