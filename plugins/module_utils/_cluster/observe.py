# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agents of one cluster: each asked for itself, and any of them for all."""

from __future__ import annotations

import dataclasses
import socket

from .._agent.client import SetupClient
from .._dag.model import SET_OPTIONS, Dag
from .._errors import AgentError, Unauthorized, Unreachable
from .._operation.conflicts import successor
from .._operation.lookup import MAINTENANCE, UNFINISHED, collect
from .model import CLUSTER_AGENT, FOLLOWER, MASTER, SINGLE, Cluster, Member, Peer, Server, View
from .sessions import AnySession, MemberSession

NO_SUCH_ROUTE = 404


class Members:
    """The agents of one cluster. `trace_ids` are those of all of them, `maintained` tells that a DAG locked one."""

    def __init__(self, sessions: dict[Server, MemberSession]) -> None:
        """Prepare to ask them; nothing is sent."""
        self.trace_ids: list[str] = []
        self.maintained = False
        self._sessions = sessions
        for session in sessions.values():
            session.trace_ids = self.trace_ids
        self._clients = {
            server: SetupClient(session.transport, session=session) for server, session in sessions.items()
        }

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()

    def client(self, server: Server) -> SetupClient:
        """The client of one agent."""
        return self._clients[server]

    def anyone(self, view: View, *, first: Server | None = None) -> SetupClient:
        """Make a client that asks `first`, else the master, else another of the cluster, for what any can answer."""
        ranks = (MASTER, CLUSTER_AGENT, FOLLOWER, "")
        ranked = sorted((m for m in view.members if m.identity in ranks), key=lambda m: ranks.index(m.identity))
        servers = sorted((member.server for member in ranked or view.members), key=lambda server: server != first)
        session = AnySession([self._sessions[server] for server in servers])
        session.trace_ids = self.trace_ids
        return SetupClient(session.transport, session=session)

    def read(self) -> View:
        """Read all that is known of the agents.

        :raises Unreachable: one does not answer, and is not known to others as a cluster agent, nor is a DAG to be
            waited for.
        :raises Unauthorized: one refused the passwords.
        """
        members, silent = [], []
        for server, client in self._clients.items():
            try:
                members.append(_read_member(server, client))
            except Unreachable as error:
                members.append(Member(server, resolved=_resolve(server)))
                silent.append((members[-1], error))
        view = View(tuple(members))
        self.maintained = any(member.maintained for member in members)
        if silent and len(silent) == len(members):
            raise silent[0][1]
        try:
            view = self._read_cluster(view)
        except Unauthorized as error:
            for member in view.of(MASTER):
                if member.secured and member.server.agent_password is None:
                    error.message = f"{member} has an agent password, and none is given for it: {error.message}"
            raise
        waiting = any(not dag.finished for dag in view.dags)
        for member, unreachable in silent:
            peer = view.peer_of(member)
            if peer is None or not (peer.identity == CLUSTER_AGENT or waiting):
                raise unreachable
        return view

    def _read_cluster(self, view: View) -> View:
        joined = [member for member in view.members if member.address and member.identity != SINGLE]
        dags: dict[str, Dag] = {}
        cluster = None
        own: list[Dag] = []
        if joined:
            client = self.anyone(view)
            cluster = _read_peers(client)
            dags.update((dag.id, dag) for dag in _unfinished(client) if not successor(client, dag))
            locked = [member for member in joined if member.identity == FOLLOWER and member.maintained]
            if locked and len(locked) < len(joined):
                last = collect(client, [MAINTENANCE["agents"]], details=True).dags
            else:  # Their master is single again, and knows nothing of them.
                last = [dag for member in locked for dag in _last(self._clients[member.server])]
            dags.update((dag.id, dag) for dag in last if dag.state != "SUCCEED")
            if not dags:
                own = [dag for master in view.of(MASTER) for dag in _last(self._clients[master.server])]
            if cluster and cluster.name and not dags:
                stale = any(dag.name == SET_OPTIONS for dag in own) or not all(map(self._knows_root, view.of(MASTER)))
                cluster = dataclasses.replace(cluster, stale=stale)
        for member in view.of(CLUSTER_AGENT):
            self._prove_root(member)
            if member.secured and member.server.agent_password:
                self._prove_password(member)
        for member in view.of(SINGLE):
            # Agents before 4.3, which know no agent password, can leave beside one that failed.
            if member.maintained or not member.securable or (member.secured and member.server.agent_password):
                client = self._clients[member.server]
                dags.update((dag.id, dag) for dag in _unfinished(client) if not successor(client, dag))
        return View(view.members, cluster, tuple(dags.values()), last="".join(dag.id for dag in own))

    def _knows_root(self, member: Member) -> bool:
        """Whether the password of root@sys that an agent was told is the one given, not none or another."""
        session = self._sessions[member.server]
        if not session.unproven:
            return True
        try:
            session.prove()
        except Unauthorized:
            return False
        return True

    def _prove_root(self, member: Member) -> None:
        """An agent may have answered to the empty password, or to its own."""
        session = self._sessions[member.server]
        if session.unproven:
            try:
                session.prove()
            except Unauthorized as error:
                error.message = f"{member} takes another password of root@sys than the one given: {error.message}"
                raise

    def _prove_password(self, member: Member) -> None:
        """A cluster agent takes the password of root@sys too, so that no other call tells whether its own is right."""
        try:
            self._clients[member.server].prove_agent_password()
        except Unauthorized as error:
            error.message = f"{member} has another agent password than the one given for it: {error.message}"
            raise


def _resolve(server: Server) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(str(address[0]) for *_how, address in found)


def _read_member(server: Server, client: SetupClient) -> Member:
    # In this order: once no DAG locks an agent, it is what that DAG has made of it.
    status, info = client.status(), client.info()
    return Member(
        server,
        address=(str(info.get("ip")), int(info.get("port") or 0)),
        identity=str(info.get("identity") or ""),
        zone=str(info.get("zone") or ""),
        version=str(info.get("version") or ""),
        ob_version=str(info.get("obVersion") or ""),
        maintained=bool(status.get("underMaintenance")),
        secured=bool(info.get("security")),
        securable="security" in info,
    )


def _read_peers(client: SetupClient) -> Cluster | None:
    try:
        found = client.ob_info()
    except AgentError as error:
        if error.status != NO_SUCH_ROUTE:
            raise
        return None
    told = found["obcluster_info"]
    peers = [
        Peer((str(agent.get("ip")), agent.get("port") or 0), str(agent.get("zone")), str(agent.get("identity")))
        for agent in found["agent_info"]
    ]
    return Cluster(tuple(peers), str(told.get("name") or ""), int(told.get("id") or 0))


def _last(client: SetupClient) -> list[Dag]:
    return collect(client, [MAINTENANCE["agent"]], details=True).dags


def _unfinished(client: SetupClient) -> list[Dag]:
    return [Dag.from_api(raw) for raw in client.list_dags(UNFINISHED, details=True)]
