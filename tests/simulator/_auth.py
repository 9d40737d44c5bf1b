# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask what: headers and bodies decrypted, passwords compared."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._crypto import DecryptionError, decrypt_body
from ._errors import ApiError
from ._ids import is_obproxy
from ._journal import Auth

if TYPE_CHECKING:
    from ._agent import Agent

HEADER, AGENT_HEADER, V1_HEADER = "X-OCS-Header", "X-OCS-Agent-Header", "X-OCS-Auth"


@dataclass(frozen=True)
class Credentials:
    """A header taken apart."""

    auth: Auth = "none"
    password: str = ""
    expires: str = ""
    uri: str = ""
    keys: bytes = b""


def read_header(agent: Agent, headers: Mapping[str, str]) -> Credentials:
    supported = agent.spec.supported_auth
    if "v2" in supported:
        named: tuple[tuple[str, Auth], ...] = ((AGENT_HEADER, "agent"), (HEADER, "oceanbase"))
        for name, auth in named:
            if headers.get(name) and (auth == "oceanbase" or agent.version.coded_errors):
                return _read(agent, auth, headers[name])
    if "v1" in supported and headers.get(V1_HEADER):
        return _read(agent, "v1", headers[V1_HEADER])
    return Credentials()


def _read(agent: Agent, auth: Auth, encrypted: str) -> Credentials:
    try:
        header: dict[str, Any] = json.loads(agent.key.decrypt(encrypted))
        if auth == "v1":
            return Credentials(auth, header["password"], str(header["ts"]))
        if not all(isinstance(header[name], str) for name in ("auth", "ts", "uri", "keys")):
            raise TypeError("json: cannot unmarshal into Go struct field HttpHeader of type string")
        keys = base64.b64decode(header["keys"])
        return Credentials(auth, header["auth"], header["ts"], header["uri"], keys)
    except (DecryptionError, ValueError, KeyError, TypeError) as error:
        raise ApiError("decrypt_failed", error) from error


def read_body(credentials: Credentials, body: bytes) -> bytes:
    if not body or not credentials.keys:
        return body
    try:
        return decrypt_body(body, keys=credentials.keys)
    except DecryptionError as error:
        raise ApiError("bad_body", error) from error


def check_uri(credentials: Credentials, uri: str) -> None:
    if credentials.auth == "none":
        raise ApiError("header_missing")
    if credentials.auth != "v1" and credentials.uri != uri:
        raise ApiError("uri_mismatch")


def verify(agent: Agent, credentials: Credentials, *, route: str, task_id: str) -> None:
    """Raise unless these credentials open this route of this agent, which is not a follower."""
    if route == "obproxy" and credentials.auth != "agent":
        raise ApiError("header_missing")
    if route == "agent/password":
        _verify_for_agent_password(agent, credentials)
    elif route == "obproxy" or (agent.version.coded_errors and is_obproxy(task_id)):
        _verify_for_obproxy(agent, credentials)
    elif agent.identity == "SINGLE":
        _verify_single(agent, credentials)
    elif credentials.auth == "agent":
        if agent.root_password and not agent.agent_password:
            raise ApiError("use_root_password", "agent password is not initialized")
        if agent.agent_password:
            _compare(agent, credentials, agent.agent_password, wrong="agent_password")
    else:
        if agent.agent_password and not agent.root_password:
            raise ApiError("use_agent_password", "oceanbase password is not initialized")
        _compare(agent, credentials, agent.root_password, wrong="root_password")


def _verify_single(agent: Agent, credentials: Credentials) -> None:
    if not agent.agent_password:
        return
    if credentials.auth != "agent":
        raise ApiError("use_agent_password", "agent password has been set")
    _compare(agent, credentials, agent.agent_password, wrong="agent_password")


def _verify_for_agent_password(agent: Agent, credentials: Credentials) -> None:
    if agent.agent_password:
        _verify_single(agent, credentials)
    elif agent.identity == "CLUSTER AGENT":
        if credentials.auth == "agent":
            raise ApiError("use_root_password", "oceanbase password has been set")
        _compare(agent, credentials, agent.root_password, wrong="root_password")
    elif agent.identity != "SINGLE":
        raise ApiError("unexpected", "Internal Server Error")


def _verify_for_obproxy(agent: Agent, credentials: Credentials) -> None:
    if credentials.auth != "agent":
        raise ApiError("use_agent_password", "this route only support agent password")
    if not agent.agent_password:
        raise ApiError("no_agent_password")
    _compare(agent, credentials, agent.agent_password, wrong="agent_password")


def _compare(agent: Agent, credentials: Credentials, password: str, *, wrong: str) -> None:
    # The agent looks at the time only where there is a password.
    if credentials.password:
        try:
            expires = int(credentials.expires)
        except ValueError as error:
            raise ApiError("timestamp_invalid", credentials.expires) from error
        if agent.clock.seconds() > expires:
            raise ApiError("expired")
    if credentials.password != password:
        raise ApiError(wrong)
