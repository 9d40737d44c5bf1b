# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cell of a cluster's plan: who the agents are, what is unfinished, what is declared."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import ClusterInfo, Peer
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    DesiredCluster,
    Member,
    ObservedCluster,
    Progressed,
    Server,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.plan import plan_cluster
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Ended, Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address

LOCKED: dict[str, t.Any] = {"under_maintenance": True}
S, M, F, C = "SINGLE", "MASTER", "FOLLOWER", "CLUSTER AGENT"
INIT = "Initialize cluster"
CONFIGURE = ["configure_all", "configure_server", "configure_cluster"]


def server(number: int, **options: t.Any) -> Server:
    return Server(
        f"10.0.0.{number}", 2886, f"zone{number}", config={"mysql_port": "1"} if number == 1 else {}, **options
    )


def member(number: int, identity: str, **options: t.Any) -> Member:
    own = server(number, agent_password=options.pop("agent_password", None))
    zone = "" if identity == S else own.zone
    seen = Member(own, Address(own.host, own.port), identity, zone, "4.5.0.0-1", "4.3.5.2-1")
    return dataclasses.replace(seen, **options)


def view(
    *identities: str | Member, dags: tuple[Dag, ...] = (), told: tuple[t.Any, ...] = ("", 0), **common: t.Any
) -> ObservedCluster:
    members = tuple(
        member(number, identity, **common) if isinstance(identity, str) else identity
        for number, identity in enumerate(identities, 1)
    )
    peers = [Peer(m.address, m.zone, m.identity) for m in members if m.address and m.identity != S]
    cluster = ClusterInfo(tuple(peers), *told[:2]) if peers else None
    return ObservedCluster(members, cluster, dags, options_set_later=len(told) == 3)


def dag(state: str, *, operator: str = "RUN", name: str = INIT, agent: int = 1, number: int = 9) -> Dag:
    dag_id = f"2{(10 << 24) + agent:010}02886{number}"
    raw = {"dag_id": number, "nodes": []}
    return Dag(dag_id, name, state, operator, "", 3, 11, (), raw)


def declare(state: str = "initialized", count: int = 2, **options: t.Any) -> DesiredCluster:
    servers = tuple(server(number) for number in range(1, count + 1))
    return DesiredCluster(state, "obdemo", 1, servers, config={"memory_limit": "6G"}, **options)


def kinds(declared: DesiredCluster, seen: ObservedCluster, done: Progressed | None = None) -> list[str]:
    return [step.kind for step in plan_cluster(declared, seen, done or Progressed())]


