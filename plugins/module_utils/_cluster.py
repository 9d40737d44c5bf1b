# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster as it is declared, and as its agents say it is. Pure: knows no HTTP and no Ansible."""

from __future__ import annotations

import dataclasses
import typing as t

from ._dag import INITIALIZE, Dag
from ._ids import show_address

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

    `maintained` tells that a DAG locks it, `secured` that it has an agent password.
    """

    server: Server
    address: Address | None = None
    identity: str = ""
    zone: str = ""
    version: str = ""
    ob_version: str = ""
    maintained: bool = False
    secured: bool = False

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
    """All that was read at one time; `dags` are those unfinished, with details."""

    members: tuple[Member, ...]
    cluster: Cluster | None = None
    dags: tuple[Dag, ...] = ()

    def of(self, identity: str) -> list[Member]:
        """Select the members of an identity."""
        return [member for member in self.members if member.identity == identity]

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
    def unsure(self) -> list[Member]:
        """The members of whose agent password nobody knows whether it is set, since they do not answer."""
        return [member for member in self.members if not member.address and member.server.agent_password is not None]

    def peer_of(self, member: Member) -> Peer | None:
        """Find how the cluster knows a member.

        One that does not answer, and was declared by name, is the only peer of its port and zone that no other is.
        """
        peers = self.cluster.peers if self.cluster else ()
        address = member.address or (member.server.host, member.server.port)
        for peer in peers:
            if peer.address == address:
                return peer
        taken = {other.address for other in self.members}
        alike = (member.server.port, member.server.zone)
        left = [peer for peer in peers if peer.address not in taken and (peer.address[1], peer.zone) == alike]
        return left[0] if member.address is None and len(left) == 1 else None


def show(address: Address) -> str:
    """Write an address as host:port."""
    return show_address(*address)
