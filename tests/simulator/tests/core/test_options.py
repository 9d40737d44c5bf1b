# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of observers that an agent takes, and those that it refuses. No recording shows this."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Simulator

DENIED = ["cluster_id", "cluster", "rootPwd", "rootservice_list", "zone", "local_ip", "devname"]
OLD, NEW = "4.3.0.0", "4.3.2.0"


def configure(simulator: Simulator, config: dict[str, str], *, via: int = 0) -> tuple[int, dict[str, Any]]:
    body = {"observerConfig": config, "scope": {"type": "GLOBAL"}}
    return simulator.agents[via].call("PUT", "/api/v1/observer/config", body)


def cluster(version: str) -> Simulator:
    return Simulator([AgentSpec(version=version)] * 2, speed=0)


@pytest.mark.parametrize("via", [0, 1])
@pytest.mark.parametrize(
    ("version", "code", "message"),
    [
        ("4.2.3.0", 1001, "Illegal argument: config {} is not allowed to set"),
        (OLD, 1001, "Illegal argument: config {} is not allowed to set"),
        (
            NEW,
            "Common.IllegalArgument",
            "The input parameter 'observerConfig' is illegal: config {} is not allowed to set",
        ),
    ],
)
def test_a_denied_option(version: str, code: Any, message: str, via: int) -> None:
    with cluster(version) as simulator:
        simulator.form_cluster()
        dags = len(simulator.agents[0].engine.dags)
        for name in DENIED:
            status, envelope = configure(simulator, {"memory_limit": "6G", name: "1"}, via=via)
            error = envelope["error"]
            assert (status, error.get("errCode", error.get("code"))) == (400, code)
            assert error["message"] == message.format(name)
        assert len(simulator.agents[0].engine.dags) == dags


@pytest.mark.parametrize("name", ["memory_limit", "Zone", "zone1"])
def test_any_other_option_is_taken(name: str) -> None:
    with cluster(NEW) as simulator:
        simulator.form_cluster()
        status, envelope = configure(simulator, {name: "1"})
        assert status == 200
        simulator.run_to_end(envelope["data"]["id"])
        assert simulator.agents[1].observer.options[name] == "1"


@pytest.mark.parametrize(("version", "has_data"), [("4.2.5.0", False), ("4.2.6.0", True), (NEW, True)])
def test_the_refusal_of_two_spellings_has_the_data_of_the_dag_that_was_not_created(
    version: str, has_data: bool
) -> None:
    with cluster(version) as simulator:
        simulator.form_cluster()
        _status, envelope = configure(simulator, {"mysql_port": "1", "mysqlPort": "2"})
        assert ("data" in envelope) is has_data and envelope.get("data") is None
        _status, envelope = configure(simulator, {"zone": "1"})
        assert "data" not in envelope


@pytest.mark.parametrize(("version", "status", "code"), [(OLD, 500, 1002), (NEW, 400, "Common.IllegalArgument")])
def test_two_spellings_of_a_port(version: str, status: int, code: Any) -> None:
    with cluster(version) as simulator:
        simulator.form_cluster()
        answer, envelope = configure(simulator, {"mysql_port": "1", "mysqlPort": "2"})
        assert (answer, envelope["error"].get("errCode", envelope["error"].get("code"))) == (status, code)
        assert "You cannot set both mysql_port and mysqlPort" in envelope["error"]["message"]
        answer, envelope = configure(simulator, {"mysqlPort": "2", "rpc_port": "3", "rpcPort": "3"})
        assert answer == 200
        simulator.run_to_end(envelope["data"]["id"])
        assert simulator.agents[0].cluster.observer_options[""] == {"mysql_port": "2", "rpc_port": "3"}
