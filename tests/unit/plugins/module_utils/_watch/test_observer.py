# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which looks at an agent become events, and that none becomes one twice."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.look import Look
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.memory import Memory
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.observer import Observer

from .looks import AGENT, DEAD, NOW, OTHER, make_dag, make_look

STUCK_AFTER = 600.0
FAILED = make_dag()


def observer(memory: Memory | None = None) -> Observer:
    return Observer(memory or Memory(), stuck_after=STUCK_AFTER)


def restarted(source: Observer, now: float = NOW) -> Observer:
    """A source that begins with what another one saved."""
    return observer(Memory.from_json(source.memory.to_json(), now))


def types(source: Observer, *looks: Look, now: float = NOW) -> list[str]:
    """The types of the events of looks a second apart."""
    return [event["type"] for second, look in enumerate(looks) for event in source.observe(look, now + second)]


def test_a_failed_dag_is_reported_once_for_each_attempt() -> None:
    source = observer()
    again = make_dag(start=NOW + 5, times=3)
    assert types(source, *[make_look(FAILED)] * 3, make_look(again), make_look(again)) == ["failed", "failed"]


def test_a_restarted_source_does_not_report_an_attempt_again() -> None:
    source = observer()
    assert types(source, make_look(FAILED)) == ["failed"]
    assert types(restarted(source), make_look(FAILED)) == []
    assert types(restarted(source), make_look(make_dag(start=NOW + 5))) == ["failed"]


def test_an_event_says_why_the_dag_failed_and_what_each_operator_would_do() -> None:
    (event,) = observer().observe(make_look(make_dag(times=5)), NOW)
    assert event["agent"] == {
        "address": "10.0.0.1:2886",
        "host": "10.0.0.1",
        "port": 2886,
        "identity": "MASTER",
        "version": "4.5.0.0",
    }
    assert event["cluster"] == {"name": "prod", "id": 7}
    assert event["dag"]["id"] == FAILED.id and event["dag"]["state"] == "FAILED" and "nodes" not in event["dag"]
    assert event["reasons"] == ["Start observer on 10.0.0.1:2886: ERROR: no space left"]
    assert event["operators"]["RETRY"]["verdict"] == "allowed" and event["operators"]["PASS"]["verdict"] == "refused"
    assert event["retries"] == 2 and event["id"].startswith("failed/")


@pytest.mark.parametrize(
    ("recovering", "recovered", "outcome"),
    [
        (make_dag("READY", node_operator="RETRY"), make_dag("SUCCEED", start=NOW + 9), "initialized"),
        (
            make_dag("RUNNING", operator="ROLLBACK", node_operator="ROLLBACK"),
            make_dag("SUCCEED", operator="ROLLBACK", start=NOW + 9),
            "rolled_back",
        ),
    ],
)
def test_a_recovery_is_reported_as_it_begins_and_ends(recovering: Dag, recovered: Dag, outcome: str) -> None:
    source = observer()
    running = make_dag("RUNNING", node_operator="RETRY", start=NOW + 3)
    looks = [make_look(FAILED), make_look(recovering), make_look(running), make_look(recovering)]
    assert types(source, *looks) == ["failed", "recovering"]
    assert source.watched(str(AGENT)) == [FAILED.id]
    (event,) = source.observe(make_look(ended={FAILED.id: recovered}), NOW + 9)
    assert (event["type"], event["outcome"]) == ("recovered", outcome)
    assert source.watched(str(AGENT)) == []
    assert types(restarted(source), make_look(ended={FAILED.id: recovered})) == []


def test_a_second_recovery_of_a_dag_is_reported_again() -> None:
    retried = make_dag("RUNNING", node_operator="RETRY", start=NOW + 3)
    again = make_dag(start=NOW + 4, times=3)
    later = make_dag("RUNNING", node_operator="RETRY", start=NOW + 8)
    looks = [make_look(dag) for dag in (FAILED, retried, again, later)]
    assert types(observer(), *looks) == ["failed", "recovering", "failed", "recovering"]


def test_a_recovery_that_began_before_the_source_is_known_from_the_agent() -> None:
    source = observer()
    assert types(source, make_look(make_dag("RUNNING", node_operator="RETRY"))) == ["recovering"]
    assert types(source, make_look(ended={FAILED.id: make_dag("SUCCEED")})) == ["recovered"]


def test_a_dag_that_runs_and_succeeds_is_no_event() -> None:
    source = observer()
    assert types(source, make_look(make_dag("RUNNING"))) == []
    assert source.watched(str(AGENT)) == [FAILED.id]
    assert types(source, make_look(ended={FAILED.id: make_dag("SUCCEED")})) == []
    assert source.watched(str(AGENT)) == [] and source.memory.dags == {}


def test_a_dag_that_gives_its_lock_back_as_it_fails_is_reported_although_it_is_listed_no_more() -> None:
    source = observer()
    looks = [make_look(make_dag("RUNNING")), make_look(ended={FAILED.id: FAILED}), make_look(ended={FAILED.id: FAILED})]
    assert types(source, *looks) == ["failed"]


