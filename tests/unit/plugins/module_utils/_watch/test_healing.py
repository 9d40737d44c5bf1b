# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recovered without people, what is handed over to them, and that no limit is ever exceeded."""

from __future__ import annotations

import datetime
import random
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, InvalidInput
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.events import complete
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.healing import REPEAT_AFTER, HealRule, Window
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.memory import HOUR, Memory
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.observer import Observer

from .looks import AGENT, DEAD, NOW, OTHER, make_dag, make_look

DATA_REMOVAL = frozenset({"data_removal"})
PAUSE = 60.0
BROKEN = AgentError("GET /ob/info", status=500, error={}, trace_id="")
Event = dict[str, t.Any]


def make_rule(**changes: t.Any) -> HealRule:
    usual: dict[str, t.Any] = {
        "kinds": ("Initialize cluster",),
        "operators": ("RETRY",),
        "accept": frozenset(),
        "attempts_per_hour": 3,
        "pause": PAUSE,
    }
    return HealRule(**{**usual, **changes})


def source(memory: Memory | None = None, **rule: t.Any) -> Observer:
    return Observer(memory or Memory(), stuck_after=HOUR, rule=make_rule(**rule))


def decisions(observer: Observer, dag: Dag, now: float = NOW, **look: t.Any) -> list[Event]:
    """The events of one look that ask for something to be done."""
    events = observer.observe(make_look(dag, agent_time=now, **look), now)
    return [complete(event) for event in events if event["type"] in ("heal", "escalate")]


def two_looks(observer: Observer, dag: Dag, **look: t.Any) -> list[Event]:
    return [event for now in (NOW, NOW + 1) for event in decisions(observer, dag, now, **look)]


def attempt(number: int, **dag: t.Any) -> Dag:
    """The DAG after so many retries, each of which failed; each one took a minute."""
    return make_dag(start=NOW + number * PAUSE, times=1 + 2 * number, **dag)


def test_an_allowed_operator_is_requested_once() -> None:
    observer = source()
    (event,) = two_looks(observer, make_dag())
    assert event["type"] == "heal" and event["heal"] == {"operator": "RETRY", "accept": []}
    assert event["dag"]["id"] == make_dag().id


def test_a_restart_of_the_source_requests_nothing_again() -> None:
    first = source()
    assert len(decisions(first, make_dag())) == 1
    again = source(Memory.from_json(first.memory.to_json(), NOW))
    assert decisions(again, make_dag(), NOW + REPEAT_AFTER - 1) == []


def test_a_request_that_changed_nothing_is_repeated_much_later() -> None:
    observer = source()
    assert len(decisions(observer, make_dag())) == 1
    assert decisions(observer, make_dag(), NOW + REPEAT_AFTER - 1) == []
    assert len(decisions(observer, make_dag(), NOW + REPEAT_AFTER)) == 1


def test_the_next_attempt_comes_after_the_pause() -> None:
    observer = source()
    assert len(decisions(observer, attempt(0))) == 1
    assert decisions(observer, attempt(1), NOW + PAUSE - 1) == []
    assert len(decisions(observer, attempt(1), NOW + PAUSE)) == 1


@pytest.mark.parametrize(
    ("dag", "changes"),
    [
        (make_dag(name="Create tenant t1"), {}),
        (make_dag(name="Initialize clusters"), {}),
        (make_dag(operator="CANCEL"), {}),
        (make_dag("RUNNING"), {}),
        (make_dag("SUCCEED"), {"operators": ("ROLLBACK",)}),
    ],
    ids=["another kind", "another name", "cancelled by people", "running", "succeeded"],
)
def test_what_the_rule_does_not_cover_is_not_touched(dag: Dag, changes: dict[str, t.Any]) -> None:
    assert two_looks(source(**changes), dag) == []


def test_without_a_rule_nothing_is_requested() -> None:
    assert two_looks(Observer(Memory(), stuck_after=HOUR), make_dag()) == []


def test_an_operator_that_needs_consent_is_not_requested_without_it() -> None:
    (event,) = two_looks(source(), make_dag(node="Create observer workdir"))
    assert (event["type"], event["cause"]) == ("escalate", "consent")
    assert "RETRY needs data_removal" in event["msg"]


