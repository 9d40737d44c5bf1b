# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster as it is declared, and as its agents say it is.

Pure: knows no HTTP and no Ansible. One thing to do to agents that are to be a cluster, and what one run has done of
them. Pure.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._dag.model import INITIALIZE, Dag
from .._ids import show_address

SINGLE, MASTER, FOLLOWER, CLUSTER_AGENT = "SINGLE", "MASTER", "FOLLOWER", "CLUSTER AGENT"
INITIALIZED, CONFIGURED, ABSENT = "initialized", "configured", "absent"
Address = tuple[str, int]


@dataclasses.dataclass(frozen=True)
class Server:
    """One server as it is declared: where its agent listens, its zone, its observer's own options."""

    host: str
    port: int
    zone: str
    config: dict[str, str] = dataclasses.field(default_factory=dict, hash=False)
    agent_password: str | None = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        """Name it for a person."""
        return show_address(self.host, self.port)


@dataclasses.dataclass(frozen=True)
class Declared:
    """What a cluster shall be.

    `recover` is what may be done about an initialisation that failed earlier: none, retry or rollback.
    """

    state: str
    name: str
    cluster_id: int
    servers: tuple[Server, ...]
    config: dict[str, str] = dataclasses.field(default_factory=dict)
    recover: str = "none"


@dataclasses.dataclass(frozen=True)
class Member:
    """What one agent says of itself; `address` is its own, and None where it does not answer.

    `resolved` holds the addresses of its host where it does not. `maintained` tells that a DAG locks it, `secured` that
    it has an agent password, `securable` that it can have one.
    """

    server: Server
    address: Address | None = None
    identity: str = ""
    zone: str = ""
    version: str = ""
    ob_version: str = ""
    maintained: bool = False
    secured: bool = False
    securable: bool = True
    resolved: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name it for a person."""
        return str(self.server)


class Peer(t.NamedTuple):
    """An agent as the master, or a cluster agent, knows it."""

    address: Address
    zone: str
    identity: str


@dataclasses.dataclass(frozen=True)
class Cluster:
    """What the master, or a cluster agent, says of all; `name` is empty where it was not told yet.

    `stale` tells that options of observers were set after it.
    """

    peers: tuple[Peer, ...]
    name: str = ""
    cluster_id: int = 0
    stale: bool = False


@dataclasses.dataclass(frozen=True)
class View:
    """All that was read at one time; `dags` are those unfinished, with details.

    `last` is the ID of the DAG that locked the master last, where none is unfinished.
    """

    members: tuple[Member, ...]
    cluster: Cluster | None = None
    dags: tuple[Dag, ...] = ()
    last: str = ""

    def of(self, identity: str) -> list[Member]:
        """Select the members of an identity."""
        return [member for member in self.members if member.identity == identity]

    def agrees(self, other: View) -> bool:
        """Whether nothing that plans are made of is different, but for how far DAGs have come."""
        ends = [[(dag.id, dag.attempt) for dag in view.dags if dag.finished] for view in (self, other)]
        return (self.members, self.cluster) == (other.members, other.cluster) and ends[0] == ends[1]

    @property
    def initializing(self) -> bool:
        """Whether an initialisation is under way, or has failed."""
        return any(dag.name == INITIALIZE for dag in self.dags)

    @property
    def initialized(self) -> bool:
        """Whether every member that answers is a cluster agent, and no initialisation is unfinished."""
        seen = [member for member in self.members if member.address]
        return not self.initializing and len(seen) == len(self.of(CLUSTER_AGENT))

    @property
    def silent(self) -> list[Member]:
        """The members that do not answer."""
        return [member for member in self.members if not member.address]

    @property
    def unsure(self) -> list[Member]:
        """The members of whose agent password nobody knows whether it is set, since they do not answer."""
        return [member for member in self.silent if member.server.agent_password is not None]

    def peer_of(self, member: Member) -> Peer | None:
        """Find how the cluster knows a member: by its address, or by one that its host has and no other member."""
        if member.address:
            own = {member.address}
        else:
            own = {(host, member.server.port) for host in member.resolved}
            own.difference_update(other.address for other in self.members if other.address)
        return next((peer for peer in self.cluster.peers if peer.address in own), None) if self.cluster else None


def show(address: Address) -> str:
    """Write an address as host:port."""
    return show_address(*address)


SETTLE, WAIT, RETRY, ROLLBACK = "settle", "wait", "retry", "rollback"
SET_PASSWORD, JOIN, CONFIGURE_ALL, CONFIGURE_SERVER = "set_password", "join", "configure_all", "configure_server"
CONFIGURE_CLUSTER, INIT, REMOVE = "configure_cluster", "init", "remove"


class Step(t.NamedTuple):
    """One thing to do, and about whom; `text` tells it to a person."""

    kind: str
    text: str
    member: Member | None = None
    dag: Dag | None = None

    @property
    def changes(self) -> bool:
        """Whether it sends a request that changes something."""
        return self.kind not in (SETTLE, WAIT)


@dataclasses.dataclass
class Done:
    """What one run has done that the agents cannot be asked for.

    `configured` holds the hosts (as their server is named, "" for all) whose observer options were told, `cluster` that
    the cluster's were. `joined` tells that an agent was joined, `init` that an initialisation was started, `followed`
    that one was started, waited for or operated.
    """

    configured: set[str] = dataclasses.field(default_factory=set)
    cluster: bool = False
    joined: bool = False
    init: bool = False
    followed: bool = False

    def remember(self, step: Step) -> None:
        """Take note of a step that was done."""
        if step.kind == CONFIGURE_ALL:
            self.configured.add("")
        elif step.kind == CONFIGURE_SERVER:
            self.configured.add(str(step.member))
        elif step.kind == CONFIGURE_CLUSTER:
            self.cluster = True
        elif step.kind == JOIN:
            self.joined = True
