# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster as desired and as observed, the steps between them, and what one run has progressed. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.info import CLUSTER_AGENT, ClusterInfo, Peer
from .._dag.model import INITIALIZE, Dag
from .._ids import Address

INITIALIZED, CONFIGURED, ABSENT = "initialized", "configured", "absent"

AWAIT_AGENTS, AWAIT_DAG, RETRY, ROLLBACK = "await_agents", "await_dag", "retry", "rollback"
SET_PASSWORD, JOIN, CONFIGURE_ALL, CONFIGURE_SERVER = "set_password", "join", "configure_all", "configure_server"
CONFIGURE_CLUSTER, INIT, REMOVE = "configure_cluster", "init", "remove"


@dataclasses.dataclass(frozen=True)
class Server:
    """One desired server: the address of its agent, its zone, its observer's own options, its agent password."""

    host: str
    port: int
    zone: str
    config: dict[str, str] = dataclasses.field(default_factory=dict, hash=False)
    agent_password: str | None = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        """Name it in a message."""
        return str(Address(self.host, self.port))


@dataclasses.dataclass(frozen=True)
class DesiredCluster:
    """The cluster as declared.

    `recover` says what may be done about an initialisation that failed earlier: none, retry or rollback.
    """

    state: str
    name: str
    cluster_id: int
    servers: tuple[Server, ...]
    config: dict[str, str] = dataclasses.field(default_factory=dict)
    recover: str = "none"


@dataclasses.dataclass(frozen=True)
class Member:
    """What the agent of a server says of itself; `address` is the agent's own, None if it is unreachable.

    `resolved` holds the IP addresses of the host of an unreachable agent. `supports_agent_password` is False before
    4.2.6. `database_available` may change at any time, so it does not count when members are compared.
    """

    server: Server
    address: Address | None = None
    identity: str = ""
    zone: str = ""
    version: str = ""
    ob_version: str = ""
    under_maintenance: bool = False
    database_available: bool = dataclasses.field(default=False, compare=False)
    has_agent_password: bool = False
    supports_agent_password: bool = True
    is_seekdb: bool = False
    resolved: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name it in a message."""
        return str(self.server)


@dataclasses.dataclass(frozen=True)
class ObservedCluster:
    """All that was read at one time; `dags` are the unfinished ones, with details.

    `left_over` are initialisations that failed beside the one that owns the cluster: no operator may be sent to them.

    `cluster` is what the master or a cluster agent says of all agents. `options_set_later` is True if observer options
    were set after the cluster's name. `last_maintenance_dag` is the ID of the DAG that locked the master last, if no
    DAG is unfinished.
    """

    members: tuple[Member, ...]
    cluster: ClusterInfo | None = None
    dags: tuple[Dag, ...] = ()
    left_over: tuple[Dag, ...] = ()
    options_set_later: bool = False
    last_maintenance_dag: str = ""

    def with_identity(self, identity: str) -> list[Member]:
        """Select the members of an identity."""
        return [member for member in self.members if member.identity == identity]

    def agrees_with(self, other: ObservedCluster) -> bool:
        """Whether a plan would be the same, apart from how far DAGs have come."""
        ended = [[(dag.id, dag.attempt) for dag in seen.dags if dag.finished] for seen in (self, other)]
        mine, others = ((seen.members, seen.cluster, seen.options_set_later) for seen in (self, other))
        return mine == others and ended[0] == ended[1]

    @property
    def initializing(self) -> bool:
        """Whether an initialisation is running or has failed."""
        return any(dag.name == INITIALIZE for dag in self.dags)

    @property
    def initialized(self) -> bool:
        """Whether every reachable member is a cluster agent, and no initialisation is unfinished."""
        reachable = [member for member in self.members if member.address]
        return not self.initializing and len(reachable) == len(self.with_identity(CLUSTER_AGENT))

    @property
    def unreachable(self) -> list[Member]:
        """The members that do not respond."""
        return [member for member in self.members if not member.address]

    @property
    def password_unknown(self) -> list[Member]:
        """The unreachable members with a declared agent password: it is unknown whether that is set."""
        return [member for member in self.unreachable if member.server.agent_password is not None]

    def peer_of(self, member: Member) -> Peer | None:
        """Find how the cluster knows a member: by its address, or by one of its host that no other member has."""
        if member.address:
            own = {member.address}
        else:
            own = {Address(host, member.server.port) for host in member.resolved}
            own.difference_update(other.address for other in self.members if other.address)
        return next((peer for peer in self.cluster.peers if peer.address in own), None) if self.cluster else None


class Step(t.NamedTuple):
    """One step towards the desired cluster; `text` describes it to a person."""

    kind: str
    text: str
    member: Member | None = None
    dag: Dag | None = None

    @property
    def changes(self) -> bool:
        """Whether it sends a request that changes something."""
        return self.kind not in (AWAIT_AGENTS, AWAIT_DAG)


@dataclasses.dataclass
class Progressed:
    """What one run has done that the agents cannot be asked for.

    `configured` holds the servers (as text, "" for all) whose observer options were set, `cluster` whether the
    cluster's were. `joined` is True once an agent was joined, `init` once an initialisation was started, and
    `waited_for_dag` once a DAG was started, waited for or operated.
    """

    configured: set[str] = dataclasses.field(default_factory=set)
    cluster: bool = False
    joined: bool = False
    init: bool = False
    waited_for_dag: bool = False

    def record(self, step: Step) -> None:
        """Record a step that was done."""
        if step.kind == CONFIGURE_ALL:
            self.configured.add("")
        elif step.kind == CONFIGURE_SERVER:
            self.configured.add(str(step.member))
        elif step.kind == CONFIGURE_CLUSTER:
            self.cluster = True
        elif step.kind == JOIN:
            self.joined = True
