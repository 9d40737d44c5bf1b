# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication: which header a request has, and whether its password opens a route."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.errors import ApiError
from ..core.generic_id import names_obproxy
from ..core.rsa_key import DecryptionError
from .encryption import decrypt_body
from .request import Auth

if TYPE_CHECKING:
    from ..core.agent import AgentModel

ROOT_HEADER, AGENT_HEADER, V1_HEADER = "X-OCS-Header", "X-OCS-Agent-Header", "X-OCS-Auth"


@dataclass(frozen=True)
class Credentials:
    """The decrypted header."""

    auth: Auth = "none"
    password: str = ""
    expires: str = ""
    uri: str = ""
    body_keys: bytes = b""


def read_header(agent: AgentModel, headers: Mapping[str, str]) -> Credentials:
    supported = agent.version.supported_auth
    if "v2" in supported and agent.knows_obproxy and headers.get(AGENT_HEADER):
        return _decrypt_header(agent, "agent", headers[AGENT_HEADER])
    if "v2" in supported and headers.get(ROOT_HEADER):
        return _decrypt_header(agent, "oceanbase", headers[ROOT_HEADER])
    if "v1" in supported and headers.get(V1_HEADER):
        return _decrypt_header(agent, "v1", headers[V1_HEADER])
    return Credentials()


def _decrypt_header(agent: AgentModel, auth: Auth, encrypted: str) -> Credentials:
    try:
        header: dict[str, Any] = json.loads(agent.key.decrypt(encrypted))
        if auth == "v1":
            return Credentials(auth, header["password"], str(header["ts"]))
        if not all(isinstance(header[name], str) for name in ("auth", "ts", "uri", "keys")):
            raise TypeError("json: cannot unmarshal into Go struct field HttpHeader of type string")
        return Credentials(auth, header["auth"], header["ts"], header["uri"], base64.b64decode(header["keys"]))
    except (DecryptionError, ValueError, KeyError, TypeError) as error:
        raise ApiError("decrypt_failed", error) from error


def read_body(credentials: Credentials, body: bytes) -> bytes:
    """Decrypt a body if the header has keys for it."""
    if not body or not credentials.body_keys:
        return body
    try:
        return decrypt_body(body, keys=credentials.body_keys)
    except DecryptionError as error:
        raise ApiError("body_decrypt_failed", error) from error


def check_uri(credentials: Credentials, uri: str) -> None:
    """Raise ApiError unless the header was made for this URI."""
    if credentials.auth == "none":
        raise ApiError("header_missing")
    if credentials.auth != "v1" and credentials.uri != uri:
        raise ApiError("uri_mismatch")


def verify_password(agent: AgentModel, credentials: Credentials, *, route: str, task_id: str) -> None:
    """Raise ApiError unless the credentials open this route of this agent, which is not a follower."""
    if route == "obproxy" and credentials.auth != "agent":
        raise ApiError("header_missing")
    if route == "agent/password":
        _verify_for_agent_password(agent, credentials)
    elif route == "obproxy" or (agent.knows_obproxy and names_obproxy(task_id)):
        _verify_for_obproxy(agent, credentials)
    elif agent.identity == "SINGLE":
        _verify_single(agent, credentials)
    elif credentials.auth == "agent":
        _verify_agent_header(agent, credentials)
    else:
        _verify_root_header(agent, credentials)


def _verify_agent_header(agent: AgentModel, credentials: Credentials) -> None:
    if agent.root_password and not agent.agent_password:
        raise ApiError("use_root_password", "agent password is not initialized")
    if agent.agent_password:
        _compare(agent, credentials, agent.agent_password, wrong="wrong_agent_password")


def _verify_root_header(agent: AgentModel, credentials: Credentials) -> None:
    if agent.agent_password and not agent.root_password:
        raise ApiError("use_agent_password", "oceanbase password is not initialized")
    wrong = "wrong_seekdb_password" if agent.spec.seekdb else "wrong_root_password"
    _compare(agent, credentials, agent.root_password, wrong=wrong)


def _verify_single(agent: AgentModel, credentials: Credentials) -> None:
    if not agent.agent_password:
        return
    if credentials.auth != "agent":
        raise ApiError("use_agent_password", "agent password has been set")
    _compare(agent, credentials, agent.agent_password, wrong="wrong_agent_password")


def _verify_for_agent_password(agent: AgentModel, credentials: Credentials) -> None:
    if agent.agent_password:
        _verify_single(agent, credentials)
    elif agent.identity == "CLUSTER AGENT":
        if credentials.auth == "agent":
            raise ApiError("use_root_password", "oceanbase password has been set")
        _compare(agent, credentials, agent.root_password, wrong="wrong_root_password")
    elif agent.identity != "SINGLE":
        raise ApiError("unexpected", "Internal Server Error")


def _verify_for_obproxy(agent: AgentModel, credentials: Credentials) -> None:
    if credentials.auth != "agent":
        raise ApiError("only_agent_password")
    if not agent.agent_password:
        raise ApiError("no_agent_password")
    _compare(agent, credentials, agent.agent_password, wrong="wrong_agent_password")


def _compare(agent: AgentModel, credentials: Credentials, password: str, *, wrong: str) -> None:
    # The agent checks the expiry only if the header has a password.
    if credentials.password:
        _check_expiry(agent, credentials)
    if credentials.password != password:
        raise ApiError(wrong)


def _check_expiry(agent: AgentModel, credentials: Credentials) -> None:
    try:
        expires = int(credentials.expires)
    except ValueError as error:
        raise ApiError("timestamp_invalid", credentials.expires) from error
    if agent.clock.seconds() > expires:
        raise ApiError("header_expired")
