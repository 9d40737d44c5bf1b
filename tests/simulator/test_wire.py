# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords, keys, clocks, sockets and faults: what lies between a client and an agent."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import http.client
import itertools
import json
import socket
import threading
import time
from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import (
    HELD,
    Agent,
    AgentSpec,
    Fault,
    Hold,
    Obstacle,
    Pace,
    Simulator,
    _crypto,
)
from ansible_collections.oceanbase.obshell.tests.simulator._crypto import PUBLIC_EXPONENT, DecryptionError, RsaKey
from ansible_collections.oceanbase.obshell.tests.simulator._ids import Address, MalformedId, encode, parse
from ansible_collections.oceanbase.obshell.tests.simulator._raw_client import Header, fetch_key, send
from Crypto.Util.number import getPrime, isPrime

ROOT, AGENT = "X-OCS-Header", "X-OCS-Agent-Header"
UNFINISHED = "/api/v1/task/dag/unfinish?show_details=false"
FAILED = Obstacle(node="Create observer workdir")


def ask(agent: Agent, password: str, *, header: str = ROOT, uri: str = UNFINISHED) -> tuple[int, Any]:
    return send(agent.host, agent.port, "GET", uri, header=Header(header, password))


def code(answer: tuple[int, Any]) -> str:
    return str(answer[1]["error"]["errCode"]).rpartition(".")[2]


@pytest.mark.parametrize(
    ("identity", "configured", "agent_password", "root_header", "agent_header"),
    [
        ("SINGLE", False, "", 200, 200),
        ("SINGLE", False, "apw", 401, 200),
        ("MASTER", False, "apw", 401, 200),
        ("MASTER", True, "apw", 200, 200),
        ("MASTER", True, "", 200, 401),
        ("CLUSTER AGENT", True, "apw", 200, 200),
    ],
)
def test_which_password_is_taken(
    identity: str, configured: bool, agent_password: str, root_header: int, agent_header: int
) -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        agent.identity, agent.agent_password = identity, agent_password
        agent.root_password = "rpw" if configured else ""
        assert ask(agent, agent.root_password)[0] == root_header
        assert ask(agent, "apw", header=AGENT)[0] == agent_header


def test_an_unconfigured_master_takes_only_the_empty_password() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        agent.identity = "MASTER"
        assert [ask(agent, password)[0] for password in ("", "any")] == [200, 401]


def test_a_follower_takes_only_the_root_header() -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=0) as sim:
        sim.fail_init(obstacle=FAILED, root_password="rpw")
        follower = sim.agents[1]
        assert ask(follower, "rpw")[0] == 200
        assert ask(follower, "apw", header=AGENT)[0] == 500
        assert sim.journal.entries[1].forwarded_to == sim.agents[0].address


def test_a_key_that_changed() -> None:
    with Simulator([AgentSpec(), AgentSpec(version="4.2.5.0")], speed=0) as sim:
        for agent in sim.agents:
            old = fetch_key(agent.host, agent.port)
            agent.rotate_key()
            status, answer = send(agent.host, agent.port, "GET", UNFINISHED, header=Header(ROOT, ""), key=old)
            assert (status, answer["error"]["code"]) == (401, 1 if agent.version.coded_errors else 10008)
            assert ask(agent, "")[0] == 200


