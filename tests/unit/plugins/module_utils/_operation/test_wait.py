# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting without operating: which DAGs, until which end, and across a database that is away."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    Ended,
    NotFound,
    ObshellError,
    Refused,
    TimedOut,
    Unreachable,
)

from .timed_agent import TimedAgent, TimedDag, Times

UNTIL_30: Times[str] = {0: "RUNNING/RUN", 30: "SUCCEED/RUN"}
CREATE = TimedDag("112", "Create tenant t1", UNTIL_30)
FAILED_CREATE = CREATE._replace(states={0: "RUNNING/RUN", 30: "FAILED/RUN"})
CHANGE = TimedDag("113", "Modify tenant replicas", {0: "RUNNING/RUN", 50: "SUCCEED/RUN"}, tenant="t1")
OTHER = TimedDag("114", "Create tenant t2", {0: "RUNNING/RUN"})
AWAY: Times[int] = {0: 3, 5: 1, 100: 3}


@pytest.fixture(name="clock", autouse=True)
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(_polling.Deadline.__init__, "__kwdefaults__", {"clock": lambda: now[0], "sleep": sleep})
    return now


def by_name_or_tenant(tenant: str) -> list[dict[str, t.Any]]:
    return [{"name": f"Create tenant {tenant}"}, {"tenant": tenant}]


def ids(result: dict[str, t.Any]) -> list[str]:
    return [dag["id"] for dag in result["dags"]]


def failure(agent: TimedAgent, kind: type[ObshellError], **options: t.Any) -> ObshellError:
    with pytest.raises(ObshellError) as caught:
        agent.wait(**options)
    assert caught.type is kind
    return caught.value


def test_it_waits_for_one_dag_and_returns_it(clock: list[float]) -> None:
    agent = TimedAgent(clock, CREATE, OTHER)
    reported: list[str] = []
    result = agent.wait(id="112", on_change=lambda dag: reported.append(dag.state))
    assert 30 <= result["elapsed"] < 35 and not result["changed"]
    assert (result["dag"]["state"], ids(result), result["msg"]) == ("SUCCEED", ["112"], result["msg"])
    assert result["msg"].startswith("DAG 112 (Create tenant t1) is SUCCEED/RUN")
    assert result["dags"][0]["outcome"] == "succeeded" and result["operators"]["RETRY"]["verdict"] == "refused"
    assert reported == ["RUNNING", "SUCCEED"]


@pytest.mark.parametrize(
    ("end", "succeeded", "word"),
    [
        ("SUCCEED/RUN", True, ""),
        ("SUCCEED/PASS", False, "it was passed"),
        ("SUCCEED/ROLLBACK", False, "it was rolled back"),
        ("SUCCEED/CANCEL", False, "no sub-task failed"),
        ("FAILED/RUN", False, "Set root password on 192.0.2.1:2886"),
        ("FAILED/CANCEL", False, "FAILED/CANCEL"),
        ("FAILED/ROLLBACK", False, "FAILED/ROLLBACK"),
    ],
)
@pytest.mark.parametrize("already", [True, False], ids=["ended before", "ends later"])
def test_which_end_counts(clock: list[float], end: str, succeeded: bool, word: str, already: bool) -> None:
    dag = CREATE._replace(states={0: end} if already else {0: "RUNNING/RUN", 30: end})
    result = TimedAgent(clock, dag).wait(id="112", must_succeed=False)
    assert f"{result['dag']['state']}/{result['dag']['operator']}" == end
    clock[0] = 0
    if succeeded:
        assert TimedAgent(clock, dag).wait(id="112")["dags"][0]["outcome"] == "succeeded"
    else:
        error = failure(TimedAgent(clock, dag), Ended, id="112")
        assert word in error.message and end in error.message and "Operators allowed now: " in error.message
        assert error.result["dag"]["state"] == end.split("/")[0]
        assert bool(error.result["failures"]) == (end.startswith("FAILED"))


def test_a_name_stands_for_all_unfinished_dags_of_that_name(clock: list[float]) -> None:
    first = CREATE._replace(name="Scale in tenant replicas")
    second = CHANGE._replace(name="Scale in tenant replicas")
    result = TimedAgent(clock, first, OTHER, second).wait(name="Scale in tenant replicas")
    assert ids(result) == ["112", "113"] and 50 <= result["elapsed"] < 60
    assert "dag" not in result and "operators" not in result
    assert "DAG 112" in result["msg"] and "DAG 113" in result["msg"]


