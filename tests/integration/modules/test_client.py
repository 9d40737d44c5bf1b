# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reaching an agent: passwords, keys, clocks, TLS, addresses, and what is wrong before anything is sent."""

from __future__ import annotations

import http.client
import pathlib
import socket
import sys
import threading
import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import (
    encryption,
    transport_requests,
    transport_stdlib,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Fault, Hold, Obstacle, Simulator, Tls

from ..certificates import Authority
from ..conftest import AGENT_PASSWORD, ROOT_PASSWORD, SPEED
from ..inprocess import task

DAY = 86400
# What a list costs: the status tells whether it may be incomplete.
LIST = ["GET secret", "GET task", "GET status"]


def start(**spec: t.Any) -> Simulator:
    return Simulator([AgentSpec(**{"version": "4.5.0.0", **spec})], speed=SPEED)


def requests(simulator: Simulator) -> list[str]:
    return [f"{entry.method} {entry.uri.split('/')[3].split('?')[0]}" for entry in simulator.journal.entries]


def list_all(simulator: Simulator, **options: t.Any) -> dict[str, t.Any]:
    simulator.journal.clear()
    return task("obshell_dag_info", port=simulator.agents[0].port, details="none", **options)


@pytest.mark.parametrize("version", ["4.2.2.0", "4.2.5.0", "4.5.0.0"])
def test_every_version_of_authentication_and_size_of_key(version: str) -> None:
    with start(version=version) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        port = simulator.agents[0].port
        done = task("obshell_dag", port=port, password=ROOT_PASSWORD, id=dag_id, operator="ROLLBACK")
        assert done.get("applied") is True, done["msg"]
        kinds = {entry.auth for entry in simulator.journal.posts(path_contains="/task/dag/")}
        assert kinds == ({"v1"} if version == "4.2.2.0" else {"oceanbase"})


def test_a_wrong_password_says_so_after_one_more_key_read(version: str) -> None:
    with start(version=version) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        wrong = list_all(simulator, password="wrong")
        assert wrong["failed"] and "password was refused" in wrong["msg"] and "401" in wrong["msg"]
        assert requests(simulator).count("GET secret") == 2
        assert requests(simulator).count("GET task") == 1


@pytest.mark.parametrize("given", [{}, {"password": ""}, {"agent_password": ""}])
def test_that_no_password_was_given_is_told_from_a_wrong_one(version: str, given: dict[str, t.Any]) -> None:
    with start(version=version) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        none = list_all(simulator, **given)
        assert none["failed"] and none["msg"].startswith("no password was given; give password or agent_password")
        assert "OBSHELL_PASSWORD" in none["msg"] and "401" in none["msg"] and "*" not in none["msg"]
        wrong = list_all(simulator, password="wrong")
        assert wrong["msg"].startswith("the password was refused")


def test_a_fresh_agent_takes_no_password(version: str) -> None:
    with start(version=version) as simulator:
        assert list_all(simulator)["dags"] == []


def test_the_agents_own_password() -> None:
    with start(agent_password=AGENT_PASSWORD) as simulator:
        assert list_all(simulator, agent_password=AGENT_PASSWORD)["dags"] == []
        assert requests(simulator) == LIST
        both = list_all(simulator, password=ROOT_PASSWORD, agent_password=AGENT_PASSWORD)
        assert both["dags"] == []
        assert list_all(simulator, password=ROOT_PASSWORD)["failed"]
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        for passwords in ({"password": ROOT_PASSWORD}, {"agent_password": AGENT_PASSWORD}):
            assert list_all(simulator, **passwords)["dags"] == []
            assert requests(simulator) == LIST


def test_obproxy_takes_the_agents_password_alone() -> None:
    with start() as simulator:
        dag_id = simulator.add_obproxy(agent_password=AGENT_PASSWORD, obstacle=Obstacle(node="Start obproxy"))
        both = {"password": ROOT_PASSWORD, "agent_password": AGENT_PASSWORD}
        assert list_all(simulator, **both, id=dag_id)["dags"][0]["name"] == "Add obproxy"
        assert {entry.auth for entry in simulator.journal.find(path_contains="/task/")} == {"agent"}
        without = list_all(simulator, password=ROOT_PASSWORD, id=dag_id)
        assert without["failed"] and without["msg"].startswith("no agent_password was given")
        assert "OBSHELL_AGENT_PASSWORD" in without["msg"]


def test_a_key_that_changes_between_two_requests_is_read_again(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with start(version=version) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        agent = simulator.agents[0]
        post = ObshellClient.operate_dag

        def rotate_and_post(client: ObshellClient, *arguments: str) -> None:
            agent.rotate_key()
            post(client, *arguments)

        monkeypatch.setattr(ObshellClient, "operate_dag", rotate_and_post)
        simulator.journal.clear()
        done = task("obshell_dag", port=agent.port, password=ROOT_PASSWORD, id=dag_id, operator="RETRY")
        assert (done["applied"], done["dag"]["state"]) == (True, "SUCCEED")
        assert [entry.applied for entry in simulator.journal.posts(path_contains="/task/dag/")] == [False, True]


def test_a_key_that_changes_in_the_middle_of_a_wait_does_not_end_it(version: str) -> None:
    with start(version=version) as simulator:
        Hold(simulator, "Start observer", reads=2)
        dag_id = simulator.start_init(root_password=ROOT_PASSWORD)
        agent = simulator.agents[0]
        rotated: list[t.Any] = []

        def rotate_once(dag: t.Any) -> None:
            if not rotated:
                agent.rotate_key()
                rotated.append(dag)

        params: dict[str, t.Any] = {"port": agent.port, "password": ROOT_PASSWORD, "id": dag_id, "operator": "RETRY"}
        done = task("obshell_dag", on_change=rotate_once, **params)
        assert rotated and done["dag"]["state"] == "SUCCEED"


@pytest.mark.parametrize("offset", [-DAY, DAY])
def test_an_agent_whose_clock_is_off(version: str, offset: float) -> None:
    with start(version=version, clock_offset=offset) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        assert list_all(simulator, password=ROOT_PASSWORD)["dags"] == []
        assert requests(simulator) == LIST


def test_ipv6() -> None:
    with start(listen=("::1",)) as simulator:
        for host in ("::1", "[::1]"):
            assert list_all(simulator, host=host)["dags"] == []


def test_an_empty_socket_or_password_was_not_given() -> None:
    with start() as simulator:
        assert list_all(simulator, socket="", agent_password="", ca_path="", client_cert="")["dags"] == []
        assert {entry.auth for entry in simulator.journal.find(path_contains="/task/")} == {"oceanbase"}


def test_no_end_of_waiting_is_an_end_all_the_same() -> None:
    with start() as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        endless: dict[str, t.Any] = {"wait_timeout": "inf", "wait_interval": "inf"}
        connection: dict[str, t.Any] = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}
        done = task("obshell_dag", id=dag_id, operator="RETRY", **connection, **endless)
        assert (done["applied"], done["dag"]["state"]) == (True, "SUCCEED")


def test_no_proxy_is_picked_up_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with start() as simulator:
        assert list_all(simulator)["dags"] == []


def test_https_with_an_authority_and_a_client_certificate(tmp_path: pathlib.Path) -> None:
    ours, others = Authority(tmp_path, "ours"), Authority(tmp_path, "others")
    server_cert, server_key = ours.sign("server")
    client_cert, client_key = ours.sign("client")
    tls = {"use_tls": True, "ca_path": ours.path, "client_cert": client_cert, "client_key": client_key}
    with start(tls=Tls(server_cert, server_key, client_ca=ours.path)) as simulator:
        assert list_all(simulator, **tls)["dags"] == []
        assert list_all(simulator, **{**tls, "ca_path": None, "validate_certs": False})["dags"] == []
        untold: dict[str, t.Any] = {"client_cert": None, "client_key": None}
        for wrong, advice in (
            ({"ca_path": others.path}, "ca_path"),
            ({"ca_path": None}, "ca_path"),
            (untold, "client_"),
        ):
            failed = list_all(simulator, **{**tls, **wrong})
            assert failed["failed"] and "https://127.0.0.1" in failed["msg"] and advice in advice_of(failed)
            assert requests(simulator) == []
        plain = list_all(simulator)
        assert plain["failed"] and "use_tls" in advice_of(plain)
    with start() as simulator:
        plain = list_all(simulator, use_tls=True)
        assert plain["failed"] and "use_tls" in advice_of(plain) and requests(simulator) == []


def advice_of(failed: dict[str, t.Any]) -> str:
    """What a message says after the cause."""
    return str(failed["msg"]).partition("; ")[2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"id": "abc", "operator": "ROLLBACK"}, "invalid DAG ID"),
        ({"id": "1" * 400, "operator": "ROLLBACK"}, "invalid DAG ID"),
        ({"id": "14", "operator": "FROB"}, "ROLLBACK, RETRY, PASS, CANCEL"),
        ({"operator": "ROLLBACK"}, "one of the following is required"),
        ({"id": "14", "operator": "ROLLBACK", "port": 0}, "port"),
        ({"id": "14", "operator": "ROLLBACK", "port": 65536}, "port"),
        ({"id": "14", "operator": "ROLLBACK", "timeout": 0}, "timeout"),
        ({"id": "14", "operator": "ROLLBACK", "timeout": "inf"}, "at most 86400 seconds"),
        ({"id": "14", "operator": "ROLLBACK", "timeout": 1e12}, "at most 86400 seconds"),
        ({"id": "14", "operator": "ROLLBACK", "timeout": "nan"}, "timeout must be greater than 0, got nan"),
        ({"id": "14", "operator": "ROLLBACK", "wait_timeout": -1}, "wait_timeout"),
        ({"id": "14", "operator": "ROLLBACK", "wait_timeout": "nan"}, "wait_timeout must be greater than 0, got nan"),
        ({"id": "14", "operator": "ROLLBACK", "wait_interval": "nan"}, "wait_interval must be greater than 0, got nan"),
        ({"id": "14", "operator": "ROLLBACK", "host": "127.0.0.1:2886"}, "'127.0.0.1:2886' contains a port"),
        ({"id": "14", "operator": "ROLLBACK", "host": "[::1]:2886"}, "'[::1]:2886' contains a port"),
        ({"id": "14", "operator": "ROLLBACK", "host": "localhost:2886"}, "'localhost:2886' contains a port"),
        ({"id": "14", "operator": "ROLLBACK", "host": "::1::2"}, "'::1::2' is neither a host name nor an IP address"),
        ({"id": "14", "operator": "ROLLBACK", "host": "http://localhost"}, "is neither a host name nor an IP address"),
        ({"id": "14", "operator": "ROLLBACK", "host": "db1..example"}, "is neither a host name nor an IP address"),
        ({"id": "14", "operator": "ROLLBACK", "host": ""}, "is neither a host name nor an IP address"),
        ({"id": "14", "operator": "ROLLBACK", "use_tls": True, "ca_path": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ({"id": "14", "operator": "ROLLBACK", "use_tls": True, "client_cert": "/nowhere/c.pem"}, "/nowhere/c.pem"),
        ({"id": "14", "operator": "ROLLBACK", "ca_path": "/etc"}, "use_tls"),
        ({"id": "14", "operator": "ROLLBACK", "use_tls": True, "client_key": "/etc"}, "client_cert"),
    ],
)
def test_bad_input_is_told_before_any_request(options: dict[str, t.Any], words: str) -> None:
    with start() as simulator:
        failed = task("obshell_dag", **{"port": simulator.agents[0].port, **options})
        assert failed["failed"] and words in failed["msg"]
        assert simulator.journal.entries == []


