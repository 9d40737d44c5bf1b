# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One agent: its identity, its passwords, its cluster and its DAGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clock import Clock
from .cluster import Cluster, Observer
from .cluster_dags import ClusterDags
from .dag import Dag, Json, Node
from .engine import Engine
from .errors import ApiError
from .execution import execute
from .generic_id import Address, GenericId, IdKind
from .kinds.definition import NO_MAINTENANCE, DagKind
from .operators import operate, pass_node
from .rsa_key import RsaKey
from .spec import DATABASE_AVAILABLE, AgentSpec
from .version import Version

if TYPE_CHECKING:
    from .network import Network

RPC_PORT = 2882
OBSERVER_STOPPED, OBSERVER_RUNNING = 0, 1


class AgentModel:
    """An agent without HTTP. Tests read `identity`, `zone`, `cluster`, `observer` and `dag()`."""

    def __init__(self, spec: AgentSpec, network: Network, *, index: int) -> None:
        self.spec = spec
        self.network = network
        self.index = index
        self.version = Version(spec.version)
        self.host, self.port, self.socket = spec.listen[0], spec.port, spec.socket
        self.clock = Clock(offset=spec.clock_offset)
        self.engine = Engine(clock=self.clock, execute=lambda dag, sub_task: execute(self, dag, sub_task))
        self.own_cluster_dags = ClusterDags(self)
        self.key = RsaKey.generate(self.version.key_bits)
        self.identity = "CLUSTER AGENT" if spec.seekdb else "SINGLE"
        self.zone = ""
        self.master: AgentModel | None = None
        self.root_password = spec.root_password
        self.agent_password = spec.agent_password
        self.cluster = Cluster()
        self.observer = self._new_observer()
        self.down = False
        self.out_of_files_for = 0
        """The number of ticks for which each request fails, because of a storm of requests."""
        self.process_id = 10_000 + index
        self.started_at = self.clock.now()

    def _new_observer(self) -> Observer:
        spec = self.spec
        return Observer(spec.sql_port, RPC_PORT, spec.data_dir, spec.redo_dir, running=spec.seekdb)

    @property
    def location(self) -> Address:
        return Address(self.spec.ip, self.spec.advertised_port or self.port)

    @property
    def address(self) -> str:
        return str(self.location)

    @property
    def master_or_self(self) -> AgentModel:
        """The agent that knows the cluster."""
        return self.master or self

    @property
    def members(self) -> list[AgentModel]:
        """This agent and its followers."""
        return [self, *self.cluster.followers]

    @property
    def cluster_members(self) -> list[AgentModel]:
        """All agents of this agent's cluster, the master first."""
        return self.master_or_self.members

    @property
    def cluster_dags(self) -> ClusterDags:
        """The DAGs that the cluster of this agent keeps in OceanBase."""
        return self.master_or_self.own_cluster_dags

    def engine_of(self, id_kind: IdKind) -> Engine:
        return self.cluster_dags.engine if id_kind == "cluster" else self.engine

    @property
    def database_state(self) -> int:
        """`obState`: 0 if the observer does not run, 1 if it runs, and then what the spec says."""
        if not self.observer.running:
            return OBSERVER_STOPPED
        connected = self.identity in ("CLUSTER AGENT", "SCALING IN")
        return self.spec.database_state if connected else OBSERVER_RUNNING

    @property
    def knows_obproxy(self) -> bool:
        """Whether it has agent passwords, and the IDs of OBProxy tasks."""
        return self.version.obproxy and not self.spec.seekdb

    @property
    def database_available(self) -> bool:
        return self.database_state == DATABASE_AVAILABLE

    @property
    def lost_its_database(self) -> bool:
        """Whether it keeps DAGs in a database to which it has no connection, and so knows no other agent."""
        return self.identity == "CLUSTER AGENT" and self.database_state <= OBSERVER_RUNNING

    def rotate_key(self) -> None:
        """Make a new key, as an upgrade or a reset does. The agent then refuses what was encrypted for the old one."""
        self.key = RsaKey.generate(self.version.key_bits)

    def become_single(self) -> None:
        self.identity, self.zone, self.master, self.root_password = "SINGLE", "", None, ""
        self.cluster = Cluster()
        self.observer = self._new_observer()

    def forget_follower(self, follower: AgentModel) -> None:
        if follower in self.cluster.followers:
            self.cluster.followers.remove(follower)

    def configure_observer(self, options: dict[str, dict[str, str]]) -> None:
        """Take the options for all observers, then those for its zone, then its own."""
        merged = {name: value for of in ("", self.zone, self.address) for name, value in options.get(of, {}).items()}
        self.observer.options = merged
        self.observer.mysql_port = int(merged.get("mysql_port", self.observer.mysql_port))
        self.observer.rpc_port = int(merged.get("rpc_port", self.observer.rpc_port))
        self.observer.data_dir = merged.get("data_dir", self.spec.data_dir)
        self.observer.redo_dir = merged.get("redo_dir", self.spec.redo_dir)

    def under_maintenance(self, id_kind: IdKind = "ob") -> bool:
        """Whether a DAG holds the lock of the agent, or of its OBProxy."""
        dags = (
            dag for dag in self.engine.dags if dag.id_kind == id_kind and dag.kind.maintenance.type != NO_MAINTENANCE
        )
        if self.version.failed_dag_keeps_lock:
            return any(dag.holds_lock for dag in dags)
        return any(not dag.finished for dag in dags)

    def submit(self, kind: DagKind, *, parameters: Json | None = None, requested_by: str = "") -> Dag:
        """Create a DAG of a kind. Raise ApiError if another DAG holds the lock, and this version minds it."""
        locks = kind.maintenance.type != NO_MAINTENANCE
        if kind.id_kind == "cluster":
            dag = self.cluster_dags.submit(kind, parameters)
        elif locks and self.version.running_dag_refuses_another and self.under_maintenance(kind.id_kind):
            raise ApiError("under_maintenance", kind.name, self.address)
        else:
            dag = self.create_dag(kind, parameters)
        dag.requested_by = requested_by
        self.network.count_change()
        return dag

    def create_dag(self, kind: DagKind, parameters: Json | None = None) -> Dag:
        """Create a DAG of a kind, whether or not another DAG holds the lock."""
        nodes = [(node, node.agents(self)) for node in kind.nodes]
        return self.engine.create(kind, [(node, agents) for node, agents in nodes if agents], parameters)

    def operate(self, dag: Dag, operator: str) -> None:
        """Apply an operator to a DAG of this agent or of its cluster. Raise ApiError if the agent refuses it."""
        service = self.cluster_dags.operate if dag.id_kind == "cluster" else operate
        service(dag, operator, now=self.clock.now())

    def pass_node(self, dag: Dag, node: Node, operator: str) -> None:
        service = self.cluster_dags.pass_node if dag.id_kind == "cluster" else pass_node
        service(dag, node, operator, now=self.clock.now())

    def tick(self) -> None:
        """Advance the DAGs of this agent and, on the master while the database is available, those of the cluster."""
        self.engine.tick()
        if self.master is None and self.identity == "CLUSTER AGENT" and self.database_state > OBSERVER_RUNNING:
            self.cluster_dags.engine.tick()

    def last_dag(self) -> Dag | None:
        """The last DAG that locks the agent or its OBProxy."""
        dags = (dag for dag in reversed(self.engine.dags) if dag.kind.maintenance.type != NO_MAINTENANCE)
        return next(dags, None)

    def id_of(self, dag: Dag) -> str:
        return self.format_id(dag.id_kind, dag.id)

    def format_id(self, id_kind: IdKind, number: int) -> str:
        return str(GenericId(id_kind, self.location, number))

    def find_dag(self, dag_id: str) -> Dag | None:
        dags = (*self.engine.dags, *self.cluster_dags.engine.dags)
        return next((dag for dag in dags if self.id_of(dag) == dag_id), None)

    def dag(self, dag_id: str, *, details: bool = True) -> Json:
        """A DAG as the API returns it."""
        with self.network.lock:
            found = self.find_dag(dag_id)
            assert found, dag_id
            return self.render(found, details=details)

    def render(self, dag: Dag, *, details: bool = False) -> Json:
        return dag.as_dict(self.format_id, details=details, maintenance_type=self.version.maintenance_type)
