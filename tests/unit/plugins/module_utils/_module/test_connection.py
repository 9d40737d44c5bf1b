# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What options mean before anything is sent: which proxy, which members, which servers."""

from __future__ import annotations

import os
import sys
import typing as t
import urllib.request

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.proxies import find_proxy, is_exception
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.cluster import connect_pool, desired_cluster
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.connection import parse_agent

AS_TEXT = str({"host": "192.0.2.1", "password": "secret-1"})
PROXY = "http://192.0.2.9:3128"


@pytest.mark.parametrize(
    ("host", "no_proxy", "used"),
    [
        ("192.0.2.1", "", True),
        ("agent.example", "", True),
        ("agent.example", "example", False),
        ("127.0.0.1", "", False),
        ("::1", "", False),
        ("localhost", "", False),
    ],
)
def test_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch, host: str, no_proxy: str, used: bool) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", PROXY)
    monkeypatch.setenv("no_proxy", no_proxy)
    assert find_proxy("http", host, 2886) == (PROXY if used else None)
    assert find_proxy("https", host, 2886) is None


def test_one_proxy_for_all_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("all_proxy", "192.0.2.9:3128")
    assert find_proxy("http", "192.0.2.1", 2886) == PROXY


@pytest.mark.parametrize(("platform", "asked"), [("linux", 0), ("darwin", 1)])
def test_only_macos_has_proxies_without_a_variable(monkeypatch: pytest.MonkeyPatch, platform: str, asked: int) -> None:
    calls = 0

    def getproxies() -> dict[str, str]:
        nonlocal calls
        calls += 1
        return {}

    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(urllib.request, "getproxies", getproxies)
    assert find_proxy("http", "192.0.2.1", 2886) is None
    assert calls == asked


@pytest.mark.parametrize(
    ("host", "no_proxy", "excluded"),
    [
        ("192.0.2.1", "192.0.2.0/24", True),
        ("192.0.3.1", "192.0.2.0/24", False),
        ("192.0.2.1", "example, 192.0.2.1", True),
        ("192.0.2.1", "192.0.2.1:2886", True),
        ("192.0.2.1", "192.0.2.1:8443", False),
        ("192.0.2.1", "192.0.2.0/24:8443", False),
        ("192.0.2.1", "192.0.2", False),
        ("2001:db8::1", "[2001:db8::1]", True),
        ("2001:db8::1", "[2001:DB8:0::1]:2886", True),
        ("2001:db8::1", "[2001:db8::1]:8443", False),
        ("2001:db8::1", "2001:db8::1", True),
        ("2001:db8::1", "2001:db8::/32", True),
        ("2001:db9::1", "[2001:db8::]/32,2001:db8::/32", False),
        ("2001:db8::1", "192.0.2.0/24", False),
        ("db1.Example", ".example", True),
        ("db1.example", "*.example", True),
        ("db1.example", "example:2886", True),
        ("db1.example", "example:8443", False),
        ("db1.example", "ample", False),
        ("db1.example", "*", True),
        ("db1.example", "", False),
        ("db1.example", ". , ::", False),
    ],
)
def test_exceptions_in_no_proxy(host: str, no_proxy: str, excluded: bool) -> None:
    assert is_exception(host, 2886, no_proxy) is excluded


