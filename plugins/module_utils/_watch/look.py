# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at one agent: what it says, and what became of the DAGs that it lists no more. Only safe reads."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._agent.client import ObshellClient
from .._dag.model import Dag
from .._dag.operators import operators
from .._errors import NotFound, ObshellError, Refused, wrap_unexpected
from .._ids import Address
from .._operation.context import ContextReader
from .._operation.foreign import NO_FOREIGN_AGENTS, refuse_foreign_id
from .._operation.lookup import find_dag
from .._operation.survey import COMPLETENESS_UNKNOWN, Survey, survey
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
    def cluster(self) -> str:
        """The cluster for which attempts are counted: its name and ID, or before it has any, its master."""
        cluster = self.survey.cluster
        if cluster and cluster.name:
            return f"{cluster.name}/{cluster.cluster_id}"
        masters = [str(peer.address) for peer in cluster.peers if peer.identity == "MASTER"] if cluster else []
        return masters[0] if masters else str(self.agent)

    def key_of(self, dag_id: str) -> str:
        """Tell a DAG apart from those of all other clusters: the ID of a cluster DAG is unique in its cluster only."""
        if not dag_id.startswith("1"):
            return dag_id
        peers = self.survey.cluster.peers if self.survey.cluster else ()
        return f"{self.cluster}/{min((str(peer.address) for peer in peers), default=str(self.agent))}/{dag_id}"


def look_at(client: ObshellClient, agent: Address, watched: t.Collection[str]) -> Look:
    """Read what an agent says.

    :param watched: the IDs of the DAGs that it listed before.
    """
    found = survey(client)
    ended: dict[str, tuple[Dag, Verdicts] | None] = {}
    if found.error is None and not found.incomplete:
        missing = [dag_id for dag_id in watched if all(dag.id != dag_id for dag in found.dags)]
        for dag_id in missing[:MAX_ENDED]:
            # What cannot be read now is read the next time.
            with contextlib.suppress(ObshellError), wrap_unexpected():
                ended[dag_id] = _read_ended(client, dag_id)
    return Look(agent, found, ended)


def _read_ended(client: ObshellClient, dag_id: str) -> tuple[Dag, Verdicts] | None:
    try:
        refuse_foreign_id(client, dag_id, NO_FOREIGN_AGENTS)
        dag = find_dag(client, dag_id=dag_id)
    except (NotFound, Refused):
        return None
    return dag, operators(dag, ContextReader(client, [dag]).context_of(dag))
