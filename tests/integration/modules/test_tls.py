# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which authorities are trusted, which keys are refused, and what a wrong scheme or a dead proxy is called."""

from __future__ import annotations

import importlib.util
import pathlib
import socket
import sys
import threading
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import tls
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.tls import Trust, make_trust
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_requests import RequestsTransport
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput, MissingLibrary, Unreachable
from ansible_collections.oceanbase.obshell.tests.integration.certificates import Authority
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Simulator, Tls
from cryptography.hazmat.primitives import serialization

VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def fixture_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="authority")
def fixture_authority(tmp_path: pathlib.Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture(name="port")
def fixture_port(authority: Authority) -> t.Iterator[int]:
    """That of an agent whose certificate our authority signed."""
    with Simulator([AgentSpec(tls=Tls(*authority.sign("server")))]) as simulator:
        yield simulator.agents[0].port


def trust(**options: t.Any) -> Trust:
    return make_trust(**{"verify": True, "ca_path": None, "client_cert": None, "client_key": None, **options})


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environment_may_name_the_authorities(
    port: int, authority: Authority, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    untrusted = task("obshell_agent_info", port=port, use_tls=True)
    assert untrusted["failed"] and "It was checked against the system's (" in untrusted["msg"]
    monkeypatch.setenv(name, authority.path)
    assert not task("obshell_agent_info", port=port, use_tls=True).get("failed")


def test_the_error_says_which_authorities_were_used(
    port: int, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path, "other").path
    failed = task("obshell_agent_info", port=port, use_tls=True, ca_path=other)
    assert f"checked against ca_path ({other})" in failed["msg"]
    for name, words in (("REQUESTS_CA_BUNDLE", f"REQUESTS_CA_BUNDLE ({other})"), ("SSL_CERT_FILE", f"={other}")):
        monkeypatch.setenv(name, other)
        assert words in task("obshell_agent_info", port=port, use_tls=True)["msg"]
        monkeypatch.delenv(name)


def test_ca_path_goes_before_the_environment(
    port: int, authority: Authority, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", Authority(tmp_path, "other").path)
    assert not task("obshell_agent_info", port=port, use_tls=True, ca_path=authority.path).get("failed")


def test_the_authorities_of_certifi_are_not_used(
    port: int, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", authority.path)
    assert task("obshell_agent_info", port=port, use_tls=True)["failed"]


def test_a_directory_without_hashed_names_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InvalidInput, match=r"ca_path: the directory .* has no authority .* openssl rehash"):
        trust(ca_path=str(tmp_path))
    (tmp_path / "a1b2c3d4.0").touch()
    assert trust(ca_path=str(tmp_path)).authorities == f"ca_path ({tmp_path})"


@pytest.mark.parametrize("text", ["", "no certificate"])
def test_a_file_without_a_certificate_is_refused(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"ca_path: .* is not a readable file of certificates in PEM format"):
        trust(ca_path=str(path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with pytest.raises(InvalidInput, match=r"REQUESTS_CA_BUNDLE: .* is not a readable"):
        trust()
    assert trust(verify=False)


def test_an_encrypted_client_key_is_refused_without_a_prompt(authority: Authority, tmp_path: pathlib.Path) -> None:
    cert, key = authority.sign("client")
    plain = serialization.load_pem_private_key(pathlib.Path(key).read_bytes(), None)
    encrypted = tmp_path / "encrypted.key"
    encryption = serialization.BestAvailableEncryption(b"passphrase")
    encrypted.write_bytes(
        plain.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    )
    with pytest.raises(InvalidInput, match=r"client_key: the key in .* is encrypted; give a key without a passphrase"):
        trust(client_cert=cert, client_key=str(encrypted))
    assert trust(client_cert=cert, client_key=key)


def test_a_key_of_another_certificate_is_refused(authority: Authority) -> None:
    cert, _key = authority.sign("client")
    with pytest.raises(InvalidInput, match="its key cannot be used"):
        trust(client_cert=cert, client_key=authority.sign("other")[1])


def answering(answer: bytes) -> tuple[socket.socket, threading.Thread]:
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        sock, _address = server.accept()
        with sock:
            sock.recv(65536)
            sock.sendall(answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return server, thread


def test_plain_http_to_an_agent_that_serves_tls_says_to_set_use_tls() -> None:
    # What the HTTP server of Go, which agents use, answers.
    answer = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    server, thread = answering(answer)
    with server:
        failed = task("obshell_agent_info", port=server.getsockname()[1])
        thread.join()
    assert failed["failed"] and "set use_tls to true" in failed["msg"]


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("use_tls", [False, True])
def test_a_dead_proxy_is_called_a_dead_proxy(monkeypatch: pytest.MonkeyPatch, use_tls: bool) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    port = unused_port()
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://user:hidden@127.0.0.1:{port}")
    failed = task("obshell_agent_info", host="192.0.2.1", use_tls=use_tls, timeout=5)
    assert f"through the proxy http://127.0.0.1:{port} failed: ConnectionRefusedError" in failed["msg"]
    assert "check the proxy" in failed["msg"] and "set use_proxy to false" in failed["msg"]
    assert "hidden" not in failed["msg"] and "check that the agent is running" not in failed["msg"]
    direct = task("obshell_agent_info", host="192.0.2.1", use_tls=use_tls, timeout=0.2, use_proxy=False)
    assert "proxy" not in direct["msg"]


def test_a_request_goes_through_a_proxy_that_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    server, thread = answering(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    with server:
        transport = RequestsTransport("192.0.2.1", 2886, timeout=5, proxy=f"http://127.0.0.1:{server.getsockname()[1]}")
        assert transport.exchange("GET", "/api/v1/info", headers={}, body=b"").status == 502
        transport.close()
        thread.join()


def test_socks_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "socks" else find_spec(name))
    with pytest.raises(MissingLibrary, match="PySocks is needed for a SOCKS proxy") as caught:
        RequestsTransport("192.0.2.1", 2886, timeout=5, proxy="socks5://127.0.0.1:1080")
    assert f"{sys.executable} -m pip install PySocks" in caught.value.message


def test_a_name_that_is_trusted_by_nobody_is_not_waited_for(port: int) -> None:
    with pytest.raises(Unreachable) as caught:
        RequestsTransport("127.0.0.1", port, timeout=5, trust=trust()).exchange("GET", "/", headers={}, body=b"")
    assert caught.value.tolerance == 0


@pytest.mark.parametrize("verify", [True, False])
def test_a_task_loads_the_authorities_once_for_all_agents(
    port: int, authority: Authority, monkeypatch: pytest.MonkeyPatch, verify: bool
) -> None:
    made: list[dict[str, t.Any]] = []
    make: t.Callable[..., Trust] = make_trust

    def make_and_count(**options: t.Any) -> Trust:
        made.append(options)
        return make(**options)

    monkeypatch.setattr(tls, "make_trust", make_and_count)
    options: dict[str, t.Any] = {"use_tls": True, "validate_certs": verify, "ca_path": authority.path}
    agents = [f"{host}:{port}" for host in ("127.0.0.1", "localhost")]
    result = task("obshell_fleet_info", agents=agents, workers=2, **options)
    # The certificate has no name, only the address: what the agents share must not hide that.
    assert [agent["reachable"] for agent in result["agents"]] == [True, not verify]
    assert len(made) == 1
