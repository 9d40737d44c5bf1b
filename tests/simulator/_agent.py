# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One agent: who it is, what it has been told, and its DAGs."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from . import _dags
from ._clock import Clock
from ._crypto import RsaKey
from ._engine import Engine
from ._errors import ApiError
from ._ids import Address, Kind, encode
from ._model import Dag, Json, Node, SubTask
from ._scripts import execute
from ._spec import AgentSpec, Cluster, Observer
from ._versions import VERSIONS

if TYPE_CHECKING:
    from ._faults import Fault
    from ._simulator import Simulator


class Agent:
    """Read `host`, `port`, `socket`, `address` and `identity`; `dag`, `submit` and `call` need no HTTP."""

    def __init__(self, spec: AgentSpec, simulator: Simulator, *, index: int) -> None:
        self.spec = spec
        self.simulator = simulator
        self.index = index
        self.version = VERSIONS[spec.version]
        self.host, self.port, self.socket = spec.listen[0], spec.port, spec.socket
        self.clock = Clock(offset=spec.clock_offset)
        self.engine = Engine(clock=self.clock, execute=lambda dag, sub_task: execute(self, dag, sub_task))
        self.key = RsaKey.generate(self.version.key_bits)
        self.identity = "SINGLE"
        self.zone = ""
        self.master: Agent | None = None
        self.root_password = spec.root_password
        self.agent_password = spec.agent_password
        self.cluster = Cluster()
        self.observer = self._new_observer()
        self.delay = spec.delay
        self.faults: list[Fault] = []
        self.down = False
        self.process_id = 10_000 + index
        self.started_at = self.clock.now()

    def _new_observer(self) -> Observer:
        return Observer(2881, 2882, self.spec.data_dir, self.spec.redo_dir)

    @property
    def location(self) -> Address:
        return Address(self.spec.ip, self.spec.advertised_port or self.port)

    @property
    def address(self) -> str:
        return str(self.location)

    @property
    def members(self) -> list[Agent]:
        return [self, *self.cluster.followers]

    def identify(self, kind: Kind, number: int) -> str:
        return encode(kind=kind, address=self.location, number=number)

    def under_maintenance(self, kind: Kind = "ob") -> bool:
        holds = ("SUCCEED",) if self.version.failed_dag_locks else ("SUCCEED", "FAILED")
        return any(dag.kind == kind and dag.state not in holds for dag in self.engine.dags)

    def submit(
        self,
        name: str,
        *,
        kind: Kind = "ob",
        parameters: dict[str, Any] | None = None,
        on_behalf_of: str = "",
        follower: Address | None = None,
    ) -> Dag:
        """Create a DAG, or raise when another one holds the lock."""
        if self.under_maintenance(kind):
            raise ApiError("under_maintenance", name, self.address)
        others = tuple(agent.location for agent in self.cluster.followers)
        if follower:
            stages = _dags.remove_one(name=name, me=self.location, follower=follower)
        else:
            stages = _dags.stages(name, me=self.location, others=others)
        dag = self.engine.submit(name, stages, kind=kind, parameters=parameters)
        dag.on_behalf_of = on_behalf_of
        self.simulator.changed()
        return dag

    def dag(self, dag_id: str, *, details: bool = True) -> Json:
        """A DAG as the API answers it."""
        with self.simulator.lock:
            found = next(dag for dag in self.engine.dags if self.identify(dag.kind, dag.id) == dag_id)
            return self.render(found, details=details)

    def render(self, dag: Dag, *, details: bool = False) -> Json:
        return dag.as_dict(self.identify, details=details, typed=self.version.coded_errors)

    def last_maintenance_dag(self) -> Dag | None:
        return self.engine.dags[-1] if self.engine.dags else None

    def call(self, method: str, uri: str, body: Json | None = None) -> tuple[int, Json]:
        """Ask the agent as over its socket, without HTTP and without a trace in the journal."""
        return self.simulator.call(self, method, uri, body)

    def rotate_key(self) -> None:
        """As after an upgrade or a reset: what was encrypted for the old key is refused."""
        self.key = RsaKey.generate(self.version.key_bits)

    def stop(self) -> None:
        """Reset connections, refuse new ones and let the DAGs be, until it is started again.

        As :meth:`start` not to be called in the simulator's own thread; it has happened when they return.
        """
        self.simulator.stop_agent(self)

    def start(self) -> None:
        """Go on after :meth:`stop`."""
        self.simulator.start_agent(self)

    def restart(self, seconds: float = 0.5) -> None:
        """Reset connections, refuse new ones for a while, then go on with the DAGs; returns at once."""
        self.simulator.restart(self, seconds=seconds)

    def become_single(self) -> None:
        self.identity, self.zone, self.master, self.root_password = "SINGLE", "", None, ""
        self.cluster = Cluster()
        self.observer = self._new_observer()

    def trace_id(self) -> str:
        return secrets.token_hex(8)

    def find_node(self, number: int, *, kind: Kind) -> tuple[Dag, Node] | None:
        nodes = self.engine.nodes()
        return next(((dag, node) for dag, node in nodes if node.id == number and dag.kind == kind), None)

    def find_sub_task(self, number: int, *, kind: Kind) -> tuple[Dag, SubTask] | None:
        nodes = self.engine.nodes()
        found = ((dag, sub_task) for dag, node in nodes if dag.kind == kind for sub_task in node.sub_tasks)
        return next(((dag, sub_task) for dag, sub_task in found if sub_task.id == number), None)