@pytest.mark.parametrize(
    ("module", "library", "options"),
    [(encryption, "cryptography", {}), (transport_requests, "requests", {"use_tls": True})],
    ids=["cryptography", "requests"],
)
def test_a_library_that_is_missing_is_named_with_the_python_that_lacks_it(
    monkeypatch: pytest.MonkeyPatch, module: t.Any, library: str, options: dict[str, t.Any]
) -> None:
    monkeypatch.setattr(module, f"HAS_{library.upper()}", False)
    with start() as simulator:
        failed = list_all(simulator, **options)
        assert failed["failed"] and f"library {library} is needed" in failed["msg"]
        assert f"{sys.executable} -m pip install {library}" in failed["msg"]


def test_nobody_there_says_where() -> None:
    with socket.socket() as sock:
        # Nobody listens there, and nobody else can.
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        for use_tls in (False, True):
            failed = task("obshell_dag_info", port=port, use_tls=use_tls)
            assert failed["failed"] and f"127.0.0.1:{port}" in failed["msg"] and "refused" in failed["msg"]
            assert "2886" in advice_of(failed)
    failed = task("obshell_dag_info", socket="/nowhere/obshell.sock")
    assert failed["failed"] and "unix:/nowhere/obshell.sock" in failed["msg"]
    assert "run/obshell.sock" in advice_of(failed)


