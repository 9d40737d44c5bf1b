# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agents a DAG ID may name."""

from __future__ import annotations

import contextlib
import socket
import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    InvalidInput,
    Refused,
    Unauthorized,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.foreign import (
    ForeignAgents,
    _is_on_this_host,
    parse_members,
    refuse_foreign_id,
)

FOREIGN = f"3{int('20010db8000000000000000000000009', 16):039}028861"


def test_a_foreign_agent_is_refused_with_the_known_members() -> None:
    client: t.Any = mock.Mock(**{"own_address.return_value": Address("2001:db8::1", 2886)})
    with pytest.raises(Refused) as caught:
        refuse_foreign_id(client, FOREIGN, ForeignAgents(parse_members(["[2001:db8::2]:2886"])))
    assert "the agent [2001:db8::9]:2886" in caught.value.message
    assert "the known members are: [2001:db8::2]:2886" in caught.value.message


@pytest.mark.parametrize(
    "policy", [ForeignAgents(allowed=True), ForeignAgents(frozenset({Address("2001:db8::9", 2886)}))]
)
def test_an_allowed_or_listed_agent_is_not_asked_about(policy: ForeignAgents) -> None:
    refuse_foreign_id(mock.Mock(spec=[]), FOREIGN, policy)


@pytest.mark.parametrize("member", ["192.0.2.1", "192.0.2:2886", "192.0.2.1:0", "192.0.2.1:65536", "[2001::db8::1]:1"])
def test_a_malformed_member_is_refused(member: str) -> None:
    with pytest.raises(InvalidInput, match=r"members: .*, such as"):
        parse_members([member])


def test_a_member_that_may_hold_a_password_is_not_shown() -> None:
    with pytest.raises(InvalidInput, match=r"not shown\) is not an IP address") as caught:
        parse_members([str({"host": "192.0.2.1", "password": "secret-1"})])
    assert "secret-1" not in caught.value.message


class NonLocalBind(socket.socket):
    """A socket on a host with `net.ipv4.ip_nonlocal_bind`, as hosts with a virtual address have: any bind succeeds."""

    def bind(self, address: t.Any) -> None:
        pass


@pytest.mark.parametrize("host", ["203.0.113.7", "2001:db8::9", "224.0.0.1", "255.255.255.255", "ff02::1"])
def test_an_address_that_is_not_one_of_this_host_is_foreign(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket, "socket", NonLocalBind)
    assert not _is_on_this_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1"])
def test_the_loopback_is_this_host(host: str) -> None:
    assert _is_on_this_host(host)


class OneAddress(socket.socket):
    """A socket on a host that reaches all others from 192.0.2.5 or 2001:db8::5."""

    def connect(self, address: t.Any) -> None:
        pass

    def getsockname(self) -> tuple[str, int]:
        return "2001:db8::5" if self.family == socket.AF_INET6 else "192.0.2.5", 40000


@pytest.mark.parametrize(("host", "expected"), [("192.0.2.5", True), ("192.0.2.6", False), ("2001:db8::5", True)])
def test_the_source_address_tells_whether_an_address_is_of_this_host(
    monkeypatch: pytest.MonkeyPatch, host: str, expected: bool
) -> None:
    monkeypatch.setattr(socket, "socket", OneAddress)
    assert _is_on_this_host(host) == expected


def test_members_are_compared_in_one_form_of_ipv6() -> None:
    peers = [mock.Mock(address=Address("2001:0DB8:0:0::9", 2886))]
    cluster = mock.Mock(peers=peers)
    own = Address("2001:db8::1", 2886)
    refuse_foreign_id(
        mock.Mock(**{"own_address.return_value": own, "cluster_info.return_value": cluster}), FOREIGN, ForeignAgents()
    )


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (AgentError("GET", status=500, error={}, trace_id="x"), Refused),
        (Unauthorized("GET", status=401, error={}, trace_id="x"), Unauthorized),
    ],
)
def test_an_id_is_not_sent_if_the_members_cannot_be_read(error: AgentError, raised: type[Exception]) -> None:
    own = Address("2001:db8::1", 2886)
    client = mock.Mock(**{"own_address.return_value": own, "cluster_info.side_effect": error})
    with pytest.raises(raised) as caught:
        refuse_foreign_id(client, FOREIGN, ForeignAgents())
    assert t.cast("t.Any", caught.value).result["trace_id"] == "x"


@pytest.mark.parametrize(("dag_id", "foreign"), [("22130706433028861", False), (FOREIGN, True)])
def test_through_the_socket_an_address_of_this_host_is_the_agents_own(
    monkeypatch: pytest.MonkeyPatch, dag_id: str, foreign: bool
) -> None:
    monkeypatch.setattr(socket, "socket", OneAddress)
    client = mock.Mock(**{"own_address.return_value": None, "cluster_info.return_value": mock.Mock(peers=[])})
    with pytest.raises(Refused, match="the known members are: none") if foreign else contextlib.nullcontext():
        refuse_foreign_id(client, dag_id, ForeignAgents())
    assert client.cluster_info.called == foreign
