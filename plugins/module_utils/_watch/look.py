# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at one agent: what it says, and what became of the DAGs that it lists no more. Only safe reads."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import typing as t

from .._agent.client import ObshellClient
from .._agent.info import MASTER, SINGLE
from .._dag.model import Dag
from .._dag.operators import operators
from .._errors import NotFound, ObshellError, Refused, wrap_unexpected
from .._ids import Address, GenericId
from .._operation.context import ContextReader
from .._operation.foreign import NO_FOREIGN_AGENTS, refuse_foreign_id
from .._operation.lookup import find_dag
from .._operation.survey import COMPLETENESS_UNKNOWN, Survey, leads_to_same_host, survey
from .healing import Verdicts

# How many DAGs that are listed no more one look reads.
MAX_ENDED = 20


@dataclasses.dataclass(frozen=True)
class Look:
    """What an agent said at one moment.

    :param agent: the address that was asked.
    :param ended: DAGs that are listed no more, by ID, with the verdicts on them; None: the agent has it no more.
    """

    agent: Address
    survey: Survey
    ended: t.Mapping[str, tuple[Dag, Verdicts] | None] = dataclasses.field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the DAGs could not be read."""
        return self.survey.error is not None and self.survey.incomplete == COMPLETENESS_UNKNOWN

    @property
    def cluster_name(self) -> str:
        """The name and the ID of its cluster; empty if it has none, or if the agent does not say them just now."""
        cluster = self.survey.cluster
        return f"{cluster.name}/{cluster.cluster_id}" if cluster and cluster.name else ""

    @property
    def cluster(self) -> str:
        """The cluster for which attempts are counted: its name and ID, or before it has any, its master.

        An agent alone, or of seekdb, is one of its own. Empty if the agent does not say: a cluster agent without
        its database may not know the name.
        """
        if self.cluster_name:
            return self.cluster_name
        if self.survey.cluster is None:
            return "" if self.survey.error else str(self.agent)
        is_own = self.survey.info is not None and self.survey.info.identity in (SINGLE, MASTER)
        return next(iter(self.masters), str(self.agent) if is_own else "")

    @property
    def masters(self) -> list[str]:
        """The masters of its cluster, before that is initialised."""
        peers = self.survey.cluster.peers if self.survey.cluster else ()
        return sorted(str(peer.address) for peer in peers if peer.identity == MASTER)

    @property
    def members(self) -> frozenset[str]:
        """The addresses of its cluster as they are here, without one that means another host here than there."""
        peers = self.survey.cluster.peers if self.survey.cluster else ()
        return frozenset(str(peer.address) for peer in peers if leads_to_same_host(peer.address, self.agent))

    def key_of(self, dag_id: str) -> str:
        """Tell a DAG apart from those of all other clusters.

        The ID of a cluster DAG is unique in its cluster only, and that of a local one only if its address means the
        same host here: agents in containers can all call themselves 127.0.0.1.
        """
        owner = GenericId.parse(dag_id).agent
        if owner is None:
            return f"{self.cluster}/{min(self.members, default=str(self.agent))}/{dag_id}"
        return dag_id if leads_to_same_host(owner, self.agent) else f"{self.agent}/{dag_id}"


def look_at(client: ObshellClient, agent: Address, watched: t.Collection[str]) -> Look:
    """Read what an agent says.

    :param watched: the IDs of the DAGs that it listed before.
    """
    found = survey(client)
    ended: dict[str, tuple[Dag, Verdicts] | None] = {}
    if found.error is None:
        missing = [dag_id for dag_id in watched if all(dag.id != dag_id for dag in found.dags)]
        # By chance, so that those which cannot be read do not hide the others.
        for dag_id in random.sample(missing, min(len(missing), MAX_ENDED)):  # nosec B311
            # What cannot be read now is read the next time.
            with contextlib.suppress(ObshellError), wrap_unexpected():
                ended[dag_id] = _read_ended(client, dag_id, is_complete=not found.incomplete)
    return Look(agent, found, ended)


def _read_ended(client: ObshellClient, dag_id: str, *, is_complete: bool) -> tuple[Dag, Verdicts] | None:
    """Read a DAG; None: the agent has it no more, which lists that are incomplete do not show."""
    try:
        refuse_foreign_id(client, dag_id, NO_FOREIGN_AGENTS)
        dag = find_dag(client, dag_id=dag_id)
    except (NotFound, Refused) as error:
        # A refusal has a result if the members could not be read.
        if not is_complete or (isinstance(error, Refused) and error.result):
            raise
        return None
    return dag, operators(dag, ContextReader(client, [dag]).context_of(dag))