def test_a_socket_on_which_nobody_listens(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "obshell.sock")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
        failed = task("obshell_dag_info", socket=path)
    assert failed["failed"] and "is running" in advice_of(failed) and "2886" not in advice_of(failed)


def test_a_socket_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        transport_stdlib._UnixConnection, "connect", mock.Mock(side_effect=PermissionError(13, "denied"))
    )
    failed = task("obshell_dag_info", socket="/run/obshell.sock")
    assert failed["failed"] and "owner of the agent" in advice_of(failed)


@pytest.mark.parametrize("use_tls", [False, True])
def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch, use_tls: bool) -> None:
    def unknown(*_arguments: t.Any, **_options: t.Any) -> t.NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failed = task("obshell_dag_info", host="db1.example", use_tls=use_tls)
    assert failed["failed"] and "Name or service not known" in failed["msg"] and "host" in advice_of(failed)


def test_who_has_answered_before_speaks_no_tls() -> None:
    with start() as simulator:
        simulator.agents[0].faults.append(Fault("reset", path="status"))
        failed = task("obshell_agent_info", port=simulator.agents[0].port)
        assert failed["failed"] and "/status failed: " in failed["msg"] and advice_of(failed) == ""


def test_an_alert_of_tls_in_answer_to_plain_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def alert() -> None:
            sock, _address = server.accept()
            with sock:
                sock.recv(65536)
                sock.sendall(b"\x15\x03\x03\x00\x02\x02\x46")

        thread = threading.Thread(target=alert, daemon=True)
        thread.start()
        failed = task("obshell_agent_info", port=server.getsockname()[1])
        thread.join()
    assert failed["failed"] and "BadStatusLine" in failed["msg"] and "use_tls" in advice_of(failed)


def test_one_connection_is_kept_for_a_call(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[http.client.HTTPConnection] = []
    connect = http.client.HTTPConnection.connect

    def count_and_connect(self: http.client.HTTPConnection) -> None:
        opened.append(self)
        connect(self)

    monkeypatch.setattr(http.client.HTTPConnection, "connect", count_and_connect)
    with start(version=version) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        port = simulator.agents[0].port
        task("obshell_dag", port=port, password=ROOT_PASSWORD, id=dag_id, operator="RETRY")
        assert len(simulator.journal.entries) > 3
        assert len(opened) == 1
