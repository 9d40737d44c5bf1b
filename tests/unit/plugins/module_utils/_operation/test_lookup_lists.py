# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From which list a DAG is read, and when a list may not be believed."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentStatus
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    NotFound,
    ObshellError,
    Refused,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.lookup import (
    find_dag,
    find_last,
    list_dags,
)

NAME, INIT, OTHER = "Create tenant t1", "Initialize cluster", "Drop tenant"
UNFINISHED, AGENT, AGENTS, CLUSTER = "dag/unfinish", "dag/maintain/agent", "dag/maintain/agents", "dag/maintain/ob"
ALL, ALL_OF_CLUSTER = "dags/agent", "dags/ob"
OWN, OBPROXY = "2322122598502886", "4322122598502886"


def error(status: int) -> AgentError:
    return AgentError("GET", status=status, error={}, trace_id="")


def dag(name: str, state: str = "FAILED", number: int = 7, series: str = OWN) -> Dag:
    raw = {"dag_id": number, "name": name, "state": state, "nodes": []}
    return Dag(f"{series}{number}", name, state, "RUN", "", 1, 1, (), raw)


class Agent:
    """An agent with some lists and DAGs; any other list is empty. `asked` journals the requests."""

    where = "the agent"
    is_seekdb = False

    def __init__(
        self,
        lists: dict[str, t.Any] | None = None,
        *,
        version: str = "4.5.0.0-1",
        identity: str = "MASTER",
        observer_state: int = 3,
        unreadable: dict[str, t.Any] | None = None,
        dags: dict[str, t.Any] | None = None,
    ) -> None:
        self.lists, self.unreadable, self.dags = lists or {}, unreadable, dags or {}
        self.version, self.identity, self.observer_state = version, identity, observer_state
        self.asked: list[str] = []
        self.details: set[bool] = set()
        self.last_status: AgentStatus | None = None

    def status(self) -> AgentStatus:
        agent = {"ip": "192.0.2.1", "port": 2886, "identity": self.identity}
        raw = {"agent": agent, "version": self.version, "obState": self.observer_state}
        self.last_status = AgentStatus.from_api(raw)
        return self.last_status

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        self.asked.append(route)
        self.details.add(details)
        if self.unreadable is not None and route in (UNFINISHED, ALL):
            unreadable.append({"route": route, "status": -1, "error": {"message": "odd"}, **self.unreadable})
        listed = self.lists.get(route, ())
        if isinstance(listed, AgentError):
            raise listed
        return list(listed)

    def get_dag(self, dag_id: str) -> Dag:
        self.asked.append(dag_id)
        self.status()
        found = self.dags.get(dag_id, NotFound(f"{dag_id} was not read"))
        if isinstance(found, ObshellError):
            raise found
        return t.cast("Dag", found)

    def find(self, **options: t.Any) -> Dag:
        return find_dag(t.cast("t.Any", self), **options)


def test_only_one_unfinished_dag_of_a_name_may_be_continued() -> None:
    first, second = dag(NAME), dag(NAME, number=8)
    assert Agent({UNFINISHED: [first, second]}).find(name=NAME) == second
    assert Agent({UNFINISHED: [first, dag(OTHER, number=8)]}).find(name=NAME, must_be_only=True) == first
    with pytest.raises(Refused, match=f"{first.id} and {second.id}"):
        Agent({UNFINISHED: [first, second]}).find(name=NAME, must_be_only=True)


@pytest.mark.parametrize("route", [AGENT, AGENTS, CLUSTER])
def test_without_an_unfinished_dag_of_a_name_the_last_one_is_meant(route: str) -> None:
    last = dag(NAME, "SUCCEED")
    assert Agent({route: [dag(OTHER), last]}).find(name=NAME) == last


def test_an_unfinished_dag_of_a_name_is_read_with_one_request() -> None:
    agent = Agent({UNFINISHED: [dag(NAME)], AGENTS: error(500)})
    assert (agent.find(name=NAME), agent.asked) == (dag(NAME), [UNFINISHED])


@pytest.mark.parametrize(
    ("lists", "words"),
    [({}, "Unfinished DAGs: none"), ({UNFINISHED: [dag(OTHER)]}, f"Unfinished DAGs: {OTHER} ({dag(OTHER).id})")],
)
def test_what_else_is_unfinished_is_named(lists: dict[str, t.Any], words: str) -> None:
    with pytest.raises(NotFound) as caught:
        Agent(lists).find(name=NAME)
    assert words in caught.value.message and caught.value.result["incomplete"] == ""


@pytest.mark.parametrize(
    ("last", "accepted"), [(dag(NAME, "SUCCEED"), False), (dag(NAME), True), (dag(INIT, "SUCCEED"), True)]
)
def test_an_incomplete_list_may_hide_a_newer_dag_of_the_name(last: Dag, accepted: bool) -> None:
    agent = Agent({AGENT: [last]}, identity="CLUSTER AGENT", observer_state=2)
    if accepted:
        assert agent.find(name=last.name) == last
    else:
        with pytest.raises(NotFound, match="may not be the newest") as caught:
            agent.find(name=last.name)
        assert "obState 2" in caught.value.result["incomplete"]
    with pytest.raises(NotFound, match=r"The list is incomplete: .*obState 2"):
        agent.find(name="Stop OB")


