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
import typing as t

from .._agent.client import ObshellClient
from .._agent.session import Credentials
from .._agent.transport import Transport
from .._agent.transport_stdlib import HttpTransport, SocketTransport
from .._errors import InvalidInput
from .._ids import LARGEST_PORT, GenericId
from .._operation.foreign import parse_members
from .._operation.waiter import gone

LONGEST_REQUEST = 86400


def check(params: dict[str, t.Any]) -> None:
    """Refuse what no spec can express.

    :param params: a task's options after their spec.
    :raises InvalidInput: a malformed ID, a host that is none, a port out of range, a time that is none, or a file that
        is not there.
    """
    if params.get("id") is not None:
        GenericId.parse(params["id"])
        parse_members(params.get("members") or ())
    if not 0 < params["port"] <= LARGEST_PORT:
        raise InvalidInput(f"port is {params['port']}, not between 1 and {LARGEST_PORT}")
    bare_host(params["host"])
    for name in ("timeout", "wait_timeout", "wait_interval"):
        if params.get(name) is not None and not params[name] > 0:
            raise InvalidInput(f"{name} is {params[name]:g}, not more than 0 seconds")
    if params["timeout"] > LONGEST_REQUEST:
        raise InvalidInput(f"timeout is {params['timeout']:g}; a request may take {LONGEST_REQUEST} seconds at most")
    for name in ("ca_path", "client_cert", "client_key"):
        if params[name] and not params["use_tls"]:
            raise InvalidInput(f"{name} is given, but use_tls is not true")
        if params[name] and not os.path.exists(params[name]):
            raise InvalidInput(f"{name}: there is no file {params[name]}")


def bare_host(text: str, option: str = "host") -> str:
    """Take the name or address that an option holds out of its brackets, if it has some.

    :raises InvalidInput: it is neither.
    """
    host = text.strip("[]")
    with contextlib.suppress(ValueError):
        if ":" in host:
            ipaddress.IPv6Address(host)
            return host
        if re.fullmatch(r"[\w.-]+", host) and host.encode("idna"):
            return host
    if re.fullmatch(r"(?:[\w.-]+|\[.+\]):\d+", text):
        raise InvalidInput(f"{option} is {text!r}; give the port in port")
    raise InvalidInput(f"{option} is {text!r}, which is no name and no address")


def connect(params: dict[str, t.Any]) -> ObshellClient:
    """Make the client that the connection options describe; nothing is sent yet.

    Where there is a `wait_timeout`, no request goes on for longer after it than `timeout`.

    :raises InvalidInput: a library is missing that this connection needs.
    """
    transport: Transport
    limit = max(0.0, params.get("wait_timeout", math.inf) - gone(params)) + params["timeout"]
    if params["socket"]:
        transport = SocketTransport(params["socket"], timeout=params["timeout"], limit=limit)
        return ObshellClient(transport)
    host, port = bare_host(params["host"]), params["port"]
    proxies = _proxies(host)
    if params["use_tls"] or "http" in proxies:
        # Only who needs requests pays for its import, which takes longer than a whole read.
        from .._agent.transport_requests import RequestsTransport

        cert, key = params["client_cert"] or None, params["client_key"]
        transport = RequestsTransport(
            host,
            port,
            timeout=params["timeout"],
            limit=limit,
            use_tls=params["use_tls"],
            verify=(params["ca_path"] or True) if params["validate_certs"] else False,
            cert=(cert, key) if cert and key else cert,
            proxies=proxies,
        )
    else:
        transport = HttpTransport(host, port, timeout=params["timeout"], limit=limit)
    password, agent_password = params["password"], params["agent_password"] or None
    return ObshellClient(transport, Credentials(password if agent_password else password or None, agent_password))


def _proxies(host: str) -> dict[str, str]:
    """The environment's proxies for a host, by scheme; never one for loopback."""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if loopback:
        return {}
    from urllib.request import getproxies, proxy_bypass

    return {} if proxy_bypass(host) else getproxies()
