# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look at an agent reads, and what became of the DAGs that it no longer lists."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentStatus
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, NotFound, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.look import MAX_ENDED, Look, look_at

from .._operation.surveyed_agent import SurveyedAgent
from .looks import AGENT, make_dag

ENDED = make_dag("SUCCEED")
FOREIGN = "20226004986028861"
INCOMPLETE: dict[str, t.Any] = {"observer_state": 0, "identity": "CLUSTER AGENT"}
LOST = Unreachable("reset", sent=True)


class Agent(SurveyedAgent):
    """An agent that has DAGs which it no longer lists. It is the one of the IDs of :func:`make_dag`."""

    last_status: AgentStatus | None = None

    def __init__(self, *dags: Dag, ended: t.Mapping[str, Dag | Exception] | None = None, **settings: t.Any) -> None:
        super().__init__(*dags, **settings)
        self.ended = ended or {}

    def own_address(self) -> Address:
        return AGENT

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        self._request(f"dag/{dag_id}")
        found = self.ended[dag_id]
        if isinstance(found, Exception):
            raise found
        return found


def look(agent: Agent, *watched: str) -> Look:
    return look_at(t.cast("t.Any", agent), AGENT, watched)


def asked(agent: Agent) -> list[str]:
    return [name for name in agent.requests if name.startswith("dag/2")]


def test_a_watched_dag_that_is_listed_no_more_is_read_with_its_verdicts() -> None:
    failed = make_dag(number=2)
    agent = Agent(failed, ended={ENDED.id: ENDED})
    found = look(agent, ENDED.id, failed.id)
    assert found.survey.dags == (failed,) and asked(agent) == [f"dag/{ENDED.id}"]
    read = found.ended[ENDED.id]
    assert read and read[0] is ENDED and read[1]["ROLLBACK"].verdict == "refused"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (NotFound("not listed"), {ENDED.id: None}),
        (AgentError("GET", status=404, error={}, trace_id=""), {ENDED.id: None}),
        (AgentError("GET", status=500, error={}, trace_id=""), {}),
        (LOST, {}),
        (KeyError("a bug"), {}),
    ],
    ids=["not listed", "404", "500", "lost", "bug"],
)
def test_only_a_dag_that_is_not_found_is_gone(answer: Exception, expected: dict[str, None]) -> None:
    found = look(Agent(ended={ENDED.id: answer}), ENDED.id)
    assert found.ended == expected and not found.failed


def test_nothing_is_asked_about_a_dag_of_an_agent_that_left_the_cluster() -> None:
    agent = Agent(ended={FOREIGN: ENDED})
    assert look(agent, FOREIGN).ended == {FOREIGN: None}
    assert asked(agent) == [], "the password would be sent to whoever has that address now"


def test_after_a_look_that_failed_no_dag_is_read() -> None:
    agent = Agent(ended={ENDED.id: ENDED}, errors={"info": LOST})
    found = look(agent, ENDED.id)
    assert found.ended == {} and asked(agent) == [] and found.failed


def test_a_member_that_does_not_answer_does_not_hide_that_a_dag_of_another_one_has_ended() -> None:
    agent = Agent(ended={ENDED.id: ENDED}, **INCOMPLETE)
    found = look(agent, ENDED.id)
    assert found.survey.incomplete and not found.failed
    ended = found.ended[ENDED.id]
    assert ended and ended[0] is ENDED


@pytest.mark.parametrize("dag_id", [ENDED.id, FOREIGN], ids=["not found", "foreign"])
def test_an_incomplete_list_does_not_show_that_a_dag_is_gone(dag_id: str) -> None:
    """The agent of the DAG may be the one that does not answer."""
    agent = Agent(ended={ENDED.id: NotFound("not listed")}, **INCOMPLETE)
    assert look(agent, dag_id).ended == {}


def test_members_that_cannot_be_read_do_not_show_that_a_dag_is_gone() -> None:
    """The list was read, then the agent failed for a moment."""

    class Moody(Agent):
        def cluster_info(self) -> t.Any:
            if self.requests.count("cluster_info"):
                raise AgentError("GET", status=500, error={}, trace_id="")
            return super().cluster_info()

    found = look(Moody(ended={FOREIGN: ENDED}), FOREIGN)
    assert found.survey.error is None and found.ended == {}


def test_one_look_reads_a_bounded_number_of_dags_and_further_looks_the_others() -> None:
    ended = {dag.id: dag for dag in (make_dag("SUCCEED", number=number) for number in range(1, 60))}
    agent = Agent(ended=ended)
    looks = [look(agent, *ended).ended for _look in range(100)]
    assert {len(found) for found in looks} == {MAX_ENDED}
    assert {dag_id for found in looks for dag_id in found} == set(ended)


@pytest.mark.parametrize(
    ("name", "peers", "expected"),
    [("prod", (1, 2), "prod/7"), ("", (1, 2), "192.0.2.1:2886"), ("", (), "10.0.0.1:2886")],
)
def test_attempts_are_counted_for_a_cluster_or_its_master(name: str, peers: tuple[int, ...], expected: str) -> None:
    assert look(Agent(name=name, peers=peers)).cluster == expected


def test_a_cluster_agent_that_does_not_know_its_name_just_now_is_of_no_known_cluster() -> None:
    assert look(Agent(name="", peers=(), identity="CLUSTER AGENT")).cluster == ""


def test_dags_of_clusters_of_one_name_are_told_apart() -> None:
    one, other = look(Agent(peers=(1, 2))), look(Agent(peers=(3, 4)))
    assert one.cluster == other.cluster
    assert one.key_of("112") != other.key_of("112") and one.key_of(ENDED.id) == other.key_of(ENDED.id) == ENDED.id


@pytest.mark.parametrize(
    ("asked_at", "expected"),
    [
        (Address("10.0.0.1", 2886), "10.0.0.1:2886/22130706433028861"),
        (Address("db1", 12886), "db1:12886/22130706433028861"),
        (Address("127.0.0.1", 2886), "22130706433028861"),
        (Address("localhost", 2886), "22130706433028861"),
    ],
)
def test_dags_of_agents_that_all_call_themselves_loopback_are_told_apart(asked_at: Address, expected: str) -> None:
    """In containers, and behind NAT, an ID holds an address that means another host here."""
    agent: t.Any = Agent()
    assert look_at(agent, asked_at, ()).key_of("22130706433028861") == expected
    assert look_at(agent, asked_at, ()).key_of(ENDED.id) == ENDED.id


def test_members_that_call_themselves_loopback_are_no_members_of_two_clusters() -> None:
    class Container(Agent):
        def cluster_info(self) -> t.Any:
            self.peers = [{**self.own, "ip": "127.0.0.1"}]
            return super().cluster_info()

    one, other = (look_at(t.cast("t.Any", Container()), Address(host, 2886), ()) for host in ("10.0.0.1", "10.0.0.2"))
    assert one.cluster == other.cluster and one.key_of("112") != other.key_of("112")
    assert not one.members & other.members
