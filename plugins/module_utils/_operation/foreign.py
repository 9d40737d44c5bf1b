# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a generic ID names. The agent forwards a request to any address that an ID encodes, with the root password."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import typing as t

from .._agent.client import ObshellClient
from .._errors import AgentError, InvalidInput, Refused, Unauthorized
from .._ids import LARGEST_PORT, GenericId, show_address

Address = tuple[str, t.Any]
HELP = "Check the ID; if it is right, list the agent in members, or set allow_foreign_agent"


def parse_members(members: t.Iterable[str]) -> set[Address]:
    """Read addresses such as `192.0.2.1:2886` or `[2001:db8::1]:2886`.

    :raises InvalidInput: one is no address with a port.
    """
    return {_parse(member) for member in members}


def refuse_stranger(
    client: ObshellClient, dag_id: str, *, members: t.Iterable[str] | None, allow_foreign_agent: bool
) -> None:
    """Refuse an ID that would make the agent forward to somebody who is not of its cluster.

    The agent is asked for its members only where the ID names another than itself, and `members` is None. Through the
    socket it does not say who it is without being asked: there an address of this very host is taken for its own, since
    what is sent there does not leave the host.

    :param members: the agents that may be named beside the one asked, as of :func:`parse_members`.
    :raises Refused: the ID names a stranger, or nobody could say whether it does; no request with the ID was sent.
    """
    named = GenericId.parse(dag_id).agent
    if named is None or allow_foreign_agent or named in parse_members(members or ()) or _is_own(client, named):
        return
    try:
        known = _ask(client) if members is None else parse_members(members)
    except Unauthorized:
        raise
    except AgentError as error:
        what = f"{_what(dag_id, named)}; its members could not be learnt: {error.message}. {HELP}"
        raise Refused(what, **error.result) from error
    if named not in known:
        names = ", ".join(sorted(show_address(host, port) for host, port in known)) or "none"
        raise Refused(f"{_what(dag_id, named)}; the members known are {names}. {HELP}")


def _what(dag_id: str, named: Address) -> str:
    return (
        f"DAG ID {dag_id} names the agent {show_address(*named)}, to which the request would be forwarded, with the "
        "password of root@sys"
    )


def _is_own(client: ObshellClient, named: Address) -> bool:
    own = client.own_address()
    return named == _normal(own) if own else _is_of_this_host(named[0])


def _ask(client: ObshellClient) -> set[Address]:
    return {_normal(member) for member in client.members()}


def _is_of_this_host(host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return True
    return False


def _normal(address: Address) -> Address:
    try:
        return str(ipaddress.ip_address(address[0])), address[1]
    except ValueError:
        return address


def _parse(member: str) -> Address:
    match = re.fullmatch(r"\[?([0-9A-Fa-f.:]+?)\]?:([0-9]{1,5})", member)
    try:
        if match and 0 < int(match[2]) <= LARGEST_PORT:
            return str(ipaddress.ip_address(match[1])), int(match[2])
    except ValueError:
        pass
    raise InvalidInput(f"members: {member!r} is no address with a port, such as 192.0.2.1:2886 or [2001:db8::1]:2886")