def test_an_operator_is_requested_with_the_consent_that_the_rule_gives_and_that_it_needs() -> None:
    rule: dict[str, t.Any] = {"accept": DATA_REMOVAL | {"half_done"}}
    (event,) = two_looks(source(**rule), make_dag(node="Create observer workdir"))
    assert event["heal"] == {"operator": "RETRY", "accept": ["data_removal"]}
    (event,) = two_looks(source(**rule), make_dag())
    assert event["heal"] == {"operator": "RETRY", "accept": []}


def test_a_half_rolled_back_dag_is_only_rolled_back() -> None:
    half = make_dag(operator="ROLLBACK", node_operator="ROLLBACK")
    (event,) = two_looks(source(), half)
    assert (event["type"], event["cause"]) == ("escalate", "refused")
    (event,) = two_looks(source(operators=("RETRY", "ROLLBACK")), half)
    assert event["heal"]["operator"] == "ROLLBACK"


def test_what_people_must_decide_is_escalated_once() -> None:
    observer = source()
    dag = make_dag(node="Create observer workdir")
    assert decisions(observer, dag) == [], "the verdict must be the same at the next look"
    assert len(decisions(observer, dag, NOW + 1)) == 1
    again = source(Memory.from_json(observer.memory.to_json(), NOW))
    assert two_looks(again, dag) == []
    assert decisions(again, attempt(1), NOW + 2 * HOUR) == [], "people work on it now"


def test_what_was_handed_over_is_left_to_people_until_it_has_recovered_however_long_its_agent_is_away() -> None:
    observer = source()
    dag = make_dag(node="Create observer workdir")
    assert [event["type"] for event in two_looks(observer, dag)] == ["escalate"]
    days = NOW + 3 * 86400
    assert observer.observe(make_look(error=DEAD), days) == []
    assert [*decisions(observer, make_dag(), days + 60), *decisions(observer, make_dag(), days + 61)] == []


def test_two_looks_in_a_row_must_find_no_operator_before_people_are_called() -> None:
    observer = source(pause=600.0)
    assert [event["type"] for event in decisions(observer, make_dag())] == ["heal"]
    refused = make_dag(node="Create observer workdir", start=NOW + 5, times=3)
    good = make_dag(start=NOW + 5, times=3)
    looks = (good, refused, good, refused)
    assert [decisions(observer, dag, NOW + 10 + second) for second, dag in enumerate(looks)] == [[]] * 4
    (event,) = decisions(observer, refused, NOW + 20)
    assert (event["type"], event["cause"]) == ("escalate", "consent")


def test_a_dag_with_the_id_of_one_that_was_handed_over_and_is_gone_is_recovered() -> None:
    observer = source()
    assert len(two_looks(observer, make_dag(node="Create observer workdir"))) == 1
    (event,) = observer.observe(make_look(ended={make_dag().id: None}), NOW + 2)
    assert event["type"] == "gone"
    assert [event["type"] for event in decisions(observer, make_dag(start=NOW + 90), NOW + 95)] == ["heal"]


@pytest.mark.parametrize("days", [0, 3])
def test_what_another_agent_still_has_stays_handed_over(days: int) -> None:
    """The one that had listed it last has left the cluster."""
    observer = source()
    dag = make_dag(node="Create observer workdir", id="112")
    assert len(two_looks(observer, dag)) == 1
    observer.observe(make_look(ended={"112": None}), NOW + 2)
    later = NOW + days * 86400
    retried = make_dag(id="112", start=NOW + 9, times=3)
    looks = [(dag, 3), (dag, 4), (make_dag("RUNNING", id="112", start=NOW + 9), 10), (retried, 20), (retried, 21)]
    assert [decisions(observer, one, later + second, agent=OTHER) for one, second in looks] == [[]] * 5
    assert observer.watched(str(OTHER)) == ["112"]


def test_an_agent_that_was_installed_again_does_not_inherit_what_was_handed_over() -> None:
    """Nobody saw that it had the DAG no more: it was off."""
    observer = source()
    assert len(two_looks(observer, make_dag(node="Create observer workdir"))) == 1
    later = NOW + 7200
    assert [event["type"] for event in decisions(observer, make_dag(start=later), later + 5)] == ["heal"]


def test_a_retry_that_the_agent_counts_only_once_is_no_other_dag() -> None:
    """As it does for a DAG of seekdb that fails at once, at its only node."""
    observer = source()
    assert len(two_looks(observer, make_dag(node="Create observer workdir"))) == 1
    retried = make_dag(start=NOW + 90, times=2, node_operator="RETRY")
    assert two_looks(observer, retried) == []


