# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between a client and an agent."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Fault, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import Header, fetch_key, send
from ansible_collections.oceanbase.obshell.tests.simulator.tests.client import ROOT, UNFINISHED


@pytest.mark.parametrize(("kind", "applied"), [("lose_answer", True), ("reset", False)])
def test_a_lost_answer(kind: Any, applied: bool) -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        uri = f"/api/v1/task/dag/{simulator.fail_init(obstacle=Obstacle(node='Create observer workdir'))}"
        agent.faults.append(Fault(kind, method="POST"))
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            send(agent.host, agent.port, "POST", uri, body={"operator": "RETRY"}, header=Header(ROOT, ""))
        assert simulator.journal.posts()[0].applied is applied


def test_other_faults() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        key = fetch_key(agent.host, agent.port)
        agent.faults += [Fault("too_many_open_files"), Fault("unauthorized"), Fault("bad_gateway")]
        header = Header(ROOT, "")
        assert send(agent.host, agent.port, "GET", UNFINISHED, header=header, key=key)[0] == 500
        assert send(agent.host, agent.port, "GET", UNFINISHED, header=header, key=key)[0] == 401
        with pytest.raises(json.JSONDecodeError):
            send(agent.host, agent.port, "GET", UNFINISHED, header=header, key=key)
        assert send(agent.host, agent.port, "GET", UNFINISHED, header=header, key=key)[0] == 200
