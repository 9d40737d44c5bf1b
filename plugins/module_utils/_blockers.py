# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other agents began for a DAG and left unfinished: it locks them, and so blocks the rollback of that DAG."""

from __future__ import annotations

from ._client import ObshellClient
from ._dag import Dag
from ._find import MAINTENANCE, collect
from ._ids import GenericId


def blockers(client: ObshellClient, dag: Dag) -> list[Dag]:
    """List those last maintenance DAGs of the other agents of a cluster that were begun for it and have not succeeded.

    The agent itself rolls them back where it still knows that it had started them, which it forgets when its own DAG is
    cancelled. Each is named like the sub-task that it was started for. Source: the agent's `createRemoteTask`, and what
    was seen of a cancelled initialisation.

    :param dag: read with details.
    """
    parts = {sub_task["name"] for node in dag.nodes for sub_task in node.get("sub_tasks") or ()}
    found = collect(client, [MAINTENANCE["agents"]], details=True)
    others = [other for other in found.dags if owner(other) not in (None, owner(dag)) and other.name in parts]
    return [other for other in others if other.state != "SUCCEED"]


def owner(dag: Dag) -> tuple[str, int] | None:
    """Tell whose DAG it is, None for a cluster's."""
    return GenericId.parse(dag.id).agent
