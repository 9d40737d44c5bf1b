# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specs that modules and action plugins share, and the client that the connection options describe."""

from __future__ import annotations

import contextlib
import ipaddress
import math
import os
import re
import typing as t

from ansible.module_utils.common.parameters import env_fallback

from ._client import ObshellClient
from ._dag import OPERATORS
from ._errors import InvalidInput
from ._ids import LARGEST_PORT, GenericId
from ._part import gone
from ._plain import HttpTransport, SocketTransport
from ._session import Credentials
from ._strangers import parse_members
from ._transport import Transport

Spec = dict[str, t.Any]
LONGEST_REQUEST = 86400


def _option(name: str, **option: t.Any) -> dict[str, t.Any]:
    return {name: {**option, "fallback": (env_fallback, [f"OBSHELL_{name.upper()}"])}}


CONNECTION: Spec = {
    **_option("host", type="str", default="127.0.0.1"),
    **_option("port", type="int", default=2886),
    **_option("socket", type="path"),
    **_option("password", type="str", no_log=True),
    **_option("agent_password", type="str", no_log=True),
    **_option("use_tls", type="bool", default=False),
    **_option("validate_certs", type="bool", default=True),
    **_option("ca_path", type="path"),
    **_option("client_cert", type="path"),
    **_option("client_key", type="path", no_log=False),
    **_option("timeout", type="float", default=30.0),
}
WAIT: Spec = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 1800.0},
    "wait_interval": {"type": "float", "default": 10.0},
    "progress": {"type": "str", "choices": ["auto", "lines", "none"], "default": "auto"},
    "_slice": {"type": "dict"},
}
STRANGERS: Spec = {
    "members": {"type": "list", "elements": "str"},
    "allow_foreign_agent": {"type": "bool", "default": False},
}
DAG: Spec = {
    "argument_spec": {
        **CONNECTION,
        **WAIT,
        **STRANGERS,
        "id": {"type": "str"},
        "name": {"type": "str"},
        "operator": {"type": "str", "choices": list(OPERATORS), "required": True},
        "settle": {"type": "bool", "default": False},
        "accept_data_removal": {"type": "bool", "default": False},
    },
    "mutually_exclusive": [("id", "name")],
    "required_one_of": [("id", "name")],
    "required_by": {"client_key": "client_cert"},
}
DAG_INFO: Spec = {
    "argument_spec": {
        **CONNECTION,
        **STRANGERS,
        "id": {"type": "str"},
        "scope": {
            "type": "str",
            "choices": ["unfinished", "agent", "agents", "cluster", "all"],
            "default": "unfinished",
        },
        "name": {"type": "str"},
        "state": {"type": "str", "choices": ["PENDING", "READY", "RUNNING", "SUCCEED", "FAILED"]},
        "operator": {"type": "str", "choices": ["RUN", *OPERATORS]},
        "details": {"type": "str", "choices": ["none", "failed", "all"], "default": "failed"},
    },
    "mutually_exclusive": [("id", "name"), ("id", "state"), ("id", "operator")],
    "required_by": {"client_key": "client_cert"},
}
AGENT_INFO: Spec = {"argument_spec": CONNECTION, "required_by": {"client_key": "client_cert"}}

SECRETS = tuple(name for name, option in CONNECTION.items() if option.get("no_log"))


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
        if params[name] is not None and not params["use_tls"]:
            raise InvalidInput(f"{name} is given, but use_tls is not true")
        if params[name] is not None and not os.path.exists(params[name]):
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
        from ._requests import RequestsTransport

        cert, key = params["client_cert"], params["client_key"]
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