TOLD = ("obdemo", 1)
STALE = (*TOLD, True)
TURNED = ClusterInfo((Peer(Address("10.0.0.2", 2886), "zone2", C),), *TOLD)
STEPS: dict[str, tuple[str, ObservedCluster, list[str]]] = {
    "fresh": ("initialized", view(S, S), ["join", "join", *CONFIGURE, "init"]),
    "fresh, to be configured": ("configured", view(S, S), ["join", "join", *CONFIGURE]),
    "fresh, to be absent": ("absent", view(S, S), []),
    "one joined": ("initialized", view(M, S), ["join", *CONFIGURE, "init"]),
    "the second is the master": ("initialized", view(S, M), ["join", *CONFIGURE, "init"]),
    "joined": ("initialized", view(M, F), [*CONFIGURE, "init"]),
    "joined, to be configured": ("configured", view(M, F), CONFIGURE),
    "joined, to be absent": ("absent", view(M, F), ["remove"]),
    "configured": ("initialized", view(M, F, told=TOLD), [*CONFIGURE, "init"]),
    "configured already": ("configured", view(M, F, told=TOLD), []),
    "configured, one to join": ("configured", view(M, S, told=TOLD), ["configure_all", "join", *CONFIGURE[1:]]),
    "configured, but for options set since": ("configured", view(M, F, told=STALE), CONFIGURE),
    "options set since, one to join": ("configured", view(M, S, told=STALE), ["join", *CONFIGURE]),
    "configured by another name": ("configured", view(M, F, told=("other", 1)), CONFIGURE),
    "configured, to be absent": ("absent", view(M, F, told=TOLD), ["remove"]),
    "initialised": ("initialized", view(C, C, told=TOLD), []),
    "initialised, to be configured": ("configured", view(C, C, told=TOLD), []),
    "initialising": ("initialized", view(M, F, under_maintenance=True, dags=(dag("RUNNING"),)), ["await_dag"]),
    "initialising, to be absent": ("absent", view(M, F, under_maintenance=True, dags=(dag("READY"),)), ["await_dag"]),
    "turning into cluster agents": (
        "initialized",
        view(M, C, **LOCKED, dags=(dag("RUNNING"),)),
        ["await_dag"],
    ),
    "turning into cluster agents, as only the one that has turned knows": (
        "initialized",
        dataclasses.replace(view(F, C, dags=(dag("RUNNING", agent=2),)), cluster=TURNED),
        ["await_dag"],
    ),
    "turning into cluster agents, with a lock": (
        "initialized",
        dataclasses.replace(view(F, member(2, C, **LOCKED)), cluster=TURNED),
        ["await_agents"],
    ),
    "turned, the last one late": ("initialized", view(M, C, told=TOLD), ["await_agents"]),
    "joining": (
        "initialized",
        view(member(1, S, under_maintenance=True), S, dags=(dag("READY", name="Join self"),)),
        ["await_dag"],
    ),
    "a follower still joins": (
        "initialized",
        view(M, member(2, F, under_maintenance=True), dags=(dag("RUNNING", name="Join to master", agent=2),)),
        ["await_agents"],
    ),
    "a follower is on its way back": ("absent", view(S, member(2, F, under_maintenance=True)), ["await_agents"]),
    "locked by what has just succeeded": (
        "initialized",
        view(M, F, **LOCKED, dags=(dag("SUCCEED", name="Update observer config"),)),
        ["await_agents"],
    ),
    "no OceanBase installed on one": ("configured", view(S, member(2, S, ob_version="")), ["join", "join", *CONFIGURE]),
    "an initialised one, upgraded one by one": ("initialized", view(C, member(2, C, ob_version="4.4"), told=TOLD), []),
    "locked by who knows what": ("initialized", view(M, member(2, F, under_maintenance=True)), ["await_agents"]),
    "initialised, with a DAG of somebody's": (
        "initialized",
        view(C, C, told=TOLD, under_maintenance=True, dags=(dag("RUNNING", name="Backup"),)),
        [],
    ),
    "agent passwords before": ("initialized", view(S, S, agent_password="x"), ["set_password"] * 2),
    "agent passwords after": ("initialized", view(C, C, told=TOLD, agent_password="x"), ["set_password"] * 2),
    "agent passwords are set": ("initialized", view(C, C, told=TOLD, agent_password="x", has_agent_password=True), []),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps(name: str) -> None:
    state, seen, expected = STEPS[name]
    found = kinds(declare(state), seen)
    assert found[: len(expected)] == expected
    assert len(found) == len(expected) or name == "agent passwords before"


def test_what_this_run_has_told_is_not_told_again() -> None:
    done = Progressed(configured={"", "10.0.0.1:2886"}, cluster=True)
    assert kinds(declare(), view(M, F), done) == ["init"]
    assert kinds(declare("configured"), view(M, F, told=TOLD), Progressed(joined=True)) == CONFIGURE


def test_options_of_one_that_is_there_are_set_before_another_joins() -> None:
    declared = dataclasses.replace(declare("configured"), config={})
    assert kinds(declared, view(M, S, told=TOLD)) == ["configure_server", "join", "configure_cluster"]
    assert kinds(declared, view(S, M, told=TOLD)) == ["join", "configure_server", "configure_cluster"]


@pytest.mark.parametrize("password", [None, "x"])
@pytest.mark.parametrize("waited_for_dag", [True, False])
def test_an_agent_that_may_have_to_be_told_its_password_is_waited_for_after_an_initialisation(
    password: str | None, waited_for_dag: bool
) -> None:
    silent = Member(server(2, agent_password=password))
    expected = ["await_agents"] if password and waited_for_dag else []
    assert kinds(declare(), view(C, silent, told=TOLD), Progressed(waited_for_dag=waited_for_dag)) == expected


def test_the_texts_of_joins_name_agent_master_and_zone() -> None:
    texts = [step.text for step in plan_cluster(declare(count=3), view(S, S, S), Progressed()) if step.kind == "join"]
    assert texts == [
        "join 10.0.0.1:2886 as the master, in zone1",
        "join 10.0.0.2:2886 to 10.0.0.1:2886, in zone2",
        "join 10.0.0.3:2886 to 10.0.0.1:2886, in zone3",
    ]


@pytest.mark.parametrize(
    ("name", "advice"), [("Join to master", "set its agent up again"), ("Stop OB", "Use obshell_dag")]
)
def test_a_failed_dag_that_no_run_may_touch_is_named_with_what_to_do(name: str, advice: str) -> None:
    with pytest.raises(Refused, match=advice):
        plan_cluster(declare(), view(M, F, **LOCKED, dags=(dag("FAILED", name=name),)), Progressed())


FAILED = view(M, F, told=TOLD, under_maintenance=True, dags=(dag("FAILED"),))
ONE = view(member(1, M, under_maintenance=True), S, told=TOLD, dags=(dag("FAILED"),))
TWO = view(M, F, told=TOLD, dags=(dag("FAILED", number=8), dag("FAILED", number=9)))


@pytest.mark.parametrize(
    ("state", "recover", "seen", "expected"),
    [
        ("initialized", "retry", FAILED, ["retry"]),
        ("initialized", "rollback", FAILED, ["rollback", *CONFIGURE, "init"]),
        ("initialized", "rollback", TWO, ["rollback", "rollback", *CONFIGURE, "init"]),
        ("configured", "rollback", FAILED, ["rollback"]),
        ("initialized", "rollback", ONE, ["rollback", "configure_all", "join", *CONFIGURE[1:], "init"]),
        ("initialized", "retry", ONE, "recover set to rollback"),
        ("initialized", "none", ONE, "recover set to rollback"),
        ("absent", "none", ONE, ["rollback", "remove"]),
        ("absent", "none", FAILED, ["rollback", "remove"]),
        ("initialized", "none", FAILED, "earlier initialisation failed"),
        ("initialized", "retry", TWO, "several"),
        ("configured", "none", FAILED, "earlier initialisation failed"),
        ("configured", "retry", FAILED, "would initialise"),
    ],
)
def test_a_failed_initialisation(state: str, recover: str, seen: ObservedCluster, expected: list[str] | str) -> None:
    declared = declare(state, recover=recover)
    if isinstance(expected, str):
        with pytest.raises(Refused, match=expected):
            plan_cluster(declared, seen, Progressed())
    else:
        assert kinds(declared, seen) == expected


def test_the_newest_is_rolled_back_first() -> None:
    first, second, *_rest = plan_cluster(declare(recover="rollback"), TWO, Progressed())
    assert first.dag and second.dag and first.dag.number > second.dag.number


def test_what_this_run_began_is_not_recovered() -> None:
    with pytest.raises(Ended, match="the initialisation failed"):
        plan_cluster(declare(recover="rollback"), FAILED, Progressed(init=True))


def test_what_a_follower_has_left_is_rolled_back_or_named() -> None:
    left = dag("FAILED", name="Start observer", agent=2)
    seen = view(M, member(2, F, under_maintenance=True), dags=(left,))
    assert kinds(declare(recover="rollback"), seen) == ["rollback"]
    assert kinds(declare("absent"), seen) == ["rollback"]
    with pytest.raises(Refused, match=left.id):
        plan_cluster(declare(), seen, Progressed())


def test_a_failed_dag_of_another_kind_is_named() -> None:
    seen = view(M, F, under_maintenance=True, dags=(dag("FAILED", name="Update observer config"),))
    for recover in ("none", "retry", "rollback"):
        with pytest.raises(Refused, match="Update observer config"):
            plan_cluster(declare(recover=recover), seen, Progressed())


def test_a_removal_that_failed_is_named() -> None:
    left = dag("FAILED", name="Agent to single", agent=2)
    with pytest.raises(Refused, match=left.id):
        plan_cluster(declare("absent"), view(S, member(2, F, under_maintenance=True), dags=(left,)), Progressed())


def test_a_master_drops_its_followers_before_they_are_single() -> None:
    seen = view(member(1, M, under_maintenance=True), F)
    dropped = dataclasses.replace(seen, cluster=ClusterInfo((Peer(Address("10.0.0.1", 2886), "zone1", M),), *TOLD))
    removal = dag("RUNNING", name="Remove all agents")
    assert kinds(declare("absent"), dataclasses.replace(dropped, dags=(removal,))) == ["await_dag"]
    assert kinds(declare("absent"), dropped) == ["await_agents"]
    for unfinished in ((dag("FAILED", name="Remove all agents"),), (dag("RUNNING"),), (dag("FAILED"),)):
        with pytest.raises(Refused, match="another cluster"):
            plan_cluster(declare("absent"), dataclasses.replace(dropped, dags=unfinished), Progressed())


SECOND = ClusterInfo((Peer(Address("10.0.0.2", 2886), "zone2", M),))
STRANGER = ClusterInfo((Peer(Address("10.0.0.1", 2886), "zone1", M), Peer(Address("10.0.0.9", 2886), "zone9", F)))
REFUSED: dict[str, tuple[str, ObservedCluster, list[str]]] = {
    "two masters": ("initialized", view(M, M), ["10.0.0.1:2886", "10.0.0.2:2886", "MASTER"]),
    "taking over": ("initialized", view(M, "TAKE OVER FOLLOWER"), ["10.0.0.2:2886", "TAKE OVER FOLLOWER"]),
    "scaling": ("absent", view("SCALING OUT", S), ["10.0.0.1:2886", "SCALING OUT"]),
    "no identity": ("initialized", view("", S), ["10.0.0.1:2886"]),
    "another zone": ("initialized", view(M, member(2, F, zone="zone7")), ["10.0.0.2:2886", "zone7", "zone2"]),
    "another version": ("initialized", view(S, member(2, S, version="4.2.5.0-1")), ["10.0.0.2:2886", "4.2.5.0-1"]),
    "another OceanBase": ("initialized", view(S, member(2, S, ob_version="4.2.1")), ["10.0.0.2:2886", "4.2.1"]),
    "one agent twice": ("initialized", view(S, member(2, S, address=Address("10.0.0.1", 2886))), ["same agent"]),
    "no master": ("initialized", view(S, F), ["10.0.0.2:2886", "FOLLOWER"]),
    "no master to remove": ("absent", view(S, F), ["10.0.0.2:2886", "FOLLOWER"]),
    "of another cluster": ("initialized", dataclasses.replace(view(M, F), cluster=STRANGER), ["10.0.0.2:2886"]),
    "more than declared": ("absent", dataclasses.replace(view(M, S), cluster=STRANGER), ["10.0.0.9:2886"]),
    "initialised, to be absent": ("absent", view(C, C, told=TOLD), ["10.0.0.1:2886", "holds data"]),
    "initialised by another name": ("initialized", view(C, C, told=("other", 1)), ["other", "obdemo"]),
    "initialised by another ID": ("initialized", view(C, C, told=("obdemo", 2)), ["ID 2", "ID 1"]),
    "initialising by another name": ("initialized", view(M, F, told=("other", 1), dags=(dag("RUNNING"),)), ["other"]),
    "configured by another name, to be absent": ("absent", view(M, F, told=("other", 1)), ["other", "obdemo"]),
    "beside an initialised one": ("initialized", view(C, S, told=TOLD), ["10.0.0.2:2886", "SINGLE"]),
    "a master beside an initialised one": (
        "initialized",
        dataclasses.replace(view(C, M), cluster=SECOND),
        ["10.0.0.1:2886", "another cluster"],
    ),
    "an initialised one beside a master whose initialisation failed": (
        "absent",
        dataclasses.replace(
            view(C, M, dags=(dag("FAILED", agent=2),)),
            cluster=ClusterInfo((Peer(Address("10.0.0.2", 2886), "zone2", M),)),
        ),
        ["10.0.0.1:2886", "another cluster"],
    ),
    "a follower beside an initialised one": (
        "initialized",
        dataclasses.replace(view(C, F), cluster=ClusterInfo((Peer(Address("10.0.0.1", 2886), "zone1", C),), *TOLD)),
        ["10.0.0.2:2886", "another cluster"],
    ),
    "an initialised one beside a locked one of another cluster": (
        "initialized",
        dataclasses.replace(view(C, member(2, C, **LOCKED)), cluster=TURNED),
        ["10.0.0.1:2886", "another cluster"],
    ),
    "beside one that initialises": (
        "initialized",
        view(M, S, dags=(dag("RUNNING"),)),
        ["10.0.0.2:2886 is SINGLE, and not part of"],
    ),
    "out of its own initialisation": (
        "initialized",
        view(S, M, dags=(dag("FAILED"),)),
        ["10.0.0.1:2886 is SINGLE again, without a rollback"],
    ),
    "an agent password not given": (
        "initialized",
        view(S, S, has_agent_password=True),
        ["10.0.0.1:2886", "agent password"],
    ),
    "an agent password too late": ("configured", view(M, F, agent_password="x"), ["10.0.0.1:2886", "agent password"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    state, seen, words = REFUSED[name]
    with pytest.raises(Refused) as caught:
        plan_cluster(declare(state), seen, Progressed())
    assert [word for word in words if word not in caught.value.message] == []


def test_a_cluster_that_cannot_become_the_desired_one_advises_no_operator() -> None:
    """An unfinished DAG is not the reason, and may belong to another cluster."""
    with pytest.raises(Refused) as caught:
        plan_cluster(declare(), view(M, M, dags=(dag("FAILED"),)), Progressed())
    assert caught.value.result == {"dag": None, "failures": [], "operators": {}, "allowed_operators": []}


@pytest.mark.parametrize(
    ("resolved", "known"),
    [((), False), (("10.0.0.9",), False), (("192.0.2.2", "10.0.0.2"), True), (("10.0.0.1",), False)],
)
def test_a_silent_member_is_known_by_what_its_name_resolves_to(resolved: tuple[str, ...], known: bool) -> None:
    silent = Member(Server("db2.example", 2886, "zone2"), resolved=resolved)
    peers = (Peer(Address("10.0.0.1", 2886), "zone1", C), Peer(Address("10.0.0.2", 2886), "zone2", C))
    seen = ObservedCluster((member(1, C), silent), ClusterInfo(peers, *TOLD))
    assert seen.peer_of(silent) == (peers[1] if known else None)
    if known:
        assert kinds(declare(), seen) == []


@pytest.mark.parametrize("state", ["initialized", "configured", "absent"])
def test_an_agent_of_seekdb_is_refused_before_all_else(state: str) -> None:
    """Also beside an agent of another version, in another zone, or in a cluster."""
    seekdb = dataclasses.replace(member(2, C), zone="", version="4.4.0.0-1", is_seekdb=True)
    with pytest.raises(Refused, match=r"10\.0\.0\.2:2886 is an agent of seekdb") as caught:
        plan_cluster(declare(state), view(S, seekdb), Progressed())
    assert caught.value.result["dag"] is None