def cluster(*servers: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    spare: dict[str, t.Any] = {"port": None, "config": {}, "agent_password": None}
    return {
        "state": "initialized",
        "name": "obdemo",
        "cluster_id": 1,
        "root_password": "x",
        "recover": "none",
        "config": {},
        "port": 2886,
        "socket": None,
        "agent_password": None,
        "servers": [{**spare, **server} for server in servers],
        **options,
    }


ONE, OTHER = ({"host": f"192.0.2.{number}", "zone": "zone1"} for number in (1, 2))


@pytest.mark.parametrize(
    ("params", "why"),
    [
        (cluster(), "servers is empty"),
        (cluster(ONE, ONE), "servers contains 192.0.2.1:2886 twice"),
        (
            cluster({**ONE, "host": "2001:db8::1"}, {**ONE, "host": "[2001:DB8:0::1]"}),
            r"servers contains \[2001:db8::1\]:2886 twice",
        ),
        (cluster(ONE, root_password=""), "^root_password is empty"),
        (cluster(ONE, name=""), "^name is empty"),
        (cluster(ONE, cluster_id=0), "^cluster_id must be 1 or more, got 0"),
        (cluster({**ONE, "zone": ""}), "^servers.zone of 192.0.2.1:2886 is empty"),
        (cluster(ONE, OTHER, socket="/run/obshell.sock"), "reaches one agent"),
        (cluster({**ONE, "host": "192.0.2.1/24"}), "servers.host '192.0.2.1/24' is neither"),
        (cluster({**ONE, "host": "192.0.2.1:2886"}), "servers.host '192.0.2.1:2886' contains a port"),
        (cluster(ONE, config={"memory_limit": None}), "^config: memory_limit is null"),
        (cluster(ONE, config={"memory_limit": ["6G"]}), "^config: memory_limit is a list"),
        (cluster({**ONE, "config": {"mysql_port": {}}}), "^servers.config of 192.0.2.1: mysql_port is a dictionary"),
        (cluster(ONE, config={"cluster_id": 1}), "^config: the agent does not accept cluster_id .* option cluster_id"),
        (cluster(ONE, config={"cluster": "x"}), "^config: the agent does not accept cluster .* option name"),
        (cluster({**ONE, "config": {"zone": "zone1"}}), r"^servers.config of 192.0.2.1: .* zone .* servers\[\].zone"),
        (cluster(ONE, config={"devname": "eth0"}), "^config: the agent does not accept devname"),
        (cluster(ONE, config={"rootservice_list": "x"}), "^config: .* rootservice_list .* from servers"),
        (cluster(ONE, config={"local_ip": "x"}), "^config: .* local_ip"),
        (cluster(ONE, config={"rootPwd": "x"}), "^config: .* rootPwd .* root_password"),
        (cluster(ONE, config={"mysql_port": 1, "mysqlPort": 2}), "^config: mysql_port and mysqlPort are one option"),
        (cluster(ONE, config={"rpc_port": 1, "rpcPort": "2"}), "^config: rpc_port and rpcPort are one option"),
    ],
)
def test_servers_that_are_no_cluster(params: dict[str, t.Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        desired_cluster(params)


def test_what_is_empty_was_not_given() -> None:
    desired = desired_cluster(cluster({**ONE, "agent_password": ""}, OTHER, agent_password="", socket=""))
    assert [server.agent_password for server in desired.servers] == [None, None]


def test_what_an_observer_is_told_is_text() -> None:
    config = {"memory_limit": "6G", "cpu_count": 16, "ratio": 0.5, "enable_syslog_wf": False}
    told = {"memory_limit": "6G", "cpu_count": "16", "ratio": "0.5", "enable_syslog_wf": "false"}
    assert desired_cluster(cluster(ONE, config=config)).config == told


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_port_out_of_range(port: int) -> None:
    with pytest.raises(InvalidInput, match="must be between 1 and 65535"):
        connect_pool(cluster({**ONE, "port": port}))


def test_each_agent_gets_its_own_passwords() -> None:
    with_own = {**ONE, "agent_password": "its own"}
    connection = {"timeout": 60, "use_tls": False, "use_proxy": False, "password": "that of the connection"}
    params = cluster(with_own, OTHER, agent_password="that of all", root_password="root", **connection)
    credentials = {session.transport.where: session._credentials for session in connect_pool(params).sessions.values()}
    assert credentials == {
        "http://192.0.2.1:2886": ("root", "its own"),
        "http://192.0.2.2:2886": ("root", "that of all"),
    }


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("db1", "db1", None),
        ("db1.example:2887", "db1.example", 2887),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("[2001:DB8::1]:2886", "2001:db8::1", 2886),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("2001:db8::1", "2001:db8::1", None),
    ],
)
def test_an_agent_is_a_host_with_or_without_a_port(text: str, host: str, port: int | None) -> None:
    assert parse_agent(text, "agents") == (host, port)


@pytest.mark.parametrize("text", ["", ":2886", "db1:0", "db1:65536", "db1:", "http://db1", "db1:x", "[db1]:x", "a b"])
def test_what_is_no_agent_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="agents"):
        parse_agent(text, "agents")


@pytest.mark.parametrize("text", [AS_TEXT, f"{AS_TEXT[0]}:{AS_TEXT[1:]}", "http://root:secret-1@db1", "secret-1,b:0"])
def test_what_may_be_more_than_an_agent_is_not_shown(text: str) -> None:
    with pytest.raises(InvalidInput, match=rf"agents \({len(text)} characters, not shown\)") as caught:
        parse_agent(text, "agents")
    assert "secret-1" not in caught.value.message
