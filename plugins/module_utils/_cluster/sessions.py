# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to one agent of a cluster with either password, and to whichever of several answers."""

from __future__ import annotations

import typing as t

from .._agent.session import Credentials, Session
from .._agent.transport import Transport
from .._errors import Unauthorized, Unreachable


class MemberSession(Session):
    """Calls to one agent, with the password of root@sys or the empty one that an agent takes until it was told it."""

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        """Prepare a session; nothing is sent."""
        super().__init__(transport, credentials)
        self._given = credentials
        self._other = Credentials("", credentials.agent_password)

    def call(self, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> t.Any:
        """See :class:`Session`; a refused password is followed by the other one."""
        try:
            return super().call(method, route, body, obproxy=obproxy)
        except Unauthorized:
            self._credentials, self._other = self._other, self._credentials
            return super().call(method, route, body, obproxy=obproxy)

    @property
    def unproven(self) -> bool:
        """Whether what it has answered last does not tell that it takes the given password of root@sys."""
        return self._prefer_agent or self._credentials.password != self._given.password

    def prove(self) -> None:
        """Ask with the given password of root@sys alone.

        :raises Unauthorized: it does not take that.
        """
        before = self._credentials, self._prefer_agent
        self._credentials, self._prefer_agent = Credentials(self._given.password), False
        try:
            super().call("GET", "/task/dag/agent/unfinish")
        except Unauthorized:
            self._credentials, self._prefer_agent = before
            raise
        self._credentials, self._other = self._given, Credentials("", self._given.agent_password)


class AnySession(Session):
    """Calls to the first of several agents that answers; one that does not is asked last from then on."""

    def __init__(self, sessions: list[Session]) -> None:
        """Prepare to ask them in this order; nothing is sent."""
        super().__init__(sessions[0].transport, Credentials())
        self._sessions = sessions

    def call(self, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> t.Any:
        """See :class:`Session`; what may have changed something is not sent to another."""
        last = Unreachable("no agent is left to ask", sent=False)
        for session in list(self._sessions):
            try:
                return session.call(method, route, body, obproxy=obproxy)
            except Unreachable as error:
                if method != "GET" and error.sent:
                    raise
                last = error
                self._sessions.remove(session)
                self._sessions.append(session)
        raise last

    def meet(self) -> None:
        """Nothing is to be read before a call: each session does that for itself."""