def test_a_tenant_is_that_of_the_name_or_of_the_lock(clock: list[float]) -> None:
    result = TimedAgent(clock, CREATE, OTHER, CHANGE).wait(tenant="t1")
    assert ids(result) == ["112", "113"] and 50 <= result["elapsed"] < 60
    result = TimedAgent([0.0], CREATE, OTHER, CHANGE).wait(tenant="t1", name="Create tenant t1", check=True)
    assert ids(result) == ["112"]


def test_a_dag_of_an_unknown_tenant_may_be_of_this_one(clock: list[float]) -> None:
    unknown = CHANGE._replace(tenant="")
    upgrade = TimedDag("115", "Upgrade check OB 4.3.5.4-1", {0: "RUNNING/RUN"})
    assert ids(TimedAgent(clock, unknown, upgrade).wait(tenant="t9")) == ["113"]


def test_all_are_waited_for_before_one_that_failed_is_reported(clock: list[float]) -> None:
    error = failure(TimedAgent(clock, FAILED_CREATE, CHANGE), Ended, tenant="t1")
    assert clock[0] >= 50 and "DAG 112" in error.message and "DAG 113" not in error.message
    assert ids(error.result) == ["112", "113"]
    assert [failed["agent"] for failed in error.result["failures"]] == ["192.0.2.1:2886"]


def test_nothing_unfinished_is_nothing_to_wait_for(clock: list[float]) -> None:
    for wanted in by_name_or_tenant("t9"):
        result = TimedAgent(clock, CREATE).wait(**wanted, must_succeed=False)
        assert result["dags"] == [] and "t9" in result["msg"] and "nothing to wait for" in result["msg"]
        error = failure(TimedAgent(clock, CREATE), NotFound, **wanted)
        assert "t9" in error.message and "nothing shows that one succeeded" in error.message
    assert clock == [0.0]


def test_the_newest_one_that_has_ended_must_have_succeeded(clock: list[float]) -> None:
    before = CREATE._replace(id="110", states={0: "FAILED/RUN"})
    done = CREATE._replace(id="111", states={0: "SUCCEED/RUN"})
    assert ids(TimedAgent(clock, OTHER, ended=(done, before)).wait(name=CREATE.name)) == ["111"]
    newer = before._replace(id="112")
    for wanted in by_name_or_tenant("t1"):
        assert "DAG 112" in failure(TimedAgent(clock, OTHER, ended=(done, newer)), Ended, **wanted).message
        assert TimedAgent(clock, OTHER, ended=(done, newer)).wait(**wanted, must_succeed=False)["dags"] == []


def test_an_id_without_a_dag_and_one_of_another_name_are_errors(clock: list[float]) -> None:
    for until in (True, False):
        assert "199" in failure(TimedAgent(clock, CREATE), NotFound, id="199", must_succeed=until).message
        refused = failure(TimedAgent(clock, CREATE), Refused, id="112", name="Drop tenant", must_succeed=until)
        assert "is not named 'Drop tenant'" in refused.message


@pytest.mark.parametrize("wanted", [{"id": "112"}, {"name": CREATE.name}, {"tenant": "t1"}], ids=str)
def test_it_waits_across_a_database_outage(clock: list[float], wanted: dict[str, t.Any]) -> None:
    """The agent fails the test if it is asked for a cluster DAG without its database."""
    agent = TimedAgent(clock, CREATE, database=AWAY)
    result = agent.wait(**wanted)
    assert 100 <= result["elapsed"] < 115 and result["dags"][0]["state"] == "SUCCEED"
    asked = [route for second, route in agent.asked if 5 < second < 100]
    assert set(asked) <= {"/status", "/info"} and asked.count("/info") <= 1
    assert len(agent.asked) < 100


@pytest.mark.parametrize("wanted", [{"id": "112"}, {"name": CREATE.name}, {"tenant": "t1"}], ids=str)
@pytest.mark.parametrize("until", [True, False], ids=["succeeded", "ended"])
def test_it_does_not_take_a_list_without_the_database_for_nothing(
    clock: list[float], wanted: dict[str, t.Any], until: bool
) -> None:
    dag = CREATE._replace(states={0: "RUNNING/RUN", 200: "SUCCEED/RUN"})
    agent = TimedAgent(clock, dag, database={0: 1, 100: 3})
    result = agent.wait(**wanted, must_succeed=until)
    assert 200 <= result["elapsed"] < 220 and ids(result) == ["112"] and result["incomplete"] == ""
    assert len([second for second, _route in agent.asked if second < 100]) < 150
    clock[0] = 0
    agent = TimedAgent(clock, dag, database={0: 1})
    error = failure(agent, TimedOut, **wanted, must_succeed=until, timeout=20)
    assert "obState 1" in error.message and "Run this task again" in error.message and clock[0] < 21
    clock[0] = 0
    result = TimedAgent(clock, dag, database={0: 1}).wait(**wanted, must_succeed=until, check=True)
    assert "obState 1" in result["msg"] and result["dags"] == [] and clock == [0.0]