def test_a_failed_dag_that_the_agent_has_no_more_is_gone() -> None:
    source = observer()
    assert types(source, make_look(FAILED), make_look(ended={FAILED.id: None})) == ["failed", "gone"]
    assert source.watched(str(AGENT)) == []


@pytest.mark.parametrize(("idle", "expected"), [(STUCK_AFTER - 1, []), (STUCK_AFTER, ["stuck"])])
def test_a_dag_is_stuck_by_the_times_of_the_agent(idle: float, expected: list[str]) -> None:
    running = make_dag("RUNNING", start=NOW)
    look = make_look(running, agent_time=NOW + 0.5 + idle)
    source = observer()
    assert types(source, look, look) == expected
    assert types(restarted(source), look) == []


def test_a_retried_dag_that_its_agent_does_not_begin_is_stuck_by_the_time_of_this_host() -> None:
    ready = make_look(make_dag("READY", node_operator="RETRY"), agent_time=NOW + 9e6)
    source = observer()
    assert types(source, ready, now=NOW) == ["recovering"]
    assert types(source, ready, now=NOW + STUCK_AFTER - 1) == []
    assert types(source, ready, now=NOW + STUCK_AFTER) == ["stuck"]


def test_a_part_that_waits_as_failed_for_its_main_dag_is_no_failure() -> None:
    main = make_dag("RUNNING", name="Start OB", number=2)
    part = make_dag(number=3, additional_data={"main_dag_id": main.id})
    assert types(observer(), make_look(main, part)) == []
    failed_main = make_dag(name="Start OB", number=2)
    assert types(observer(), make_look(failed_main, part)) == ["failed", "failed"]


def test_an_agent_is_reported_when_it_fails_twice_and_when_it_answers_again() -> None:
    source = observer()
    assert types(source, make_look(error=DEAD), make_look(), make_look(error=DEAD)) == []
    assert types(source, make_look(error=DEAD), make_look(error=DEAD)) == ["unreachable"]
    source = restarted(source)
    assert types(source, *[make_look(error=DEAD)] * 3) == []
    assert types(source, make_look(FAILED), make_look(FAILED)) == ["reachable", "failed"]


def test_two_agents_of_a_cluster_do_not_report_a_dag_twice() -> None:
    source = observer()
    cluster_dag = make_dag(id="112", name="Create tenant t1")
    looks = [make_look(cluster_dag), make_look(cluster_dag, agent=OTHER)]
    assert types(source, *looks) == ["failed"]
    assert source.watched(str(AGENT)) == [] and source.watched(str(OTHER)) == ["112"]
    assert types(source, make_look(cluster_dag, name="test")) == ["failed"], "another cluster can have the same ID"


def test_a_dag_stays_the_same_one_when_its_cluster_gets_other_members() -> None:
    source = observer()
    failed = make_dag(id="112", name="Cluster scale out")
    scaled = (OTHER, AGENT, Address("1.0.0.1", 2886))
    assert types(source, make_look(failed, peers=[OTHER, AGENT]), make_look(failed, peers=scaled)) == ["failed"]
    succeeded = make_dag("SUCCEED", id="112", name="Cluster scale out")
    assert types(source, make_look(ended={"112": succeeded}, peers=scaled)) == ["recovered"]
    assert source.watched(str(AGENT)) == []


UNREADABLE = {
    "id": "112",
    "name": "Create tenant x",
    "status": -1,
    "error": {"message": "Create tenant x has the unknown state PAUSED"},
}


def test_a_dag_that_cannot_be_read_is_reported_until_it_can_be() -> None:
    source = observer()
    unreadable = make_look(FAILED, unavailable=[UNREADABLE])
    (event,) = [event for event in source.observe(unreadable, NOW) if event["type"] != "failed"]
    assert (event["type"], event["dag"]) == ("unreadable", {"id": "112", "name": "Create tenant x"})
    assert "unknown state PAUSED" in event["msg"]
    assert types(restarted(source), unreadable, make_look(error=DEAD), unreadable) == []
    assert types(source, make_look(FAILED), unreadable) == ["unreadable"]


def test_an_answer_that_nobody_expected_hides_no_other_dag() -> None:
    source = observer()
    looks = [make_look(make_dag(id="::1"), FAILED)] * 2
    assert types(source, *looks) == ["failed", "unreachable"]


def test_another_member_is_asked_for_a_cluster_dag_of_an_agent_that_does_not_answer() -> None:
    source = observer()
    running = make_dag("RUNNING", id="112", name="Upgrade check")
    own = make_dag("RUNNING")
    types(source, make_look(running, own), make_look(error=DEAD), make_look(error=DEAD))
    assert source.watched(str(OTHER)) == ["112"] and source.watched("10.0.0.9:2886") == []
    failed = make_dag(id="112", name="Upgrade check")
    assert types(source, make_look(agent=OTHER, ended={"112": failed})) == ["failed"]


