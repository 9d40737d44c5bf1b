# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DAGs that allow every operator."""

from __future__ import annotations

import itertools

from ansible_collections.oceanbase.obshell.tests.simulator import Agent
from ansible_collections.oceanbase.obshell.tests.simulator.core.kinds.definition import (
    ALL_OPERATORS,
    DagKind,
    NodeKind,
)

NUMBERS = itertools.count()
# What has to be accepted for DAGs with these names and nodes.
ACCEPT = ["unknown_kind", "job_continues", "half_done"]
NODES = ("First", "Second", "Third")
END_STATES = {"ROLLBACK": "SUCCEED/ROLLBACK", "RETRY": "SUCCEED/RUN", "PASS": "SUCCEED/PASS", "CANCEL": "FAILED/CANCEL"}


def new_name() -> str:
    """A name of its own, of a kind that has no lock unless the agent says that it has one."""
    return f"Obcluster start full backup for t{next(NUMBERS)}"


def create_dag(agent: Agent, name: str) -> str:
    """Create a DAG of three nodes and return its ID. Delete all DAGs but the first, which one of the faults needs."""
    del agent.engine.dags[1:]
    kind = DagKind(name, tuple(NodeKind(node, ALL_OPERATORS) for node in NODES))
    return agent.id_of(agent.create_dag(kind))


def state_of(agent: Agent, dag_id: str) -> str:
    """State and operator of a DAG, as in END_STATES."""
    dag = agent.dag(dag_id, details=False)
    return f"{dag['state']}/{dag['operator']}"
