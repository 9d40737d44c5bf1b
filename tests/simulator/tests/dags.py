# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tests operate and read DAGs: over the agent's API, but without HTTP."""

from __future__ import annotations

from typing import Any

from ansible_collections.oceanbase.obshell.tests.simulator import Agent

WORKDIR, START, BOOTSTRAP = "Create observer workdir", "Start observer", "Cluster boostrap"


def operate(agent: Agent, dag_id: str, operator: str) -> tuple[int, Any]:
    """The status and the error."""
    status, envelope = agent.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": operator})
    return status, envelope.get("error")


def run_to_end(agent: Agent, dag_id: str) -> tuple[str, str]:
    """The state and operator with which a DAG ends."""
    agent.network.run_to_end(dag_id)
    dag = agent.dag(dag_id)
    return dag["state"], dag["operator"]


def node_of(agent: Agent, dag_id: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in agent.dag(dag_id)["nodes"] if node["name"] == name)
    return found
