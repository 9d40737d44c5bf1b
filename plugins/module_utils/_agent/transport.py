# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP exchange with an agent: no retry, cut when its time is up, and whether the request may have arrived."""

from __future__ import annotations

import abc
import http.client
import math
import socket
import ssl
import time
import typing as t

from .._errors import Unreachable, Untrusted
from .timeouts import Cut, Line

LARGEST_ANSWER = 64 * 2**20
LONGEST_PAUSE = 60.0
SET_TLS = "if that port speaks TLS, set use_tls to true"
UNSET_TLS = "that port speaks no TLS, as agents themselves do not: set use_tls to false"
# What to do, by how `where` begins and by OpenSSL's reason or the kind of the cause.
ADVICE: tuple[tuple[str, object, str], ...] = (
    ("http", ConnectionRefusedError, "look whether the agent is running, and at which port (2886 by default)"),
    ("http", socket.gaierror, "look whether the name in host is right, and known where the task runs"),
    ("http:", http.client.RemoteDisconnected, SET_TLS),
    ("http:", http.client.BadStatusLine, SET_TLS),
    ("https:", "WRONG_VERSION_NUMBER", UNSET_TLS),
    ("https:", "RECORD_LAYER_FAILURE", UNSET_TLS),
    ("https:", "CERTIFICATE_VERIFY_FAILED", "give its authority in ca_path, and in host a name that it is made for"),
    ("https:", "NO_CERTIFICATE_OR_CRL_FOUND", "give in ca_path a file of certificates in PEM"),
    ("https:", http.client.RemoteDisconnected, "if a certificate is asked for, give client_cert and client_key"),
    ("unix:", ConnectionRefusedError, "look whether the agent is running"),
    ("unix:", FileNotFoundError, "look on this host for run/obshell.sock below the agent's home"),
    ("unix:", PermissionError, "only root and the owner of the agent may use its socket"),
)


class Answer(t.NamedTuple):
    """Status code and undecoded body of one answer, and the seconds for which it asks to be left alone (at most 60)."""

    status: int
    body: bytes
    pause: float = 0.0


class Transport(t.Protocol):
    """What the client needs of a connection.

    `where` names it for people; `trusted` tells whether the agent knows its peer without a password.
    """

    where: str
    trusted: bool

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """Send one request and read its answer.

        :param uri: path and query; sent byte for byte.
        :raises Unreachable: there was no complete answer; its `sent` tells whether the request may have arrived.
        """

    def close(self) -> None:
        """Close the connection; the next exchange makes a new one."""


class TimedTransport(abc.ABC):
    """A connection kept open between exchanges, made anew after one that failed, and cut when its time is up."""

    where: str

    def __init__(self, *, timeout: float, limit: float = math.inf) -> None:
        """Prepare a connection; nothing is sent.

        :param timeout: seconds that one exchange may take, from the first look-up of a name to the last byte.
        :param limit: seconds from now after which no exchange goes on.
        """
        self._timeout = timeout
        self._end = time.monotonic() + limit
        self._line = Line()
        self._answered = False

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Answer:
        """See :class:`Transport`."""
        what = f"{method} {self.where}{uri} failed"
        begin = time.monotonic()
        seconds = min(self._timeout, self._end - begin)
        if seconds <= 0:
            raise Unreachable(f"{what}: no time is left", sent=False)
        line = self._line
        try:
            answer = self._exchange(method, uri, headers, body, seconds)
        except (OSError, http.client.HTTPException, Cut) as error:
            self.close()
            missing = "no complete answer within" if line.may_have_sent else "no connection within"
            if time.monotonic() - begin >= seconds:
                raise Unreachable(f"{what}: {missing} {seconds:.3g} s", sent=line.may_have_sent) from error
            kind = Unreachable if self._answered or not _is_about_tls(error) else Untrusted
            raise kind(f"{what}: {self._explain(error)}", sent=line.may_have_sent) from error
        self._answered = True
        return answer

    def _explain(self, error: BaseException) -> str:
        """Tell the cause, and what to do about it where nothing was ever answered: later the way there is right."""
        *_before, last = _causes(error)
        kind = getattr(last, "reason", None) or type(last)
        advice = (f"; {text}" for begin, cause, text in ADVICE if cause == kind and self.where.startswith(begin))
        return f"{type(last).__name__}: {last}{'' if self._answered else next(advice, '')}"

    @abc.abstractmethod
    def _exchange(self, method: str, uri: str, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
        """Send and read within so many seconds; an error is an OSError, HTTPException or Cut."""

    def close(self) -> None:
        """See :class:`Transport`."""
        self._line.cut()
        self._line = Line()


def check_size(size: int) -> None:
    """Refuse an answer of so many bytes.

    :raises Cut: no agent answers that much.
    """
    if size > LARGEST_ANSWER:
        raise Cut(f"its answer is larger than {LARGEST_ANSWER >> 20} MiB")


def pause_of(retry_after: str | None) -> float:
    """Read the header Retry-After, where it is a number of seconds, as at most a minute."""
    text = (retry_after or "").strip()
    return min(float(text), LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0


def _is_about_tls(error: BaseException) -> bool:
    """Tell whether it is of certificates or of TLS itself, rather than of a connection that was lost."""
    *_before, last = _causes(error)
    return isinstance(last, ssl.SSLError) and not isinstance(last, ssl.SSLEOFError)


def _causes(error: BaseException | None) -> t.Iterator[BaseException]:
    while error is not None:
        yield error
        reason = getattr(error.args[0], "reason", None) if error.args else None
        error = error.__cause__ or (reason if isinstance(reason, BaseException) else error.__context__)
