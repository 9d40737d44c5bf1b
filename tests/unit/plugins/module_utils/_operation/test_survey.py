# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a survey of agents holds: all that was answered, no error that ends it, and agents read beside each other."""

from __future__ import annotations

import threading
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    InvalidInput,
    Unauthorized,
    Unexpected,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.survey import (
    COMPLETENESS_UNKNOWN,
    Survey,
    leads_to_same_host,
    other_members,
    survey,
    survey_all,
)

from .._dag.kind_dags import make_dag
from .surveyed_agent import NOW, UNREADABLE_DAG, SurveyedAgent

FAILED = make_dag("Initialize cluster", "Start observer")
DEAD = Unreachable("refused", sent=False)
REFUSED = Unauthorized("GET", status=401, error={}, trace_id="")
BROKEN = AgentError("GET", status=500, error={"code": 1010}, trace_id="")
ALL_READS = ["info", "status", "cluster_info", "dag/unfinish", "status"]


def read(agent: SurveyedAgent) -> Survey:
    return survey(t.cast("t.Any", agent))


def connect(agent: SurveyedAgent) -> t.Any:
    return lambda: agent


def test_a_survey_holds_the_agent_its_cluster_and_its_dags_with_verdicts() -> None:
    agent = SurveyedAgent(FAILED)
    found = read(agent)
    assert (found.error, found.incomplete, found.agent_time, found.reachable) == (None, "", NOW, True)
    assert found.info and found.status and found.cluster
    assert (found.info.zone, found.status.under_maintenance, found.cluster.name) == ("zone1", True, "prod")
    assert found.dags == (FAILED,)
    assert found.operators[FAILED.id]["RETRY"].verdict in ("allowed", "needs_consent")
    assert found.operators[FAILED.id]["CANCEL"].verdict == "refused"
    assert agent.requests == ALL_READS


@pytest.mark.parametrize(
    ("request_name", "error", "requests"),
    [
        ("info", DEAD, ["info"]),
        ("status", DEAD, ["info", "status"]),
        ("cluster_info", DEAD, ["info", "status", "cluster_info"]),
        ("cluster_info", REFUSED, ["info", "status", "cluster_info"]),
        ("dag/unfinish", DEAD, ALL_READS[:-1]),
        ("cluster_info", BROKEN, ALL_READS),
    ],
)
def test_an_error_keeps_what_was_read_and_only_an_agent_that_answers_is_asked_again(
    request_name: str, error: Exception, requests: list[str]
) -> None:
    agent = SurveyedAgent(FAILED, errors={request_name: error})
    found = read(agent)
    assert found.error is error
    assert agent.requests == requests
    assert (found.info is not None) == ("info" not in agent.errors)
    assert found.dags == ((FAILED,) if error is BROKEN else ())
    assert found.incomplete == ("" if error is BROKEN else COMPLETENESS_UNKNOWN)


def test_a_list_that_an_agent_failed_to_read_is_not_taken_for_an_empty_one() -> None:
    found = read(SurveyedAgent(errors={"dag/unfinish": BROKEN}))
    assert (found.error, found.dags, found.incomplete) == (BROKEN, (), COMPLETENESS_UNKNOWN)


@pytest.mark.parametrize(
    ("unreadable", "text"),
    [
        ([UNREADABLE_DAG], "the DAG Scale out (22130706433028869) cannot be read: it has no state"),
        ([{**UNREADABLE_DAG, "id": 5, "name": None}], "a DAG cannot be read: it has no state"),
        ([UNREADABLE_DAG] * 5, "(22130706433028869) and 4 more DAGs cannot be read: it has no state"),
    ],
)
def test_a_dag_that_cannot_be_read_makes_the_list_incomplete(unreadable: list[dict[str, t.Any]], text: str) -> None:
    found = read(SurveyedAgent(FAILED, unreadable=unreadable))
    assert (found.dags, found.error, len(found.unavailable)) == ((FAILED,), None, len(unreadable))
    assert found.incomplete.endswith(text)


def test_all_reasons_why_dags_may_be_missing_are_named() -> None:
    agent = SurveyedAgent(identity="CLUSTER AGENT", observer_state=1, unreadable=[UNREADABLE_DAG])
    incomplete = read(agent).incomplete
    assert "Scale out" in incomplete and "obState 1" in incomplete


def test_dags_stay_known_if_their_completeness_is_not() -> None:
    agent = SurveyedAgent(FAILED, identity="CLUSTER AGENT", observer_state=3, errors={"dag/maintain/agents": BROKEN})
    found = read(agent)
    assert (found.dags, found.error, found.incomplete) == ((FAILED,), BROKEN, COMPLETENESS_UNKNOWN)


def test_an_agent_whose_database_is_down_says_that_dags_may_be_missing() -> None:
    assert "obState 1" in read(SurveyedAgent(identity="CLUSTER AGENT", observer_state=1)).incomplete


