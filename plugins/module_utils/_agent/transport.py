# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange with an agent: without retries, limited in time, and aware of whether its request was sent."""

from __future__ import annotations

import abc
import http.client
import math
import socket
import ssl
import time
import typing as t

from .._errors import Unreachable, Untrusted
from .timeouts import Aborted, ConnectionGuard

MAX_RESPONSE = 64 * 2**20
MAX_RETRY_AFTER = 60.0
SET_TLS = "if that port speaks TLS, set use_tls to true"
UNSET_TLS = "that port does not speak TLS, which agents themselves do only with a certificate: set use_tls to false"
# Advice by the beginning of `where` and by OpenSSL's reason or the class of the cause.
ADVICE: tuple[tuple[str, object, str], ...] = (
    ("http", ConnectionRefusedError, "check that the agent is running, and its port (2886 by default)"),
    ("http", socket.gaierror, "check the name in host, and that the host that runs the task can resolve it"),
    ("http:", http.client.RemoteDisconnected, SET_TLS),
    ("http:", http.client.BadStatusLine, SET_TLS),
    ("https:", "WRONG_VERSION_NUMBER", UNSET_TLS),
    ("https:", "RECORD_LAYER_FAILURE", UNSET_TLS),
    ("https:", "CERTIFICATE_VERIFY_FAILED", "set ca_path to its authority, and host to a name in its certificate"),
    ("https:", http.client.RemoteDisconnected, "if the server asks for a certificate, set client_cert and client_key"),
    ("unix:", ConnectionRefusedError, "check that the agent is running"),
    ("unix:", FileNotFoundError, "check for run/obshell.sock below the agent's home on this host"),
    ("unix:", PermissionError, "only root and the owner of the agent may use its socket"),
)


class Response(t.NamedTuple):
    """Status code and undecoded body of a response, and the seconds of its Retry-After header (at most 60)."""

    status: int
    body: bytes
    retry_after: float = 0.0


class Transport(t.Protocol):
    """What the client needs of a connection.

    `where` names it in messages; `trusted` is True if the agent identifies its peer without a password.
    """

    where: str
    trusted: bool

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        """Send one request and read its response.

        :param uri: path and query; sent byte for byte.
        :raises Unreachable: there was no complete response; its `sent` says whether the request may have arrived.
        """

    def close(self) -> None:
        """Close the connection; the next exchange opens a new one."""


class TimedTransport(abc.ABC):
    """A connection that is kept between exchanges, replaced after a failed one, and aborted when its time is up."""

    where: str
    _via = ""

    def __init__(self, *, timeout: float, limit: float = math.inf) -> None:
        """Prepare a connection; nothing is sent.

        :param timeout: seconds that one exchange may take, from resolving the name to the last byte.
        :param limit: seconds from now after which no exchange continues.
        """
        self._timeout = timeout
        self._end = time.monotonic() + limit
        self._guard = ConnectionGuard()
        self._responded = False

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        """See :class:`Transport`."""
        what = f"{method} {self.where}{uri}{self._via} failed"
        begin = time.monotonic()
        seconds = min(self._timeout, self._end - begin)
        if seconds <= 0:
            raise Unreachable(f"{what}: no time is left", sent=False)
        guard = self._guard
        try:
            response = self._exchange(method, uri, headers, body, seconds)
        except (OSError, http.client.HTTPException, Aborted) as error:
            self.close()
            missing = "no complete response within" if guard.may_have_sent else "no connection within"
            if time.monotonic() - begin >= seconds:
                raise Unreachable(f"{what}: {missing} {seconds:.3g} s", sent=guard.may_have_sent) from error
            kind = Unreachable if self._responded or not _is_about_tls(error) else Untrusted
            raise kind(f"{what}: {self._explain(error)}", sent=guard.may_have_sent) from error
        self._responded = True
        return response

    def _explain(self, error: BaseException) -> str:
        """Name the cause, and advise if there was never a response: after one, the address and TLS are right."""
        *_before, last = causes(error)
        kind = getattr(last, "reason", None) or type(last)
        advice = (f"; {text}" for begin, cause, text in ADVICE if cause == kind and self.where.startswith(begin))
        return f"{type(last).__name__}: {last}{'' if self._responded else next(advice, '')}"

    @abc.abstractmethod
    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Response:
        """Send and read within so many seconds; an error is an OSError, HTTPException or Aborted."""

    def close(self) -> None:
        """See :class:`Transport`."""
        self._guard.abort()
        self._guard = ConnectionGuard()


def check_size(size: int) -> None:
    """Refuse a response of so many bytes.

    :raises Aborted: no agent sends that much.
    """
    if size > MAX_RESPONSE:
        raise Aborted(f"its response is larger than {MAX_RESPONSE >> 20} MiB")


def parse_retry_after(header: str | None) -> float:
    """Read a Retry-After header as seconds, at most 60; 0 if there is none or it is a date."""
    text = (header or "").strip()
    return min(float(text), MAX_RETRY_AFTER) if text.isascii() and text.isdigit() else 0.0


def _is_about_tls(error: BaseException) -> bool:
    """Whether the cause is a certificate or TLS itself, and not a lost connection."""
    *_before, last = causes(error)
    return isinstance(last, ssl.SSLError) and not isinstance(last, ssl.SSLEOFError)


def causes(error: BaseException | None) -> t.Iterator[BaseException]:
    """Yield an error and what caused it, the first cause last."""
    while error is not None:
        yield error
        reason = getattr(error.args[0], "reason", None) if error.args else None
        error = error.__cause__ or (reason if isinstance(reason, BaseException) else error.__context__)
