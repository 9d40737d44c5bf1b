# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a generic ID names. The agent forwards a request to any address that an ID holds, with the root password."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import typing as t

from .._agent.client import ObshellClient
from .._errors import AgentError, InvalidInput, Refused, Unauthorized
from .._ids import Address, GenericId

IPV6 = 6
DISCARD_PORT = 9
ADVICE = "Check the ID; if it is right, list the agent in members, or set allow_foreign_agent"


class ForeignAgents(t.NamedTuple):
    """Which agents an ID may name beside the one that is asked.

    `members` are these agents; None means the members of the cluster, which are then asked for. With `allowed` an ID
    may name any agent.
    """

    members: frozenset[Address] | None = None
    allowed: bool = False


NO_FOREIGN_AGENTS = ForeignAgents()


def parse_members(members: t.Iterable[str]) -> frozenset[Address]:
    """Read addresses such as `192.0.2.1:2886` or `[2001:db8::1]:2886`.

    :raises InvalidInput: one is not an address with a port.
    """
    try:
        return frozenset(Address.parse(member) for member in members)
    except ValueError as error:
        raise InvalidInput(f"members: {error}, such as 192.0.2.1:2886 or [2001:db8::1]:2886") from error


def refuse_foreign_id(client: ObshellClient, dag_id: str, policy: ForeignAgents) -> None:
    """Refuse an ID that would make the agent forward the request to an agent outside its cluster.

    The agent is asked for its members only if the ID names another agent and `policy` does not list any. Through the
    socket the agent's own address is not known: there the address of this host counts as the agent's own, since what is
    sent to it stays on the host.

    :raises Refused: the ID names a foreign agent, or the members cannot be read; no request with the ID was sent.
    """
    named = GenericId.parse(dag_id).agent
    if named is None or policy.allowed or named in (policy.members or ()) or _is_own(client, named):
        return
    try:
        known = policy.members if policy.members is not None else _members(client)
    except Unauthorized:
        raise
    except AgentError as error:
        if error.is_not_found and client.is_seekdb:
            raise Refused(
                f"DAG ID {dag_id} names the agent {named}, and an agent of seekdb has no other agents. Check the ID"
            ) from error
        reason = f"{_consequence(dag_id, named)}; the members of its cluster cannot be read: {error.message}. {ADVICE}"
        raise Refused(reason, **error.result) from error
    if named not in known:
        names = ", ".join(sorted(str(address) for address in known)) or "none"
        raise Refused(f"{_consequence(dag_id, named)}; the known members are: {names}. {ADVICE}")


def _consequence(dag_id: str, named: Address) -> str:
    return (
        f"DAG ID {dag_id} names the agent {named}: the request would be forwarded to it, with the password of root@sys"
    )


def _is_own(client: ObshellClient, named: Address) -> bool:
    own = client.own_address()
    return named == own if own else _is_on_this_host(named.host)


def _members(client: ObshellClient) -> frozenset[Address]:
    return frozenset(peer.address for peer in client.cluster_info().peers)


def _is_on_this_host(host: str) -> bool:
    """Whether packets to an address would have that same address as their source; none is sent.

    A bind proves nothing: it succeeds for multicast and broadcast, and for any address if the host allows non-local
    binds.
    """
    address = ipaddress.ip_address(host)
    if address.is_loopback:
        return True
    family = socket.AF_INET6 if address.version == IPV6 else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((host, DISCARD_PORT))
        return bool(sock.getsockname()[0] == host)
    return False
