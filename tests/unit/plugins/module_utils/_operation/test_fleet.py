# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agents count as one cluster, and what their surveys say of it together."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.fleet import FleetCluster, group_by_cluster
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.survey import Survey, survey

from .._dag.kind_dags import make_dag
from .surveyed_agent import UNREADABLE_DAG, SurveyedAgent

DEAD = Survey("http://192.0.2.9:2886", error=Unreachable("refused", sent=False))
DAG = make_dag("Initialize cluster", "Start observer")


def at(number: int) -> Address:
    return Address(f"192.0.2.{number}", 2886)


def read(*dags: t.Any, **agent: t.Any) -> Survey:
    return survey(t.cast("t.Any", SurveyedAgent(*dags, **agent)))


def grouped(surveys: dict[Address, Survey]) -> list[tuple[str | None, list[Address]]]:
    return [(cluster.name and cluster.name.name, list(cluster.surveys)) for cluster in group_by_cluster(surveys)]


def test_agents_that_name_the_same_members_are_one_cluster() -> None:
    surveys = {at(1): read(number=1), at(3): read(number=3, peers=[3, 4], name="test"), at(2): read(number=2)}
    assert grouped(surveys) == [("prod", [at(1), at(2)]), ("test", [at(3)])]


def test_a_member_that_does_not_answer_belongs_to_the_cluster_that_names_it() -> None:
    surveys = {at(2): DEAD, at(1): read(number=1), at(9): DEAD}
    assert grouped(surveys) == [("prod", [at(2), at(1)]), (None, [at(9)])]


def test_clusters_of_one_agent_each_are_not_one_cluster_though_each_knows_itself_as_the_same_address() -> None:
    alone = read(number=1, peers=[1])
    assert grouped({at(5): alone, at(6): alone}) == [("prod", [at(5)]), ("prod", [at(6)])]


@pytest.mark.parametrize(
    "lists",
    [
        {1: (1, 2, 3), 2: (1, 2), 3: (1, 2, 3)},
        {1: (1,), 2: (1, 2)},
        {2: (1, 2), 1: (1,)},
        # The last one joins what would be two clusters without it.
        {1: (1, 2), 4: (3, 4), 5: (2, 3, 5), 6: (1, 2, 6)},
    ],
)
def test_agents_that_name_different_members_while_the_cluster_grows_are_one_cluster(lists: dict[int, t.Any]) -> None:
    surveys = {at(number): read(number=number, peers=peers) for number, peers in lists.items()}
    assert grouped(surveys) == [("prod", list(surveys))]


@pytest.mark.parametrize("other", [{"peers": (3, 4)}, {"peers": (1, 2, 4), "name": "b"}, {"peers": (1, 4), "name": ""}])
def test_agents_that_name_different_members_are_one_cluster_only_by_name_and_a_shared_member(other: t.Any) -> None:
    clusters = group_by_cluster({at(1): read(number=1), at(4): read(number=4, **other)})
    assert [list(cluster.surveys) for cluster in clusters] == [[at(1)], [at(4)]]


def test_a_loopback_address_is_no_shared_member() -> None:
    agents = [SurveyedAgent(number=number, peers=range(number)) for number in (3, 4)]
    for agent in agents:
        agent.peers = [{**peer, "ip": "127.0.0.1", "port": 2886 + n} for n, peer in enumerate(agent.peers)]
    surveys = {at(number): survey(t.cast("t.Any", agent)) for number, agent in zip((3, 4), agents)}
    assert [list(cluster.surveys) for cluster in group_by_cluster(surveys)] == [[at(3)], [at(4)]]


def in_container(number: int, *dags: t.Any) -> Survey:
    """An agent of a cluster of two, which know themselves as 127.0.0.1."""
    agent = SurveyedAgent(*dags, number=number)
    agent.peers = [{**peer, "ip": "127.0.0.1", "port": 2886 + n} for n, peer in enumerate(agent.peers)]
    return survey(t.cast("t.Any", agent))


def test_clusters_of_several_agents_that_know_themselves_as_loopback_are_told_apart_by_the_asked_host() -> None:
    one, beside, other = at(1), Address(at(1).host, 2887), at(2)
    surveys = {one: in_container(1), beside: in_container(1), other: in_container(2, DAG)}
    assert grouped(surveys) == [("prod", [one, beside]), ("prod", [other])]
    assert [len(cluster.dags) for cluster in group_by_cluster(surveys)] == [0, 1]


def test_an_agent_that_says_a_loopback_address_and_no_cluster_is_of_none() -> None:
    stranger = survey(t.cast("t.Any", SurveyedAgent(errors={"cluster_info": Unreachable("refused", sent=False)})))
    assert stranger.info
    info = stranger.info._replace(address=Address("127.0.0.1", 2886))
    surveys = {at(1): in_container(1), at(2): dataclasses.replace(stranger, info=info)}
    assert grouped(surveys) == [("prod", [at(1)]), (None, [at(2)])]


@pytest.mark.parametrize("names", [["prod", ""], ["", "prod"]])
def test_an_agent_whose_database_is_down_and_does_not_know_the_name_is_in_the_same_cluster(names: list[str]) -> None:
    surveys = {at(number): read(number=number, name=name) for number, name in zip((1, 2), names)}
    assert grouped(surveys) == [("prod", [at(1), at(2)])]


def test_clusters_of_the_same_addresses_in_two_networks_differ_by_their_names() -> None:
    surveys = {at(11): read(number=1, name="one"), at(12): read(number=1, name="two"), at(13): read(number=1, name="")}
    assert grouped(surveys) == [("one", [at(11)]), ("two", [at(12)]), (None, [at(13)])]


def test_what_the_agents_of_a_cluster_say_together() -> None:
    down = read(DAG, number=1, identity="CLUSTER AGENT", observer_state=1)
    up = read(DAG, number=2, identity="CLUSTER AGENT", observer_state=3, peers=[])
    cluster = FleetCluster(None, {at(1): down, at(2): up, at(9): DEAD})
    assert (cluster.database_up, cluster.under_maintenance, cluster.unreachable) == (True, True, [at(9)])
    assert cluster.dags == [(DAG, down)]
    assert (bool(down.incomplete), up.incomplete, cluster.incomplete) == (True, "", "")
    assert cluster.texts(lambda found: found.info.zone if found.info else "") == ["zone1", "zone2"]


def test_a_dag_that_one_agent_shows_and_that_cannot_be_read_may_be_missing_in_the_list_of_another() -> None:
    surveys = {at(1): read(number=1), at(2): read(number=2, unreadable=[UNREADABLE_DAG])}
    (cluster,) = group_by_cluster(surveys)
    assert "Scale out" in cluster.incomplete


def test_what_no_agent_says_is_not_known() -> None:
    cluster = FleetCluster(None, {at(9): DEAD})
    assert (cluster.database_up, cluster.under_maintenance, cluster.dags) == (None, None, [])
    assert cluster.incomplete