@pytest.mark.parametrize(("entry", "hides"), [({"name": NAME}, True), ({}, True), ({"name": OTHER}, False)])
def test_a_dag_that_cannot_be_read_may_be_the_one(entry: dict[str, str], hides: bool) -> None:
    agent = Agent({UNFINISHED: [dag(NAME)]}, unreadable=entry)
    if hides:
        with pytest.raises(Unreachable, match="odd"):
            agent.find(name=NAME)
    else:
        assert agent.find(name=NAME) == dag(NAME)


OF_OTHER = "23221225986028867"
# The asked agent, and the list with the DAG.
BY_ID: dict[str, tuple[dict[str, t.Any], str]] = {
    "unfinished": ({}, UNFINISHED),
    "its own": ({}, ALL),
    "its own, before 4.3": ({"version": "4.2.6.0-1"}, AGENTS),
    "its own, of a follower that forwards": ({"identity": "FOLLOWER"}, AGENTS),
}


@pytest.mark.parametrize("name", BY_ID)
def test_an_id_that_may_not_be_asked_for_is_looked_up_in_the_list_that_shows_the_most(name: str) -> None:
    options, route = BY_ID[name]
    wanted = dag(NAME, "SUCCEED")
    agent = Agent({route: [dag(OTHER, number=9), wanted]}, **options)
    assert agent.find(dag_id=wanted.id) == wanted
    assert agent.asked == ([UNFINISHED] if route == UNFINISHED else [UNFINISHED, wanted.id, route])
    assert agent.details == {True}


def test_an_id_of_another_agent_is_looked_up_in_the_lists_of_all() -> None:
    other = dag(NAME, series=OF_OTHER[:-1])
    agent = Agent({AGENTS: [other]})
    assert (agent.find(dag_id=OF_OTHER), agent.asked) == (other, [UNFINISHED, OF_OTHER, AGENTS])


def test_a_dag_of_an_obproxy_is_in_no_list() -> None:
    proxy = dag("Start obproxy", series=OBPROXY)
    agent = Agent(dags={proxy.id: proxy})
    assert (agent.find(dag_id=proxy.id), agent.asked) == (proxy, [proxy.id])


@pytest.mark.parametrize(
    ("answer", "raised"), [(error(404), NotFound), (NotFound("was not read"), NotFound), (error(500), AgentError)]
)
def test_an_id_that_is_not_found(answer: ObshellError, raised: type[ObshellError]) -> None:
    with pytest.raises(raised) as caught:
        Agent(dags={dag(NAME).id: answer}).find(dag_id=dag(NAME).id)
    assert ("scope=all" in caught.value.message) == (raised is NotFound)
    assert caught.value.result == answer.result


@pytest.mark.parametrize(
    ("lists", "dag_id", "expected", "asked"),
    [
        ({UNFINISHED: [dag(OTHER), dag(NAME), dag(NAME, number=8)]}, None, [7, 8], [UNFINISHED]),
        ({}, dag(NAME).id, [7], [UNFINISHED, dag(NAME).id]),
        ({AGENTS: [dag(OTHER, number=9), dag(NAME, number=6), dag(NAME)]}, None, [7], [UNFINISHED, AGENTS]),
        ({ALL: [dag(NAME, number=8), dag(NAME)]}, None, [8], [UNFINISHED, AGENTS, ALL, ALL_OF_CLUSTER]),
        ({}, None, [], [UNFINISHED, AGENTS, ALL, ALL_OF_CLUSTER]),
    ],
)
def test_the_last_dag_of_a_name(
    lists: dict[str, t.Any], dag_id: str | None, expected: list[int], asked: list[str]
) -> None:
    agent = Agent(lists, dags={dag(NAME).id: dag(NAME)})
    assert [one.number for one in find_last(t.cast("t.Any", agent), NAME, dag_id).dags] == expected
    assert agent.asked == asked


@pytest.mark.parametrize(
    ("scope", "lists", "asked", "unavailable"),
    [
        ("unfinished", {}, [UNFINISHED], []),
        ("agent", {}, [AGENT], []),
        ("agents", {}, [AGENTS], []),
        ("cluster", {CLUSTER: error(404)}, [CLUSTER], [CLUSTER]),
        ("all", {}, [ALL, ALL_OF_CLUSTER], []),
        ("all", {ALL_OF_CLUSTER: error(400)}, [ALL, ALL_OF_CLUSTER], [ALL_OF_CLUSTER]),
        (
            "all",
            {ALL: error(404), ALL_OF_CLUSTER: error(404)},
            [ALL, ALL_OF_CLUSTER, UNFINISHED, AGENT, AGENTS, CLUSTER],
            [ALL, ALL_OF_CLUSTER],
        ),
    ],
)
def test_scopes(scope: str, lists: dict[str, t.Any], asked: list[str], unavailable: list[str]) -> None:
    agent = Agent(lists)
    found = list_dags(t.cast("t.Any", agent), scope, details=True)
    assert agent.asked == asked
    assert [(entry["route"], entry["status"]) for entry in found.unavailable] == [
        (route, lists[route].status) for route in unavailable
    ]


def test_a_list_that_the_agent_fails_to_read_is_an_error() -> None:
    with pytest.raises(AgentError):
        list_dags(t.cast("t.Any", Agent({AGENTS: error(500)})), "agents", details=True)


def test_an_agent_with_a_dag_that_cannot_be_read_has_its_list_all_the_same() -> None:
    agent = Agent(unreadable={"name": NAME})
    assert len(list_dags(t.cast("t.Any", agent), "all", details=True).unavailable) == 1
    assert agent.asked == [ALL, ALL_OF_CLUSTER]
