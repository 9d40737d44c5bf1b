# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The passwords that a task was given, and which of them goes into which header.

Pure. Authenticated calls to one agent: its key, its clock, and which of two passwords it takes.
"""

from __future__ import annotations

import json
import time
import typing as t

from .._errors import AgentError, Refused, Unauthorized, Unreachable
from . import encryption as _envelope
from .response import agent_time, unwrap
from .transport import Transport

OCEANBASE, AGENT = "X-OCS-Header", "X-OCS-Agent-Header"


class Credentials(t.NamedTuple):
    """The passwords that may be used, of root@sys and of the agent; None where none was given."""

    password: str | None = None
    agent_password: str | None = None

    def choices(self, *, obproxy: bool) -> list[tuple[str, str]]:
        """List the (header, password) pairs worth trying, the likeliest first; a fresh agent takes an empty one."""
        if obproxy or (self.password is None and self.agent_password is not None):
            return [(AGENT, self.agent_password or "")]
        both = [(OCEANBASE, self.password or "")]
        return both if self.agent_password is None else [*both, (AGENT, self.agent_password)]

    def refused(self, *, obproxy: bool) -> str:
        """Say what a 401 means for a person."""
        if obproxy and self.agent_password is None:
            return "no agent_password was given, and tasks of an OBProxy take no other (or set OBSHELL_AGENT_PASSWORD)"
        if self.password is None and self.agent_password is None:
            return (
                "no password was given; give password or agent_password, or set OBSHELL_PASSWORD or "
                "OBSHELL_AGENT_PASSWORD in the environment"
            )
        return "the password was refused"


API = "/api/v1"
HEADER_LIFETIME = 60
NOT_FOUND = 404
JSON_TYPE = {"Content-Type": "application/json"}
# Passwords in bodies that nothing but the encryption of the whole body hides.
BODY_SECRETS = frozenset({"password", "masterPassword", "proxyro_password"})
V1 = "X-OCS-Auth"


class Session:
    """Calls over one transport. Not thread-safe.

    `trace_ids` collects the agent's IDs of what could change something, and of errors, but not of a 404 to a GET, which
    may be the answer sought. `address` is what the agent calls itself, (address, port), once it was asked for its key.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        """Prepare a session; nothing is sent before the first call."""
        self.transport = transport
        self.trace_ids: list[str] = []
        self.address: tuple[str, t.Any] = ("", 0)
        self._credentials = credentials
        self._key_text = ""
        self._agent_clock = 0.0
        self._v1 = False
        self._prefer_agent = False

    def open_call(self, route: str, *, data_despite_error: bool = False) -> t.Any:
        """GET a route that needs no password. With `data_despite_error` an error that comes with data is no error.

        :raises AgentError, Unreachable: as of :meth:`call`.
        """
        return self._exchange("GET", API + route, {}, b"", data_despite_error=data_despite_error)

    def call(self, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> t.Any:
        """Send one request and return the answer's `data` (decoded JSON, None where there is none).

        A 401 is worth one more try where the agent's key, its clock or its choice of password turn out different.

        :param route: path and query below /api/v1.
        :param body: JSON-serialisable, or None.
        :param obproxy: whether the route belongs to OBProxy, which takes the agent's password alone.
        :raises Refused: a password would be sent in clear.
        :raises Unauthorized: the agent refused the password.
        :raises AgentError: the agent answered with another error.
        :raises Unreachable: there was no complete answer, or it was not an agent's.
        """
        if self.transport.trusted:
            return self._exchange(method, API + route, JSON_TYPE, b"" if body is None else json.dumps(body).encode())
        self.meet()
        try:
            return self._sealed(method, API + route, body, obproxy=obproxy)
        except Unauthorized:
            if not self._prepare(self._something_changed):
                raise
        return self._sealed(method, API + route, body, obproxy=obproxy)

    def encrypt(self, secret: str) -> str:
        """Encrypt a secret of a body with the agent's key as it is now; the socket takes it as it is.

        :raises Unreachable: the key could not be read.
        """
        if self.transport.trusted:
            return secret
        self._prepare(self._read_key)
        return _envelope.rsa_encrypt(_envelope.load_public_key(self._key_text), secret.encode())

    def meet(self) -> None:
        """Read the agent's key, its clock and its address, if that has not been done yet.

        :raises Unreachable: that failed.
        """
        if not self._key_text:
            self._prepare(self._read_key)

    def _prepare(self, read: t.Callable[[], t.Any]) -> t.Any:
        """Read what a call needs; whatever goes wrong with that, the call itself was not sent, or was refused."""
        try:
            return read()
        except Unreachable as error:
            error.sent = False
            raise
        except AgentError as error:
            raise Unreachable(error.message, sent=False, **error.result) from error

    def _sealed(self, method: str, uri: str, body: t.Any, *, obproxy: bool) -> t.Any:
        key = _envelope.load_public_key(self._key_text)
        expires = int(time.monotonic() + self._agent_clock) + HEADER_LIFETIME
        header, password = self._credentials.choices(obproxy=obproxy)[-1 if self._prefer_agent else 0]
        if self._v1:
            if isinstance(body, dict) and not BODY_SECRETS.isdisjoint(body):
                raise Refused(
                    f"{method} {self.transport.where}{uri} was not sent: this agent takes bodies in clear "
                    "alone, and this one has a password; use the agent's socket, or an agent 4.2.3 or later"
                )
            header = V1
            value, sealed = _envelope.seal_v1(key, password=password, expires=expires, body=body)
        else:
            value, sealed = _envelope.seal(key, password=password, uri=uri, expires=expires, body=body)
        refused = self._credentials.refused(obproxy=obproxy)
        return self._exchange(method, uri, {header: value, **JSON_TYPE}, sealed, refused=refused)

    def _read_key(self) -> None:
        answer = self.transport.exchange("GET", f"{API}/secret", headers={}, body=b"")
        envelope = unwrap(answer, "GET", f"{self.transport.where}{API}/secret")
        data = envelope.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("public_key"), str):
            raise Unreachable(f"{self.transport.where} gave no public key: is it an obshell agent?", sent=False)
        _envelope.load_public_key(data["public_key"])
        self._key_text = data["public_key"]
        self.address = (str(data.get("ip")), data.get("port"))
        self._agent_clock = agent_time(envelope) - time.monotonic()

    def _something_changed(self) -> bool:
        key, clock, v1, agent = self._key_text, self._agent_clock, self._v1, self._prefer_agent
        self._read_key()
        if self._key_text != key or abs(self._agent_clock - clock) > HEADER_LIFETIME / 2:
            return True
        info = self.open_call("/info", data_despite_error=True)
        if not isinstance(info, dict):
            raise Unreachable(f"{self.transport.where} did not say what it is", sent=False)
        self._v1 = "v2" not in (info.get("supportedAuth") or ["v2"])
        self._prefer_agent = bool(info.get("security")) and info.get("identity") in ("SINGLE", "MASTER")
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
        refused: str = "access was refused",
    ) -> t.Any:
        answer = self.transport.exchange(method, uri, headers=headers, body=body)
        envelope = unwrap(answer, method, f"{self.transport.where}{uri}")
        data = envelope.get("data")
        trace_id = str(envelope.get("traceId") or "")
        failed = answer.status >= 400
        if trace_id and (method != "GET" or (failed and answer.status != NOT_FOUND)):
            self.trace_ids.append(trace_id)
        if not failed or (data_despite_error and data is not None):
            return data
        what, kind = f"{method} {self.transport.where}{uri}", AgentError
        if answer.status == 401:
            what, kind = f"{refused}: {what}", Unauthorized
        error = envelope.get("error")
        error = error if isinstance(error, dict) else {"message": str(error)}
        raise kind(what, status=answer.status, error=error, trace_id=trace_id)
