# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with the agents of one cluster: each with either root password, or with whichever agent responds."""

from __future__ import annotations

import typing as t

from .._agent.client import SetupClient
from .._agent.info import CLUSTER_AGENT, FOLLOWER, MASTER
from .._agent.session import Credentials, Session
from .._agent.transport import Transport
from .._errors import Unauthorized, Unreachable
from .model import ObservedCluster, Server


class FallbackSession(Session):
    """Calls to one agent, with the given root password or the empty one that it accepts until it is configured."""

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        """Prepare a session; nothing is sent."""
        super().__init__(transport, credentials)
        self._given = credentials
        self._other = Credentials("", credentials.agent_password)

    def call(self, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> t.Any:
        """See :class:`Session`; after a refused password the other one is tried."""
        try:
            return super().call(method, route, body, obproxy=obproxy)
        except Unauthorized:
            self._credentials, self._other = self._other, self._credentials
            return super().call(method, route, body, obproxy=obproxy)

    @property
    def password_unverified(self) -> bool:
        """Whether the last response does not show that the agent accepts the given root password."""
        return self._prefer_agent or self._credentials.password != self._given.password

    def verify_root_password(self) -> None:
        """Make a call with only the given root password.

        :raises Unauthorized: the agent refuses it.
        """
        before = self._credentials, self._prefer_agent
        self._credentials, self._prefer_agent = Credentials(self._given.password), False
        try:
            super().call("GET", "/task/dag/agent/unfinish")
        except Unauthorized:
            self._credentials, self._prefer_agent = before
            raise
        self._credentials, self._other = self._given, Credentials("", self._given.agent_password)


class FailoverSession(Session):
    """Calls to the first of several agents that responds; one that does not is tried last from then on."""

    def __init__(self, sessions: list[Session]) -> None:
        """Prepare to try them in this order; nothing is sent."""
        super().__init__(sessions[0].transport, Credentials())
        self._sessions = sessions

    def call(self, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> t.Any:
        """See :class:`Session`; a request that may have changed something is not sent to another agent."""
        last = Unreachable("no agent is left to try", sent=False)
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

    def ensure_key(self) -> None:
        """Do nothing: each session reads its agent's key itself."""

    def agent_time(self) -> float | None:
        """See :class:`Session`; the clock is that of the agent that responded last."""
        return self._sessions[0].agent_time()


class AgentPool:
    """The agents of one cluster.

    `trace_ids` are those of all of them; `locked` says whether a DAG locked one of them when they were read last;
    `verified` are the servers whose agents accepted the declared agent password.
    """

    def __init__(self, sessions: dict[Server, FallbackSession]) -> None:
        """Prepare the clients; nothing is sent."""
        self.trace_ids: list[str] = []
        self.locked = False
        self.verified: set[Server] = set()
        self.sessions = sessions
        for session in sessions.values():
            session.trace_ids = self.trace_ids
        self._known_dags: set[str] = set()
        self.clients = {server: self._client(session) for server, session in sessions.items()}

    def close(self) -> None:
        """Close all connections."""
        for client in self.clients.values():
            client.close()

    def any_of(self, observed: ObservedCluster, *, first: Server | None = None) -> SetupClient:
        """Make a client for what any agent can answer: it tries `first`, then the master, then the other agents."""
        ranks = (MASTER, CLUSTER_AGENT, FOLLOWER, "")
        ranked = sorted((m for m in observed.members if m.identity in ranks), key=lambda m: ranks.index(m.identity))
        servers = sorted((member.server for member in ranked or observed.members), key=lambda server: server != first)
        session = FailoverSession([self.sessions[server] for server in servers])
        session.trace_ids = self.trace_ids
        return self._client(session)

    def remember_dag(self, dag_id: str) -> None:
        """Record that a DAG exists, as an earlier time slice has seen."""
        self._known_dags.add(dag_id)

    def _client(self, session: Session) -> SetupClient:
        return SetupClient(session.transport, session=session, known_dags=self._known_dags)
