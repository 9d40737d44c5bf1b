# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that the connection options describe, and what is wrong with options before anything is sent."""

from __future__ import annotations

import contextlib
import ipaddress
import math
import os
import re

from .._agent.client import ObshellClient
from .._agent.proxies import find_proxy
from .._agent.session import Credentials
from .._agent.tls import SharedTrusts, Trust
from .._agent.transport import Transport
from .._agent.transport_stdlib import HttpTransport, SocketTransport
from .._errors import InvalidInput
from .._ids import MAX_PORT, GenericId, quote
from .._operation.foreign import ForeignAgents, parse_members
from .options import Params

MAX_TIMEOUT = 86400
HOST_NAME = re.compile(r"[\w.-]+")


def check_options(params: Params) -> None:
    """Refuse what an argument spec cannot express.

    :param params: a task's options, validated by their spec.
    :raises InvalidInput: a malformed ID, an invalid host, a port or time out of range, or a file that does not exist.
    """
    if params.get("id") is not None:
        GenericId.parse(params["id"])
        parse_members(params.get("members") or ())
    check_port(params["port"], "port")
    bare_host(params["host"], "host")
    for name in ("timeout", "wait_timeout", "wait_interval"):
        if params.get(name) is not None and not params[name] > 0:
            raise InvalidInput(f"{name} must be greater than 0, got {params[name]:g}")
    if params["timeout"] > MAX_TIMEOUT:
        raise InvalidInput(f"timeout must be at most {MAX_TIMEOUT} seconds, got {params['timeout']:g}")
    for name in ("ca_path", "client_cert", "client_key"):
        if params[name] and not params["use_tls"]:
            raise InvalidInput(f"{name} is given, but use_tls is not true")
        if params[name] and not os.path.exists(params[name]):
            raise InvalidInput(f"{name}: the file {params[name]} does not exist")
    if params["client_key"] and not params["client_cert"]:
        raise InvalidInput("client_key is given, but client_cert is not")


def check_port(port: int, option: str) -> None:
    """Refuse a port out of range.

    :raises InvalidInput: it is.
    """
    if not 0 < port <= MAX_PORT:
        raise InvalidInput(f"{option} must be between 1 and {MAX_PORT}, got {port}")


def bare_host(text: str, option: str) -> str:
    """Return the host name or IP address of an option, without brackets.

    :raises InvalidInput: it is neither.
    """
    host = text.strip("[]")
    with contextlib.suppress(ValueError):
        if ":" in host:
            return str(ipaddress.IPv6Address(host))
        if HOST_NAME.fullmatch(host) and host.encode("idna"):
            return host
    if re.fullmatch(r"(?:[\w.-]+|\[.+\]):\d+", text):
        raise InvalidInput(f"{option} {quote(text)} contains a port; give it in port")
    raise InvalidInput(f"{option} {quote(text)} is neither a host name nor an IP address")


def parse_agent(text: str, option: str) -> tuple[str, int | None]:
    """Read the host and the port, if there is one, of an agent such as `db1`, `db1:2886` or `[2001:db8::1]:2886`.

    :raises InvalidInput: it is neither a host name nor an IP address, or the port is out of range.
    """
    match = re.fullmatch(r"(\[.+\]|[^:]*):([0-9]+)", text)
    if not match:
        return bare_host(text, option), None
    check_port(int(match[2]), f"{option} {quote(text)}: port")
    return bare_host(match[1], option), int(match[2])


def foreign_agents(params: Params) -> ForeignAgents:
    """Read which agents a DAG ID may name beside the one that is asked."""
    members = None if params["members"] is None else parse_members(params["members"])
    return ForeignAgents(members, params["allow_foreign_agent"])


def connect(params: Params, trusts: SharedTrusts | None = None) -> ObshellClient:
    """Make the client that the connection options describe; nothing is sent yet.

    If there is a `wait_timeout`, no request continues for longer than `timeout` after it.

    :param trusts: those of the other connections of the same task.
    :raises InvalidInput: a library is missing that this connection needs.
    """
    transport: Transport
    elapsed = (params.get("_slice") or {}).get("already_elapsed", 0.0)
    limit = max(0.0, params.get("wait_timeout", math.inf) - elapsed) + params["timeout"]
    if params["socket"]:
        return ObshellClient(SocketTransport(params["socket"], timeout=params["timeout"], limit=limit))
    host, port = bare_host(params["host"], "host"), params["port"]
    use_tls = params["use_tls"]
    proxy = find_proxy("https" if use_tls else "http", host, port) if params["use_proxy"] else None
    if use_tls or proxy:
        # Only tasks that need requests pay for its import, which takes longer than a whole read.
        from .._agent.transport_requests import RequestsTransport

        trust = _trust(params, trusts or SharedTrusts()) if use_tls else None
        transport = RequestsTransport(host, port, timeout=params["timeout"], limit=limit, trust=trust, proxy=proxy)
    else:
        transport = HttpTransport(host, port, timeout=params["timeout"], limit=limit)
    password, agent_password = params["password"], params["agent_password"] or None
    return ObshellClient(transport, Credentials(password if agent_password else password or None, agent_password))


def _trust(params: Params, trusts: SharedTrusts) -> Trust:
    return trusts.get(
        verify=params["validate_certs"],
        ca_path=params["ca_path"] or None,
        client_cert=params["client_cert"] or None,
        client_key=params["client_key"] or None,
    )
