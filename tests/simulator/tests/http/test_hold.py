# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that run until a client has read about them, or has operated every network."""

from __future__ import annotations

from ansible_collections.oceanbase.obshell.tests.simulator import Hold, HoldTogether, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import Header, send
from ansible_collections.oceanbase.obshell.tests.simulator.tests.client import ROOT, get


def test_a_node_is_held_until_a_client_has_read_about_it_twice() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        hold = Hold(simulator, "Integrate config", "Start observer", reads=2)
        uri = f"/api/v1/task/dag/{simulator.start_init()}"
        for node in ("Integrate config", "Start observer"):
            for details in ("true", "false"):
                simulator.tick(50)
                assert (agent.engine.dags[-1].current_node.name, node in hold.released) == (node, False)
                assert get(agent, "", uri=f"{uri}?show_details={details}")[0] == 200
            assert hold.released[-1] == node
        simulator.tick(50)
        assert agent.identity == "CLUSTER AGENT"


def test_a_node_of_two_networks_is_held_until_both_are_operated() -> None:
    with Simulator(speed=0) as one, Simulator(speed=0) as other:
        networks = (one, other)
        ids = [network.fail_init(obstacle=Obstacle(node="Start observer")) for network in networks]
        hold = HoldTogether(networks, "Start observer", operator="ROLLBACK")
        for network, dag_id in zip(networks, ids):
            agent = network.agents[0]
            uri, body = f"/api/v1/task/dag/{dag_id}", {"operator": "ROLLBACK"}
            assert get(agent, "", uri=uri)[0] == 200 and not hold.released
            assert send(agent.host, agent.port, "POST", uri, body=body, header=Header(ROOT, ""))[0] == 200
            one.tick(50)
            assert one.agents[0].dag(ids[0])["state"] == ("SUCCEED" if network is other else "RUNNING")
        assert hold.released
