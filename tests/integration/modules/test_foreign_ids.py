# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IDs that must not be sent: malformed ones, and those that would make the agent forward a password to a stranger."""

from __future__ import annotations

import itertools
import socket
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import GenericId
from ansible_collections.oceanbase.obshell.tests.faults import Fault, FaultyProxy
from ansible_collections.oceanbase.obshell.tests.faults.faults import (
    error_500,
    error_500_enveloped,
    html_200,
    reset_before,
)
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core import generic_id
from hypothesis import given, settings
from hypothesis import strategies as st

from ..conftest import ROOT_PASSWORD, SPEED
from ..inprocess import task

TASKS: dict[str, dict[str, t.Any]] = {
    "obshell_dag": {"operator": "ROLLBACK"},
    "obshell_dag_info": {"details": "none"},
    "obshell_dag_wait": {},
}
V4, V6 = "2130706433", "042540766411282592856903984951653826561"
GOOD = ("11", f"2{V4}028869", f"3{V6}028869", f"4{V4}028869", f"5{V6}028869")
NOT_DIGITS = (
    "",
    " ",
    "\n",
    "\0",
    "-1",
    "+1",
    "1.0",
    "0x11",
    "1e5",
    "\u0661\u0661",
    "\uff11\uff11",
    "1\u0661",
    "\u00b2",
    "\u2167",
    "1\u200b1",
    "\u202e11",
)
INJECTED = (
    "/../info",
    "%2e%2e",
    "?x=1",
    "#",
    "\r\nHost: evil",
    " HTTP/1.1\r\n\r\n",
    ";",
    "'",
    "{{ x }}",
    "\\",
    "/maintain/agent",
    "@evil",
)
WRONG_NUMBERS = ("0", "01", "9223372036854775808", "9" * 20, "9" * 5000)
WRONG_PORTS = ("00000", "65536", "99999")
BAD = sorted(
    {
        *NOT_DIGITS,
        *(digit for digit in "0123456789"),
        *(f"{prefix}{rest}" for prefix in "06789" for rest in ("1", f"{V4}028869", f"{V6}028869")),
        *(f"{good}{tail}" for good in GOOD for tail in INJECTED),
        *(f"{head}{good}" for good in GOOD for head in ("/", " ", "\t", "%31", "..", "\ufeff")),
        *(f"1{number}" for number in WRONG_NUMBERS),
        *(f"{prefix}{V4}02886{number}" for prefix in "24" for number in WRONG_NUMBERS),
        *(f"{prefix}{V6}02886{number}" for prefix in "35" for number in WRONG_NUMBERS),
        *(f"{prefix}{V4}{port}9" for prefix in "24" for port in WRONG_PORTS),
        *(f"{prefix}{V6}{port}9" for prefix in "35" for port in WRONG_PORTS),
        *(f"{prefix}{V4}02886"[:length] for prefix in "24" for length in range(2, 17, 2)),
        *(f"{prefix}{V6}02886"[:length] for prefix in "35" for length in range(2, 46, 4)),
        *(f"{prefix}{address}028869" for prefix in "24" for address in ("9999999999", "4294967296", "0000000001")),
        *(f"{prefix}{'9' * 39}028869" for prefix in "35"),
        *(f"{prefix}{1:039d}028869" for prefix in "35"),
    }
)


