# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lists of DAGs an agent leaves out, or cuts short without saying so."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Agent, AgentSpec, Simulator


def contents(agent: Agent, route: str) -> t.Any:
    status, answer = agent.call("GET", f"/api/v1/task/{route}")
    return answer["data"]["contents"] if status == 200 else status


def fail_at_the_end(agent: Agent) -> None:
    """The state of an initialisation whose last node failed: the cluster is up."""
    next(dag for dag in agent.engine.dags if dag.name == "Initialize cluster").state = "FAILED"


@pytest.mark.parametrize("database_state", [1, 3])
def test_without_its_database_a_cluster_agent_lists_nothing_and_says_200(database_state: int) -> None:
    with Simulator([AgentSpec(database_state=database_state)] * 2, speed=0) as simulator:
        simulator.complete_init(root_password="")
        first = simulator.agents[0]
        fail_at_the_end(first)
        available = database_state == 3
        assert (contents(first, "dag/unfinish") is None) is not available
        assert len(contents(first, "dag/maintain/agents")) == (2 if available else 1)
        assert contents(first, "dags/ob") == ([] if available else 500)
        assert contents(first, "dag/maintain/ob") == (404 if available else 500)


def test_the_dags_of_an_agent_that_is_down_are_left_out() -> None:
    with Simulator([AgentSpec()] * 2, speed=0) as simulator:
        simulator.complete_init(root_password="")
        fail_at_the_end(simulator.agents[0])
        assert len(contents(simulator.agents[1], "dag/unfinish")) == 1
        simulator.agents[0].stop()
        assert contents(simulator.agents[1], "dag/unfinish") is None
