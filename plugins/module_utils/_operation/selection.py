# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which DAGs a task waits for: one by its ID, or all unfinished ones of a name or a tenant."""

from __future__ import annotations

import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._agent.info import CLUSTER_AGENT
from .._dag.kinds.definition import TENANT
from .._dag.kinds.guards import lock_of, tenant_of
from .._dag.kinds.table import find_kind
from .._dag.model import Dag
from .._errors import DatabaseUnavailable
from .completeness import why_incomplete
from .foreign import NO_FOREIGN_AGENTS, ForeignAgents, refuse_foreign_id
from .lookup import find_dag, find_last_listed, list_unfinished


@dataclasses.dataclass(frozen=True)
class WaitRequest:
    """Which DAGs to wait for.

    With `must_succeed` each of them must succeed, otherwise any end counts. With `check` nothing is waited for.
    """

    id: str | None = None
    name: str | None = None
    tenant: str | None = None
    must_succeed: bool = True
    foreign_agents: ForeignAgents = NO_FOREIGN_AGENTS
    check: bool = False

    def selects(self, dag: Dag) -> bool:
        """Whether a DAG has the name and the tenant."""
        return self.name in (None, dag.name) and (self.tenant is None or _may_concern(dag, self.tenant))

    def __str__(self) -> str:
        """Describe it in a message, after the word DAG."""
        named = f" named {self.name!r}" if self.name is not None else ""
        return named + (f" of tenant {self.tenant!r}" if self.tenant is not None else "")


class Selection(t.NamedTuple):
    """The DAGs to wait for, with details, and why the lists that they come from may hide others."""

    dags: list[Dag]
    incomplete: str

    @property
    def is_conclusive(self) -> bool:
        """Whether there is something to wait for, or is known to be nothing."""
        return bool(self.dags) or not self.incomplete


def select(client: ObshellClient, request: WaitRequest) -> Selection:
    """Find the DAGs to wait for.

    If one must succeed and none is unfinished, that is the newest one that the agent still lists.

    :raises NotFound: no DAG has the ID.
    :raises Refused: the ID names a foreign agent, or its DAG has another name.
    """
    if request.id is not None:
        return _select_by_id(client, request.id, request)
    unfinished = [dag for dag in list_unfinished(client, request.name) if request.selects(dag)]
    incomplete = why_incomplete(client)
    if unfinished or incomplete or not request.must_succeed:
        return Selection(unfinished, incomplete)
    return Selection(find_last_listed(client, request.selects).dags, "")


def _select_by_id(client: ObshellClient, dag_id: str, request: WaitRequest) -> Selection:
    refuse_foreign_id(client, dag_id, request.foreign_agents)
    try:
        return Selection([find_dag(client, dag_id=dag_id, name=request.name)], "")
    except DatabaseUnavailable as error:
        # Only a cluster that was initialised has such a DAG, and waits for its database.
        if client.last_status and client.last_status.identity != CLUSTER_AGENT:
            raise
        return Selection([], error.message)


def _may_concern(dag: Dag, tenant: str) -> bool:
    """Whether a DAG is about a tenant. One that locks a tenant whose name is not known may be about any tenant."""
    kind = find_kind(dag)
    known = tenant_of(dag, kind)
    return known == tenant or (not known and lock_of(dag, kind) == TENANT)