@pytest.mark.parametrize("bits", [512, 1024])
def test_what_is_larger_than_the_key_is_answered_like_any_other_that_it_does_not_open(bits: int) -> None:
    key = RsaKey.generate(bits)
    for filling in (b"\x01", b"\xff"):
        with pytest.raises(DecryptionError, match="crypto/rsa: decryption error"):
            key.decrypt(base64.b64encode(filling * (bits // 8)).decode())


def test_a_prime_that_admits_no_private_exponent_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    half, step = 256, 2 * PUBLIC_EXPONENT
    smallest = (3 << (half - 2)) // step * step + step + 1
    unsuitable = next(number for number in itertools.count(smallest, step) if isPrime(number))
    largest = next(number for number in itertools.count((1 << half) - 1, -2) if isPrime(number))
    primes = itertools.chain([unsuitable, largest], iter(lambda: getPrime(half), 0))
    monkeypatch.setattr(_crypto, "getPrime", lambda _: next(primes))
    key = RsaKey.generate(512)
    assert unsuitable not in (key.pair.p, key.pair.q)


def test_the_agents_clock() -> None:
    with Simulator([AgentSpec(root_password="rpw", clock_offset=3600)], speed=0) as sim:
        agent = sim.agents[0]
        agent.identity = "MASTER"
        assert code(ask(agent, "rpw")) == "Expired"
        agent.clock.offset = -3600
        assert ask(agent, "rpw")[0] == 200


@pytest.mark.parametrize(("encrypted", "expected"), [(True, 204), (False, 500)])
def test_a_body_beside_the_header_is_encrypted(encrypted: bool, expected: int) -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        me = agent.location.as_dict()
        header = Header(ROOT, "", encrypt_body=encrypted)
        assert send(agent.host, agent.port, "DELETE", "/api/v1/agent", body=me, header=header)[0] == expected
        assert sim.journal.entries[-1].body == (me if encrypted else None)


def test_v1_authentication() -> None:
    with Simulator([AgentSpec(version="4.2.2.0", supported_auth=("v1",), root_password="rpw")], speed=0) as sim:
        agent = sim.agents[0]
        agent.identity = "MASTER"
        key = fetch_key(agent.host, agent.port)
        for password, expected in (("rpw", 200), ("other", 401)):
            header = key.encrypt(json.dumps({"password": password, "ts": int(time.time()) + 60}))
            connection = http.client.HTTPConnection(agent.host, agent.port)
            connection.request("GET", UNFINISHED, headers={"X-OCS-Auth": header})
            assert connection.getresponse().status == expected
            connection.close()
        assert [entry.auth for entry in sim.journal.find(path_contains="unfinish")] == ["v1", "v1"]
        assert ask(agent, "rpw")[0] == 401


def test_over_the_socket_nothing_is_encrypted() -> None:
    with Simulator(speed=0) as sim:
        dag_id = sim.fail_init(obstacle=FAILED, root_password="rpw")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(sim.agents[0].socket)
            body = b'{"operator": "rollback"}'
            client.sendall(
                b"POST /api/v1/task/dag/%s HTTP/1.1\r\nHost: _\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                % (dag_id.encode(), len(body), body)
            )
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        entry = sim.journal.entries[-1]
        assert (entry.auth, entry.body, entry.applied) == ("socket", {"operator": "rollback"}, True)


def test_the_journal_tells_what_was_applied() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        dag_id = sim.fail_init(obstacle=FAILED, root_password="rpw")
        uri = f"/api/v1/task/dag/{dag_id}"
        for operator in ("PASS", "ROLLBACK", "ROLLBACK"):
            send(agent.host, agent.port, "POST", uri, body={"operator": operator}, header=Header(ROOT, "rpw"))
        posts = sim.journal.posts(path_contains="/task/dag/")
        assert [entry.applied for entry in posts] == [False, True, False]
        assert posts[0].error == "Task.Dag.Operator.PassNotAllowed"
        sim.journal.clear()
        assert sim.journal.entries == []


@pytest.mark.parametrize(("kind", "applied"), [("lose_answer", True), ("reset", False)])
def test_an_answer_that_is_lost(kind: Any, applied: bool) -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        uri = f"/api/v1/task/dag/{sim.fail_init(obstacle=FAILED)}"
        agent.faults.append(Fault(kind, method="POST"))
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            send(agent.host, agent.port, "POST", uri, body={"operator": "RETRY"}, header=Header(ROOT, ""))
        assert sim.journal.posts()[0].applied is applied


def test_other_faults() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        key = fetch_key(agent.host, agent.port)
        agent.faults += [Fault("unauthorized"), Fault("bad_gateway")]
        header = Header(ROOT, "")
        assert send(agent.host, agent.port, "GET", UNFINISHED, header=header, key=key)[0] == 401
        with pytest.raises(json.JSONDecodeError):
            send(agent.host, agent.port, "GET", UNFINISHED, header=header, key=key)
        assert send(agent.host, agent.port, "GET", UNFINISHED, header=header, key=key)[0] == 200


def test_a_restart_goes_on_with_the_dag() -> None:
    with Simulator(speed=100) as sim:
        agent = sim.agents[0]
        port, key = agent.port, agent.key
        held = Pace(node="Start observer", ticks=HELD)
        sim.paces.append(held)
        dag_id = sim.start_init()
        agent.stop()
        with pytest.raises(ConnectionRefusedError):
            fetch_key(agent.host, port)
        assert agent.dag(dag_id)["state"] != "SUCCEED"
        agent.start()
        held.ticks = 0
        deadline = time.monotonic() + 120
        while agent.dag(dag_id)["state"] != "SUCCEED" and time.monotonic() < deadline:
            time.sleep(0.02)
        assert agent.identity == "CLUSTER AGENT"
        assert (agent.port, agent.key) == (port, key)
        assert ask(agent, "")[0] == 200


def test_a_port_is_its_agents_while_that_is_stopped() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        agent.stop()
        with pytest.raises(OSError, match="in use"):
            socket.create_server((agent.host, agent.port))
        agent.start()
        assert ask(agent, "")[0] == 200


def test_who_connects_as_an_agent_stops_is_hung_up_on() -> None:
    with Simulator(speed=0) as sim, concurrent.futures.ThreadPoolExecutor(3) as pool:
        agent = sim.agents[0]
        over = threading.Event()

        def connect() -> None:
            while not over.is_set():
                with contextlib.suppress(ConnectionError), socket.create_connection((agent.host, agent.port)) as client:
                    client.settimeout(60)
                    client.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: _\r\n\r\n")
                    client.recv(1)

        clients = [pool.submit(connect) for _client in range(3)]
        for _stop in range(30):
            agent.stop()
            agent.start()
        over.set()
        for client in clients:
            client.result()


def test_a_node_is_held_until_a_client_was_told_of_it() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        hold = Hold(sim, "Integrate config", "Start observer", least=2)
        uri = f"/api/v1/task/dag/{sim.start_init()}"
        for node in ("Integrate config", "Start observer"):
            for details in ("true", "false"):
                sim.tick(50)
                assert (agent.engine.dags[-1].node.name, node in hold.released) == (node, False)
                assert ask(agent, "", uri=f"{uri}?show_details={details}")[0] == 200
            assert hold.released[-1] == node
        sim.tick(50)
        assert agent.identity == "CLUSTER AGENT"


def test_several_addresses_at_one_port() -> None:
    with Simulator([AgentSpec(listen=("127.0.0.1", "127.0.0.2"))], speed=0) as sim:
        port = sim.agents[0].port
        assert fetch_key("127.0.0.1", port) == fetch_key("127.0.0.2", port)


def test_an_id_of_a_stranger_is_not_kept_quiet() -> None:
    with Simulator(speed=0) as sim:
        agent = sim.agents[0]
        stranger = encode(kind="ob", address=Address("192.0.2.1", 2886), number=1)
        assert ask(agent, "", uri=f"/api/v1/task/dag/{stranger}")[0] == 500
        assert sim.journal.entries[-1].forwarded_to == "192.0.2.1:2886"


@pytest.mark.parametrize(
    ("kind", "ip", "text"),
    [
        ("ob", "127.0.0.1", "22130706433028869"),
        ("obproxy", "127.0.0.1", "42130706433028869"),
        ("ob", "fd00::1", "3" + f"{0xFD << 120 | 1:039d}" + "028869"),
        ("cluster", "127.0.0.1", "19"),
    ],
)
def test_generic_ids(kind: Any, ip: str, text: str) -> None:
    assert encode(kind=kind, address=Address(ip, 2886), number=9) == text
    assert parse(text).number == 9
    assert parse(text).kind == kind


@pytest.mark.parametrize("text", ["", "x", "4", "2213070643302886", "3" + "0" * 38 + "1028861", "2213070643302886x"])
def test_what_is_no_generic_id(text: str) -> None:
    with pytest.raises(MalformedId):
        parse(text)
