# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authenticated calls to one agent: its key, its clock, and which of two passwords it accepts."""

from __future__ import annotations

import json
import time
import typing as t

from .._errors import UNAUTHORIZED, AgentError, Refused, Unauthorized, Unreachable
from .._ids import Address
from . import encryption
from .info import MASTER, SINGLE, AgentInfo
from .response import agent_time, parse_response
from .transport import Transport

API = "/api/v1"
HEADER_LIFETIME = 60
JSON_TYPE = {"Content-Type": "application/json"}
HEADER_NOT_FOUND = "Request.Header.NotFound"
OCEANBASE, AGENT, V1 = "X-OCS-Header", "X-OCS-Agent-Header", "X-OCS-Auth"
# Passwords in bodies, which only the encryption of the whole body hides.
BODY_SECRETS = frozenset({"password", "masterPassword", "proxyro_password"})


class Credentials(t.NamedTuple):
    """The passwords that may be used, of root@sys and of the agent; None if none was given."""

    password: str | None = None
    agent_password: str | None = None

    def __repr__(self) -> str:
        """Keep the passwords out of any message."""
        return "Credentials(...)"

    def choices(self, *, obproxy: bool) -> list[tuple[str, str]]:
        """List the (header, password) pairs to try, the likeliest first; a fresh agent accepts an empty password."""
        if obproxy or (self.password is None and self.agent_password is not None):
            return [(AGENT, self.agent_password or "")]
        root = [(OCEANBASE, self.password or "")]
        return root if self.agent_password is None else [*root, (AGENT, self.agent_password)]

    def explain_refusal(self, *, obproxy: bool) -> str:
        """Say what a 401 means."""
        if obproxy and self.agent_password is None:
            return "no agent_password was given, and OBProxy tasks accept no other (or set OBSHELL_AGENT_PASSWORD)"
        if self.password is None and self.agent_password is None:
            return (
                "no password was given; give password or agent_password, or set OBSHELL_PASSWORD or "
                "OBSHELL_AGENT_PASSWORD in the environment"
            )
        used = {"agent_password": self.agent_password} if obproxy else self._asdict()
        blank = [name for name, text in used.items() if text and text != text.strip()]
        hint = (
            f" ({' and '.join(blank)} begins or ends with a blank or a line break; check its source)" if blank else ""
        )
        return f"the password was refused{hint}"