def test_two_agents_that_refuse_for_different_reasons_hand_over() -> None:
    observer = source()
    consent = make_dag(node="Create observer workdir", id="112")
    half = make_dag(operator="ROLLBACK", node_operator="ROLLBACK", id="112")
    first, second = make_look(consent), make_look(consent, agent=OTHER)
    object.__setattr__(second.survey, "operators", make_look(half).survey.operators)
    found = [event["type"] for now, look in ((NOW, first), (NOW + 1, second)) for event in observer.observe(look, now)]
    assert found == ["failed", "escalate"]


def test_a_refusal_of_an_earlier_attempt_does_not_count() -> None:
    observer = source()
    dag = make_dag(node="Create observer workdir")
    running = make_dag("RUNNING", node="Create observer workdir", start=NOW + 5, times=2)
    again = make_dag(node="Create observer workdir", start=NOW + 5, times=3)
    found = [decisions(observer, one, NOW + second) for second, one in enumerate((dag, running, again, again))]
    assert [[event["type"] for event in events] for events in found] == [[], [], [], ["escalate"]]


def test_attempts_that_take_long_are_limited_too() -> None:
    """No more than two of them end within an hour."""
    observer = source()
    slow = 1500.0
    found = [
        event["type"]
        for number in range(9)
        for event in decisions(observer, make_dag(start=NOW + number * slow, times=1 + 2 * number), NOW + number * slow)
    ]
    assert found == ["heal", "heal", "heal", "escalate"]


def test_the_limit_is_the_same_before_and_after_the_cluster_has_a_name() -> None:
    observer = source(attempts_per_hour=1)
    assert [event["type"] for event in decisions(observer, make_dag(number=1), name="")] == ["heal"]
    (event,) = decisions(observer, make_dag(number=2))
    assert (event["type"], event["cause"]) == ("escalate", "limit")


@pytest.mark.parametrize("name", ["", "prod"])
def test_a_cluster_whose_name_its_agent_does_not_know_just_now_has_no_limit_of_its_own(name: str) -> None:
    observer = source(attempts_per_hour=1)
    assert [event["type"] for event in decisions(observer, make_dag())] == ["heal"]
    again = make_dag(start=NOW + PAUSE, times=3)
    (event,) = decisions(observer, again, NOW + 2 * PAUSE, name=name, peers=(AGENT, OTHER))
    assert (event["type"], event["cause"]) == ("escalate", "limit")


def test_a_number_of_the_agent_is_no_number_of_turns() -> None:
    observer = source()
    decisions(observer, make_dag(times=10**12))
    assert len(observer.memory.requests["prod/7"]) == 1000


def test_a_verdict_that_is_not_known_yet_is_waited_for() -> None:
    observer = source()
    look = make_look(make_dag())
    unknown = make_look(make_dag())
    object.__setattr__(unknown.survey, "operators", {})
    looks = ((NOW, unknown), (NOW + 1, unknown), (NOW + 2, look))
    assert [event["type"] for now, one in looks for event in observer.observe(one, now)] == ["failed", "heal"]


def test_the_limit_hands_the_dag_over_with_the_whole_explanation() -> None:
    observer = source()
    asked = [decisions(observer, attempt(number), NOW + number * PAUSE) for number in range(6)]
    assert [[event["type"] for event in events] for events in asked] == [["heal"]] * 3 + [["escalate"], [], []]
    (event,) = asked[3]
    assert (event["cause"], event["requests"]) == ("limit", 3)
    assert "3 attempts within an hour" in event["msg"] and "no space left" in event["msg"]
    assert "ROLLBACK: allowed, stops the observers" in event["msg"] and "PASS: refused" in event["msg"]


def test_retries_that_the_agent_has_recorded_count_if_nothing_else_is_known() -> None:
    (event,) = decisions(source(), attempt(3), NOW + 4 * PAUSE)
    assert (event["type"], event["cause"]) == ("escalate", "limit")
    (event,) = decisions(source(), attempt(3), NOW + HOUR + 3 * PAUSE + 1)
    assert event["type"] == "heal"


def test_they_count_also_if_the_last_one_still_runs_when_the_source_begins() -> None:
    observer = source()
    assert decisions(observer, make_dag("RUNNING", node_operator="RETRY", start=NOW, times=7)) == []
    (event,) = decisions(observer, make_dag(start=NOW, times=7), NOW + 60)
    assert (event["type"], event["cause"]) == ("escalate", "limit")


