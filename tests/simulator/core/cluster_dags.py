# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DAGs that a cluster keeps in OceanBase, and the lock that they share. Any agent of the cluster operates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cluster_lock import ClusterLock
from .dag import Dag, Json, Node, SubTask
from .engine import Engine
from .errors import ApiError
from .execution import execute
from .generic_id import GenericId
from .kinds.definition import NO_MAINTENANCE, TENANT_MAINTENANCE, DagKind
from .operators import operate, pass_node

if TYPE_CHECKING:
    from .agent import AgentModel
    from .work import Work


class ClusterDags:
    """Stores the DAGs, whose nodes have a sub-task on the master or on each agent."""

    def __init__(self, master: AgentModel) -> None:
        self.engine = Engine(clock=master.clock, execute=self._execute, ended=self._ended)
        self.lock = ClusterLock()
        self._master = master

    def submit(self, kind: DagKind, parameters: Json | None = None) -> Dag:
        """Create a DAG. Raise ApiError if another one holds the lock."""
        last, held = self.last_maintenance_dag(), kind.maintenance
        self.lock.take(held, last=last.name if last else "", prefix=f"Create task '{kind.name}' failed: ")
        nodes = [(node, node.agents(self._master)) for node in kind.nodes]
        dag = self.engine.create(kind, nodes, parameters)
        self._remember(dag)
        return dag

    def last_maintenance_dag(self) -> Dag | None:
        dags = (dag for dag in reversed(self.engine.dags) if dag.kind.maintenance.type != NO_MAINTENANCE)
        return next(dags, None)

    def operate(self, dag: Dag, operator: str, *, now: int) -> None:
        if operator.upper() == "CANCEL" and (dag.state, dag.operator) == ("READY", "CANCEL"):
            # The database counts the rows that change, and this one is cancelled already.
            raise ApiError("no_row_affected")
        operate(dag, operator, now=now, take_lock=lambda: self._take_lock_again(dag))
        if dag.state == "SUCCEED":
            self.lock.release(dag.kind.maintenance)

    def pass_node(self, dag: Dag, node: Node, operator: str, *, now: int) -> None:
        pass_node(dag, node, operator, now=now, take_lock=lambda: self._take_lock_again(dag))

    def _execute(self, dag: Dag, sub_task: SubTask) -> Work:
        """Execute a sub-task on the agent that it names."""
        return execute(self._master.network.find_agent(sub_task.agent) or self._master, dag, sub_task)

    def _take_lock_again(self, dag: Dag) -> None:
        """Take the lock if the DAG gave it back when it failed, unless another DAG had it since."""
        if dag.holds_lock:
            return
        held = dag.kind.maintenance
        last = self.last_maintenance_dag()
        self.lock.take(held, last=last.name if last else "")
        if held.type == TENANT_MAINTENANCE and self.lock.tenants[held.key].dag != dag.id:
            self.lock.release(held)
            numbers = (GenericId("cluster", None, number) for number in (self.lock.tenants[held.key].dag, dag.id))
            raise ApiError("task_expired", held.key, *numbers, dag.name)
        self._remember(dag)

    def _remember(self, dag: Dag) -> None:
        if dag.kind.maintenance.type == TENANT_MAINTENANCE:
            self.lock.tenants[dag.kind.maintenance.key].dag = dag.id

    def _ended(self, dag: Dag) -> None:
        if not dag.holds_lock:
            self.lock.release(dag.kind.maintenance)