class Session:
    """Calls over one transport. Not thread-safe.

    `trace_ids` collects the agent's IDs of calls that can change something and of errors, but not of a 404 to a GET,
    which may be an expected response. `address` is the agent's own address, known after its key was read.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        """Prepare a session; nothing is sent before the first call."""
        self.transport = transport
        self.trace_ids: list[str] = []
        self.address = Address("", 0)
        self._credentials = credentials
        self._key_text = ""
        self._agent_clock = 0.0
        self._v1 = False
        self._prefer_agent = False

    def call_unauthenticated(self, route: str, *, data_despite_error: bool = False) -> t.Any:
        """GET a route that needs no password. With `data_despite_error` an error that comes with data is not raised.

        :raises AgentError, Unreachable: as of :meth:`call`.
        """
        return self._exchange("GET", API + route, {}, b"", data_despite_error=data_despite_error)

    def call(self, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> t.Any:
        """Send one request and return the response's `data` (decoded JSON, None if there is none).

        After a 401 the request is sent once more if the agent's key, its clock or its choice of password changed.

        :param route: path and query below /api/v1.
        :param body: JSON-serialisable, or None.
        :param obproxy: whether the route belongs to OBProxy, which accepts only the agent password.
        :raises Refused: a password would be sent in clear text.
        :raises Unauthorized: the agent refused the password.
        :raises AgentError: the agent responded with another error.
        :raises Unreachable: there was no complete response, or not from an agent.
        """
        if self.transport.trusted:
            return self._exchange(method, API + route, JSON_TYPE, b"" if body is None else json.dumps(body).encode())
        self.ensure_key()
        try:
            return self._send_encrypted(method, API + route, body, obproxy=obproxy)
        except Unauthorized:
            if not self._prepare(self._refresh):
                raise
        return self._send_encrypted(method, API + route, body, obproxy=obproxy)

    def encrypt(self, secret: str) -> str:
        """Encrypt a secret of a body with the agent's present key; the socket accepts it in clear text.

        :raises Unreachable: the key could not be read.
        """
        if self.transport.trusted:
            return secret
        self._prepare(self._read_key)
        return encryption.rsa_encrypt(encryption.load_public_key(self._key_text), secret.encode())

    def ensure_key(self) -> None:
        """Read the agent's key, clock and address, unless that is done already.

        :raises Unreachable: that failed.
        """
        if not self._key_text:
            self._prepare(self._read_key)

    def agent_time(self) -> float | None:
        """The agent's clock in seconds since 1970, as its key was read; through the socket, this host's clock."""
        if self.transport.trusted:
            return time.time()
        return time.monotonic() + self._agent_clock if self._key_text else None

    def _prepare(self, read: t.Callable[[], t.Any]) -> t.Any:
        """Read what a call needs; if that fails, the call itself was not sent, or was refused."""
        try:
            return read()
        except Unreachable as error:
            error.sent = False
            raise
        except AgentError as error:
            raise Unreachable(error.message, sent=False, **error.result) from error

    def _send_encrypted(self, method: str, uri: str, body: t.Any, *, obproxy: bool) -> t.Any:
        key = encryption.load_public_key(self._key_text)
        expires = int(time.monotonic() + self._agent_clock) + HEADER_LIFETIME
        header, password = self._credentials.choices(obproxy=obproxy)[-1 if self._prefer_agent else 0]
        if self._v1:
            if isinstance(body, dict) and not BODY_SECRETS.isdisjoint(body):
                raise Refused(
                    f"{method} {self.transport.where}{uri} was not sent: this agent accepts bodies only in clear text "
                    "(authentication v1), and this body holds a password; use its unix socket, or upgrade the agent"
                )
            header = V1
            value, encrypted = encryption.encrypt_request_v1(key, password=password, expires=expires, body=body)
        else:
            value, encrypted = encryption.encrypt_request(key, password=password, uri=uri, expires=expires, body=body)
        refusal = self._credentials.explain_refusal(obproxy=obproxy)
        return self._exchange(method, uri, {header: value, **JSON_TYPE}, encrypted, refusal=refusal)

    def _read_key(self) -> None:
        response = self.transport.exchange("GET", f"{API}/secret", headers={}, body=b"")
        envelope = parse_response(response, "GET", f"{self.transport.where}{API}/secret")
        data = envelope.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("public_key"), str):
            raise Unreachable(f"{self.transport.where} returned no public key: is it an obshell agent?", sent=False)
        encryption.load_public_key(data["public_key"])
        self._key_text = data["public_key"]
        self.address = Address.from_api(data)
        self._agent_clock = agent_time(envelope) - time.monotonic()

    def _refresh(self) -> bool:
        """Read again what a call depends on, and return whether something changed."""
        key, clock, v1, agent = self._key_text, self._agent_clock, self._v1, self._prefer_agent
        self._read_key()
        if self._key_text != key or abs(self._agent_clock - clock) > HEADER_LIFETIME / 2:
            return True
        raw = self.call_unauthenticated("/info", data_despite_error=True)
        if not isinstance(raw, dict):
            raise Unreachable(f"{self.transport.where} did not return its identity", sent=False)
        info = AgentInfo.from_api(raw)
        self._v1 = info.needs_auth_v1
        self._prefer_agent = bool(info.has_agent_password) and info.identity in (SINGLE, MASTER)
        two_passwords = len(self._credentials.choices(obproxy=False)) == 2
        return self._v1 != v1 or (two_passwords and self._prefer_agent != agent)

    def _exchange(
        self,
        method: str,
        uri: str,
        headers: dict[str, str],
        body: bytes,
        *,
        data_despite_error: bool = False,
        refusal: str = "access was refused",
    ) -> t.Any:
        response = self.transport.exchange(method, uri, headers=headers, body=body)
        envelope = parse_response(response, method, f"{self.transport.where}{uri}")
        data = envelope.get("data")
        trace_id = str(envelope.get("traceId") or "")
        if response.status < 400 or (data_despite_error and data is not None):
            self._record(method, trace_id, failed=response.status >= 400)
            return data
        raw_error = envelope.get("error")
        error = raw_error if isinstance(raw_error, dict) else {"message": str(raw_error)}
        what, kind = f"{method} {self.transport.where}{uri}", AgentError
        if response.status == UNAUTHORIZED:
            what, kind = f"{refusal}: {what}", Unauthorized
        elif AGENT in headers and error.get("errCode") == HEADER_NOT_FOUND:
            what = f"this agent accepts no agent_password, set password instead: {what}"
        failure = kind(what, status=response.status, error=error, trace_id=trace_id)
        self._record(method, trace_id, failed=not failure.is_not_found)
        raise failure

    def _record(self, method: str, trace_id: str, *, failed: bool) -> None:
        if trace_id and (method != "GET" or failed):
            self.trace_ids.append(trace_id)