def test_records_of_a_dag_whose_agents_did_not_say_their_cluster_become_one() -> None:
    source = observer()
    failed = make_dag(id="112", name="Create tenant t1")
    error = AgentError("GET /ob/info", status=500, error={}, trace_id="")
    looks = [make_look(failed, agent=agent, error=error) for agent in (AGENT, OTHER)]
    assert types(source, *looks) == ["failed"] * 2
    assert types(source, make_look(failed), make_look(failed, agent=OTHER)) == []
    assert len(source.memory.dags) == 1


def test_a_short_list_of_members_hides_none() -> None:
    source = observer()
    failed = make_dag(id="112", name="Create tenant t1")
    short = [make_look(failed, agent=agent, peers=[agent]) for agent in (AGENT, OTHER)]
    assert types(source, make_look(failed), *short) == ["failed"]


def test_one_time_in_two_zones_is_one_attempt() -> None:
    source = observer()
    stamps = ("2026-11-18T11:06:40.5Z", "2026-11-18T19:06:40.500000000+08:00")
    assert types(source, *(make_look(make_dag(start_time=stamp)) for stamp in stamps)) == ["failed"]


def test_a_dag_that_is_gone_at_one_agent_and_not_at_another_has_failed_again() -> None:
    """The end of the alert was wrong."""
    source = observer()
    failed = make_dag(id="112", name="Create tenant t1")
    gone, other = make_look(ended={"112": None}), make_look(failed, agent=OTHER)
    found = [event for look in (make_look(failed), gone, other, other) for event in source.observe(look, NOW)]
    assert [event["type"] for event in found] == ["failed", "gone", "failed"]
    again = source.observe(make_look(agent=OTHER, ended={"112": None}), NOW)
    assert len({event["id"] for event in [*found, *again]}) == 4


def test_a_dag_is_forgotten_a_day_after_it_was_listed_last_once_its_trouble_has_ended() -> None:
    source = observer()
    types(source, make_look(FAILED))
    types(source, make_look(), now=NOW + 9 * 86400)
    assert source.memory.dags, "its agent may have been off for long"
    types(source, make_look(ended={FAILED.id: make_dag("SUCCEED")}), now=NOW + 9 * 86400)
    assert not source.memory.dags


def test_an_agent_that_is_back_after_days_has_no_new_failure() -> None:
    source = observer()
    looks = [make_look(FAILED), make_look(error=DEAD), make_look(error=DEAD)]
    assert types(source, *looks) == ["failed", "unreachable"]
    assert types(source, make_look(error=DEAD), now=NOW + 2 * 86400) == []
    assert types(source, make_look(FAILED), now=NOW + 3 * 86400) == ["reachable"]


def test_a_dag_with_the_id_of_one_that_is_gone_is_another_one() -> None:
    """An agent that was installed again counts from 1."""
    source = observer()
    running, failed = make_dag("RUNNING", start=NOW + 90), make_dag(start=NOW + 90)
    assert types(source, make_look(FAILED), make_look(ended={FAILED.id: None})) == ["failed", "gone"]
    assert types(source, make_look(running), make_look(failed)) == ["failed"]
    assert types(source, make_look(ended={FAILED.id: make_dag("SUCCEED", start=NOW + 90)})) == ["recovered"]


@pytest.mark.parametrize(
    ("before", "after"),
    [((OTHER,), (AGENT, OTHER)), ((AGENT, OTHER), (OTHER,))],
    ids=["scale out", "scale in"],
)
def test_another_agent_knows_a_dag_although_the_cluster_has_got_other_members(
    before: tuple[Address, ...], after: tuple[Address, ...]
) -> None:
    """The one that listed it first is down, or has left."""
    source = observer()
    failed = make_dag(id="112", name="Create tenant t1")
    first, second = (before[0], OTHER) if len(before) > 1 else (OTHER, AGENT)
    looks = [make_look(failed, agent=first, peers=before), make_look(failed, agent=second, peers=after)]
    assert types(source, *looks) == ["failed"]
    assert len(source.memory.dags) == 1


def test_another_agent_knows_a_dag_whose_cluster_was_not_known_at_first() -> None:
    source = observer()
    failed = make_dag(id="112", name="Create tenant t1")
    broken = make_look(failed, error=AgentError("GET /ob/info", status=500, error={}, trace_id=""))
    assert types(source, broken, make_look(failed, agent=OTHER), make_look(failed)) == ["failed"]


@pytest.mark.parametrize(
    "unknown",
    [
        {"error": AgentError("GET /ob/info", status=500, error={}, trace_id="")},
        {"name": ""},
        {"name": "", "peers": ()},
    ],
    ids=["no answer", "no name", "no members"],
)
def test_a_dag_stays_the_same_one_when_an_agent_does_not_say_its_cluster_just_now(unknown: dict[str, t.Any]) -> None:
    source = observer()
    failed = make_dag(id="112", name="Create tenant t1")
    looks = [make_look(failed), make_look(failed, agent=OTHER), make_look(failed, **unknown), make_look(failed)]
    assert types(source, *looks) == ["failed"]
    assert len(source.memory.dags) == 1
