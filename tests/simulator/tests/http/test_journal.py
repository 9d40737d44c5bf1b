# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal says about requests."""

from __future__ import annotations

import socket

from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.generic_id import Address, GenericId
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import Header, send
from ansible_collections.oceanbase.obshell.tests.simulator.tests.client import ROOT, get

FAILED = Obstacle(node="Create observer workdir")


def test_which_requests_were_applied() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        dag_id = simulator.fail_init(obstacle=FAILED, root_password="rpw")
        uri = f"/api/v1/task/dag/{dag_id}"
        for operator in ("PASS", "ROLLBACK", "ROLLBACK"):
            send(agent.host, agent.port, "POST", uri, body={"operator": operator}, header=Header(ROOT, "rpw"))
        posts = simulator.journal.posts(path_contains="/task/dag/")
        assert [entry.applied for entry in posts] == [False, True, False]
        assert posts[0].error == "Task.Dag.Operator.PassNotAllowed"
        simulator.journal.clear()
        assert simulator.journal.entries == []


def test_a_request_over_the_socket_is_not_encrypted() -> None:
    with Simulator(speed=0) as simulator:
        dag_id = simulator.fail_init(obstacle=FAILED, root_password="rpw")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(simulator.agents[0].socket)
            body = b'{"operator": "rollback"}'
            client.sendall(
                b"POST /api/v1/task/dag/%s HTTP/1.1\r\nHost: _\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                % (dag_id.encode(), len(body), body)
            )
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        entry = simulator.journal.entries[-1]
        assert (entry.auth, entry.body, entry.applied) == ("socket", {"operator": "rollback"}, True)


def test_a_request_that_is_forwarded_to_a_stranger() -> None:
    with Simulator(speed=0) as simulator:
        agent = simulator.agents[0]
        stranger = GenericId("ob", Address("192.0.2.1", 2886), 1)
        assert get(agent, "", uri=f"/api/v1/task/dag/{stranger}")[0] == 500
        assert simulator.journal.entries[-1].forwarded_to == "192.0.2.1:2886"