def test_an_agent_of_seekdb_is_not_asked_for_a_cluster() -> None:
    agent = SurveyedAgent(type="seekdb", identity="CLUSTER AGENT")
    found = read(agent)
    assert (found.error, found.cluster, found.incomplete) == (None, None, "")
    assert "cluster_info" not in agent.requests


def test_a_bug_is_an_error_of_one_agent() -> None:
    found = dict(
        survey_all({1: connect(SurveyedAgent(errors={"info": KeyError("x")})), 2: connect(SurveyedAgent())}, workers=2)
    )
    assert isinstance(found[1].error, Unexpected)
    assert found[2].error is None


def test_an_agent_without_a_client_is_an_error_of_that_agent() -> None:
    def fail() -> t.Any:
        raise InvalidInput("port must be between 1 and 65535, got 0")

    agent = SurveyedAgent()
    found = dict(survey_all({"bad": fail, "good": connect(agent)}, workers=1))
    assert isinstance(found["bad"].error, InvalidInput)
    assert not found["bad"].reachable
    assert found["good"].reachable
    assert agent.closed


def test_no_agent_is_no_survey() -> None:
    assert list(survey_all({}, workers=5)) == []


class MeetingAgent(SurveyedAgent):
    """An agent that answers once as many agents are being asked as the barrier has parties."""

    barrier = threading.Barrier(4)
    lock = threading.Lock()
    asked_now = 0
    most_at_a_time = 0

    def info(self) -> t.Any:
        with self.lock:
            MeetingAgent.asked_now += 1
            MeetingAgent.most_at_a_time = max(self.most_at_a_time, self.asked_now)
        self.barrier.wait(timeout=30)
        with self.lock:
            MeetingAgent.asked_now -= 1
        return super().info()


def test_as_many_agents_are_read_at_a_time_as_there_are_workers() -> None:
    surveys = dict(survey_all({number: connect(MeetingAgent()) for number in range(8)}, workers=4))
    assert [found.error for found in surveys.values()] == [None] * 8
    assert MeetingAgent.most_at_a_time == 4


class HeldAgent(SurveyedAgent):
    """An agent that answers once it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.released = threading.Event(), threading.Event()

    def info(self) -> t.Any:
        self.asked.set()
        assert self.released.wait(timeout=30)
        return super().info()


def test_a_caller_that_stops_waits_for_no_agent_and_reads_no_further_one() -> None:
    first, held, last = SurveyedAgent(), HeldAgent(), SurveyedAgent()
    surveys = survey_all({1: connect(first), 2: connect(held), 3: connect(last)}, workers=1)
    assert next(surveys)[0] == 1
    assert held.asked.wait(timeout=30)
    t.cast("t.Any", surveys).close()
    assert not held.closed
    held.released.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ThreadPoolExecutor"):
            thread.join(30)
    assert held.closed
    assert last.requests == []


def test_other_members_are_those_that_nobody_asked() -> None:
    seed, other = Address("db1.example", 2886), Address("192.0.2.4", 2886)
    surveys = {
        seed: read(SurveyedAgent(number=1, peers=(1, 2, 3, 4))),
        other: Survey("http://192.0.2.4:2886", error=DEAD),
        Address("192.0.2.2", 2886): read(SurveyedAgent(number=2, peers=(1, 2, 3, 4))),
    }
    assert other_members(surveys) == {Address("192.0.2.3", 2886): seed}


@pytest.mark.parametrize(
    ("said", "asked", "same"),
    [
        (Address("192.0.2.2", 2886), "192.0.2.1", True),
        (Address("2001:db8::2", 2886), "db1.example", True),
        (Address("127.0.0.1", 2887), "127.0.0.1", True),
        (Address("127.0.0.1", 2887), "::1", True),
        (Address("127.0.0.1", 2887), "localhost", True),
        (Address("127.0.0.1", 2887), "192.0.2.1", False),
        (Address("::1", 2887), "192.0.2.1", False),
        (Address("::ffff:127.0.0.1", 2887), "192.0.2.1", False),
        (Address("127.0.0.1", 2887), "db1.example", False),
        (Address("0.0.0.0", 2886), "127.0.0.1", False),
        (Address("192.0.2.2", 0), "192.0.2.1", False),
        (Address("", 2886), "192.0.2.1", False),
        (Address("db2.example", 2886), "192.0.2.1", False),
    ],
)
def test_no_password_goes_to_an_address_that_means_another_host_here(said: Address, asked: str, same: bool) -> None:
    assert leads_to_same_host(said, Address(asked, 2886)) == same


def test_members_at_addresses_that_mean_another_host_here_are_left_out() -> None:
    agent = SurveyedAgent(peers=[])
    agent.peers = [{"ip": "127.0.0.1", "port": 2887}, {"ip": "192.0.2.5", "port": 2886}]
    seed = Address("192.0.2.1", 2886)
    assert other_members({seed: read(agent)}) == {Address("192.0.2.5", 2886): seed}