@pytest.fixture(name="nobody", scope="module")
def fixture_nobody() -> t.Iterator[socket.socket]:
    """Listens, and would show who connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def refused_unsent(nobody: socket.socket, dag_id: str) -> None:
    for module, options in TASKS.items():
        result = task(module, port=nobody.getsockname()[1], timeout=5, id=dag_id, **options)
        assert result["failed"] and "invalid DAG ID" in result["msg"]
    with pytest.raises(BlockingIOError):
        nobody.accept()


def test_there_are_200_bad_ones() -> None:
    assert len(BAD) >= 200


@pytest.mark.parametrize("dag_id", BAD, ids=lambda dag_id: ascii(dag_id)[:40])
def test_a_bad_id_is_refused_without_a_request(nobody: socket.socket, dag_id: str) -> None:
    refused_unsent(nobody, dag_id)


@given(dag_id=st.one_of(st.text(), st.from_regex(r"[0-9]{1,70}\s?", fullmatch=True)))
@settings(max_examples=500, deadline=None, derandomize=True, database=None)
def test_what_is_let_through_is_what_an_agent_would_give_out(dag_id: str) -> None:
    try:
        parsed = GenericId.parse(dag_id)
    except InvalidInput:
        return
    if parsed.agent is None:
        assert dag_id == f"1{parsed.number}"
    else:
        kind: t.Any = {"agent": "ob"}.get(parsed.kind, parsed.kind)
        assert dag_id == str(generic_id.GenericId(kind, generic_id.Address(*parsed.agent), parsed.number))


@given(
    kind=st.sampled_from(["ob", "obproxy"]),
    host=st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).filter(lambda ip: ip.packed[0] != 0),
    port=st.integers(1, 65535),
    number=st.integers(1, 2**63 - 1),
)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_every_id_of_an_agent_is_read_as_it_was_meant(kind: t.Any, host: t.Any, port: int, number: int) -> None:
    parsed = GenericId.parse(str(generic_id.GenericId(kind, generic_id.Address(str(host), port), number)))
    assert (parsed.agent, parsed.number, parsed.is_obproxy) == ((str(host), port), number, kind == "obproxy")


STRANGER = str(generic_id.GenericId("ob", generic_id.Address("198.51.100.7", 2886), 4))


@pytest.fixture(name="cluster", params=["4.2.5.0", "4.5.0.0"])
def fixture_cluster(request: pytest.FixtureRequest) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=request.param)] * 2, speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        simulator.journal.clear()
        yield simulator


def requests(simulator: Simulator) -> list[str]:
    seen = [f"{entry.method} {entry.uri.split('?')[0].split('/', 3)[3]}" for entry in simulator.journal.entries]
    simulator.journal.clear()
    return seen


def of(simulator: Simulator, index: int) -> str:
    agent = simulator.agents[index]
    return agent.id_of(agent.engine.dags[-1])


@pytest.mark.parametrize("module", TASKS)
@pytest.mark.parametrize("via", [0, 1], ids=["master", "follower"])
def test_an_id_of_a_stranger_is_never_sent(cluster: Simulator, module: str, via: int) -> None:
    connection: dict[str, t.Any] = {"port": cluster.agents[via].port, "password": ROOT_PASSWORD}
    result = task(module, **connection, **TASKS[module], id=STRANGER)
    assert result["failed"] and "198.51.100.7:2886" in result["msg"] and "allow_foreign_agent" in result["msg"]
    assert cluster.agents[0].address in result["msg"]
    assert requests(cluster) == ["GET secret", "GET ob/info"]
    result = task(module, **connection, **TASKS[module], id=STRANGER, members=["192.0.2.1:2886"])
    assert result["failed"] and "192.0.2.1:2886" in result["msg"]
    assert requests(cluster) == ["GET secret"]


@pytest.mark.parametrize("module", TASKS)
@pytest.mark.parametrize("fault", [error_500_enveloped, error_500, html_200, reset_before])
def test_while_nobody_says_who_belongs_to_it_none_is_sent(cluster: Simulator, module: str, fault: Fault) -> None:
    """Not even one of a member."""
    for dag_id in (STRANGER, of(cluster, 1)):
        with FaultyProxy(cluster.agents[0], {1: fault}) as proxy:
            connection: dict[str, t.Any] = {"port": proxy.port, "password": ROOT_PASSWORD}
            result = task(module, **connection, **TASKS[module], id=dag_id)
        assert result["failed"] and not result["changed"]
        assert ("allow_foreign_agent" in result["msg"]) == (fault is error_500_enveloped)
        asked = [request.split(b" ", 2)[1] for request in proxy.received]
        assert asked == [b"/api/v1/secret", b"/api/v1/ob/info"]


def test_an_empty_list_of_members_leaves_the_agent_itself(cluster: Simulator) -> None:
    connection: dict[str, t.Any] = {"port": cluster.agents[0].port, "password": ROOT_PASSWORD, "members": []}
    own, others = (of(cluster, index) for index in (0, 1))
    assert not task("obshell_dag_info", **connection, id=own).get("failed")
    assert requests(cluster) == ["GET secret", "GET task/dag/unfinish"]
    result = task("obshell_dag_info", **connection, id=others)
    assert result["failed"] and "the known members are: none" in result["msg"]
    assert requests(cluster) == ["GET secret"]


def test_an_id_of_a_stranger_is_sent_if_that_is_allowed_and_brings_no_agent_down(cluster: Simulator) -> None:
    task("obshell_dag_info", port=cluster.agents[0].port, password=ROOT_PASSWORD, id=STRANGER, allow_foreign_agent=True)
    floods = cluster.agents[0].spec.version != "4.2.5.0"
    last = "GET task/dag/maintain/agents" if floods else f"GET task/dag/{STRANGER}"
    assert requests(cluster) == ["GET secret", "GET task/dag/unfinish", "GET status", last]
    allowed: dict[str, t.Any] = {"members": ["198.51.100.7:2886"]}
    task("obshell_dag_info", port=cluster.agents[0].port, password=ROOT_PASSWORD, id=STRANGER, **allowed)
    assert requests(cluster) == ["GET secret", "GET task/dag/unfinish", "GET status", last]


def test_an_agent_knows_itself_and_its_members(cluster: Simulator) -> None:
    for via, named in itertools.product((0, 1), (0, 1)):
        dag_id = of(cluster, named)
        result = task("obshell_dag_info", port=cluster.agents[via].port, password=ROOT_PASSWORD, id=dag_id)
        asked = requests(cluster)
        assert not result.get("failed") and [dag["id"] for dag in result["dags"]] == [dag_id]
        assert asked.count("GET ob/info") == (via != named)
        if via == named == 0:
            assert asked == ["GET secret", "GET task/dag/unfinish"]


def test_through_the_socket_this_host_is_known_and_no_other(cluster: Simulator) -> None:
    dag_id = of(cluster, 0)
    assert not task("obshell_dag_info", socket=cluster.agents[0].socket, id=dag_id).get("failed")
    assert requests(cluster) == ["GET task/dag/unfinish"]
    assert task("obshell_dag_info", socket=cluster.agents[0].socket, id=STRANGER)["failed"]
    assert requests(cluster) == ["GET ob/info"]


def test_a_wrong_password_is_no_stranger(cluster: Simulator) -> None:
    result = task("obshell_dag_info", port=cluster.agents[0].port, password="wrong", id=STRANGER)
    assert "password was refused" in result["msg"]


@pytest.mark.parametrize("member", ["", "localhost:2886", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x"])
def test_members_are_addresses(nobody: socket.socket, member: str) -> None:
    result = task("obshell_dag_info", port=nobody.getsockname()[1], timeout=5, id="11", members=[member])
    assert result["failed"] and "members" in result["msg"]
    with pytest.raises(BlockingIOError):
        nobody.accept()