def test_dags_of_one_cluster_share_the_limit_and_other_clusters_do_not() -> None:
    observer = source(attempts_per_hour=1)
    assert [event["type"] for event in decisions(observer, make_dag(number=1))] == ["heal"]
    assert [event["type"] for event in decisions(observer, make_dag(number=2))] == ["escalate"]
    assert [event["type"] for event in decisions(observer, make_dag(number=3), name="test")] == ["heal"]


def test_nothing_is_requested_while_it_is_not_known_whose_limit_it_would_be() -> None:
    observer = source(attempts_per_hour=1)
    assert [event["type"] for event in decisions(observer, make_dag(number=1))] == ["heal"]
    assert decisions(observer, make_dag(number=2), NOW + 1, error=BROKEN) == []
    assert [event["type"] for event in decisions(observer, make_dag(number=2), NOW + 2)] == ["escalate"]


def test_recorded_retries_count_for_the_cluster_also_if_it_was_not_known_at_first() -> None:
    observer = source()
    failed = attempt(3)
    events = observer.observe(make_look(failed, agent_time=NOW, error=BROKEN), NOW + 4 * PAUSE)
    assert [event["type"] for event in events] == ["failed"]
    for now in (NOW + 5 * PAUSE, NOW + 6 * PAUSE):
        again = source(Memory.from_json(observer.memory.to_json(), now))
        assert [event["cause"] for event in decisions(again, failed, now)] == ["limit"]
    assert observer.memory.requests == {}


def test_nothing_is_requested_in_quiet_hours() -> None:
    begin = datetime.datetime.fromtimestamp(NOW)
    quiet = Window.parse(f"{begin:%H:%M}-{begin + datetime.timedelta(hours=2):%H:%M}")
    observer = source(quiet=(quiet,))
    assert two_looks(observer, make_dag()) == []
    assert [event["type"] for event in decisions(observer, make_dag(), NOW + 2 * HOUR)] == ["heal"]


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [("22:00-06:00", (22, 23, 0, 5), (6, 12, 21)), ("09:00-17:00", (9, 16), (8, 17, 0)), ("00:00-24:00", (), ())],
)
def test_a_window_of_a_day(text: str, inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    if not inside:
        with pytest.raises(InvalidInput, match="'00:00-24:00' is not a time of day"):
            Window.parse(text)
        return
    day = datetime.datetime(2026, 11, 29)
    window = Window.parse(text)
    assert all(window.contains(day.replace(hour=hour)) for hour in inside)
    assert not any(window.contains(day.replace(hour=hour)) for hour in outside)


@pytest.mark.parametrize("name", ["Initialise cluster", "*", "initialize cluster", ""])
def test_a_kind_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="there is no kind of DAG"):
        make_rule(kinds=(name,))


@pytest.mark.parametrize("seed", range(3))
def test_a_day_of_failures_never_exceeds_the_limits(seed: int) -> None:
    """Every request starts an attempt that fails. People start a new DAG now and then; the source is restarted."""
    chance = random.Random(seed)
    quiet = Window.parse("22:00-06:00")
    observer = source(quiet=(quiet,), pause=30.0)
    requested: list[float] = []
    escalated: list[str] = []
    number, retries, began = 1, 0, NOW
    for second in range(0, 86400, 60):
        now = NOW + second
        for event in decisions(observer, make_dag(number=number, times=1 + 2 * retries, start=began), now):
            if event["type"] == "heal":
                requested.append(now)
                # Sometimes the playbook fails before it sends anything.
                if chance.random() < 0.9:
                    retries, began = retries + 1, now + 5
            else:
                escalated.append(event["dag"]["id"])
        if chance.random() < 1 / 50:
            number, retries, began = number + 1, 0, now
        if chance.random() < 1 / 25:
            observer = source(Memory.from_json(observer.memory.to_json(), now), quiet=(quiet,), pause=30.0)
    assert len(requested) > 10 and len(escalated) > 5
    assert max(sum(at <= other < at + HOUR for other in requested) for at in requested) == 3
    assert not any(quiet.contains(datetime.datetime.fromtimestamp(at)) for at in requested)
    assert len(escalated) == len(set(escalated)), "each DAG is handed over once"
