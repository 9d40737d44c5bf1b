# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which DAG keeps other DAGs from being created."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.tests.dags import WORKDIR, node_of, operate, run_to_end


@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
def test_a_second_init_after_the_first_has_failed(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as simulator:
        agent = simulator.agents[0]
        simulator.fail_init(obstacle=Obstacle(node=WORKDIR))
        status, _envelope = agent.call("POST", "/api/v1/ob/init", {})
        assert status == (200 if version == "4.2.5.0" else 500)
        assert len(agent.call("GET", "/api/v1/task/dag/unfinish")[1]["data"]["contents"]) == (
            2 if version == "4.2.5.0" else 1
        )


def test_a_failed_dag_keeps_the_lock_until_it_is_rolled_back() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=Obstacle(node=WORKDIR))
        assert agent.call("GET", "/api/v1/status")[1]["data"]["underMaintenance"]
        operate(agent, dag_id, "ROLLBACK")
        assert run_to_end(agent, dag_id) == ("SUCCEED", "ROLLBACK")
        assert not agent.call("GET", "/api/v1/status")[1]["data"]["underMaintenance"]
        assert agent.call("POST", "/api/v1/ob/init", {})[0] == 200


@pytest.mark.parametrize("version", ["4.2.5.0", "4.5.0.0"])
def test_a_second_init_while_the_first_runs(version: str) -> None:
    with Simulator([AgentSpec(version=version)], speed=0) as simulator:
        agent = simulator.agents[0]
        first = simulator.start_init(ticks=1)
        status, envelope = agent.call("POST", "/api/v1/ob/init", {})
        assert status == (200 if version == "4.2.5.0" else 500)
        assert run_to_end(agent, first) == ("SUCCEED", "RUN")
        if version == "4.2.5.0":
            second = envelope["data"]["id"]
            assert run_to_end(agent, second) == ("FAILED", "RUN")
            assert node_of(agent, second, WORKDIR)["state"] == "FAILED"