def test_what_is_found_is_waited_for_though_lists_hide_others(clock: list[float]) -> None:
    local = TimedDag("232322355210288612", "Scale in tenant replicas", UNTIL_30, tenant="t1")
    result = TimedAgent(clock, local, CHANGE, database={0: 1}).wait(tenant="t1")
    assert ids(result) == [local.id] and "obState 1" in result["incomplete"]
    assert "Other DAGs may be hidden: the database" in result["msg"]


def test_an_unfinished_dag_that_cannot_be_read_may_be_of_any_tenant(clock: list[float]) -> None:
    agent = TimedAgent(clock, CREATE, odd=({"id": "119", "name": "Drop tenant"},))
    failure(agent, Unreachable, tenant="t1")
    failure(agent, Unreachable, name="Drop tenant")
    for tenant in (None, "t1"):
        assert ids(agent.wait(check=True, name=CREATE.name, tenant=tenant)) == ["112"]


def test_only_the_first_read_must_not_fail(clock: list[float]) -> None:
    failure(TimedAgent(clock, CREATE, down=(0, 5)), Unreachable, name=CREATE.name)
    assert clock == [0.0]
    result = TimedAgent(clock, CREATE, down=(5, 60)).wait(name=CREATE.name)
    assert 60 <= result["elapsed"] < 75


def test_at_the_deadline_the_dag_is_told_and_the_same_task_resumes(clock: list[float]) -> None:
    agent = TimedAgent(clock, CREATE)
    late = failure(agent, TimedOut, name=CREATE.name, timeout=10)
    assert "Timed out after 10 s: DAG 112 (Create tenant t1) is RUNNING/RUN" in late.message
    assert late.result["dags"][0]["state"] == "RUNNING" and late.result["dags"][0]["allowed_operators"] == ["CANCEL"]
    assert agent.wait(name=CREATE.name)["dags"][0]["state"] == "SUCCEED"


def test_check_mode_returns_at_once_what_it_would_wait_for(clock: list[float]) -> None:
    result = TimedAgent(clock, CREATE, OTHER).wait(name=CREATE.name, check=True)
    assert ids(result) == ["112"] and "would wait for the end" in result["msg"]
    failed = CREATE._replace(id="111", states={0: "FAILED/RUN"})
    failure(TimedAgent(clock, failed, CREATE), Ended, name=CREATE.name, check=True)
    assert clock == [0.0]


def test_time_slices_report_each_change_once_and_end_with_the_same_result(clock: list[float]) -> None:
    dags = (FAILED_CREATE, CHANGE._replace(states={0: "RUNNING/RUN", 200: "SUCCEED/RUN"}))
    result, reported, slices = TimedAgent(clock, *dags).wait_in_slices(tenant="t1", must_succeed=False)
    assert reported == ["112 RUNNING", "112 FAILED", "113 RUNNING", "113 SUCCEED"]
    assert slices < 14
    whole = TimedAgent([0.0], *dags)
    clock[0] = 0
    whole.clock = clock
    expected = whole.wait(tenant="t1", must_succeed=False)
    assert {**result, "elapsed": 0} == {**expected, "elapsed": 0}
    assert len(result["failures"]) == 1 and result["failures"][0]["logs"] == expected["failures"][0]["logs"]


def test_time_slices_also_end_while_the_lists_are_incomplete(clock: list[float]) -> None:
    dag = CREATE._replace(states={0: "RUNNING/RUN", 200: "SUCCEED/RUN"})
    agent = TimedAgent(clock, dag, database={0: 1, 100: 3}, down=(25, 50))
    result, reported, slices = agent.wait_in_slices(name=CREATE.name)
    assert ids(result) == ["112"] and reported == ["112 RUNNING", "112 SUCCEED"] and slices > 3


def test_the_last_time_slice_of_several_that_times_out_has_all_that_ended(clock: list[float]) -> None:
    dags = (FAILED_CREATE, CHANGE._replace(states={0: "RUNNING/RUN"}))
    with pytest.raises(TimedOut) as caught:
        TimedAgent(clock, *dags).wait_in_slices(tenant="t1", timeout=150)
    assert ids(caught.value.result) == ["112", "113"] and len(caught.value.result["failures"]) == 1
