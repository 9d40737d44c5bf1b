# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether another operator of a policy may follow is said by the result, and never by a missing consent."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, Delay, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, SPEED
from ..inprocess import task

START, WORKDIR = "Start observer", "Create observer workdir"


@pytest.mark.parametrize(
    ("operator", "node", "times", "check", "final"),
    [
        ("RETRY", START, 1, False, True),
        ("ROLLBACK", START, 1, False, True),
        ("RETRY", START, 1, True, True),
        # It failed again, or the state does not allow it.
        ("RETRY", START, None, False, False),
        ("PASS", START, 1, False, False),
        # The consent is missing.
        ("RETRY", WORKDIR, 1, False, True),
        ("ROLLBACK", WORKDIR, 1, True, True),
        # It has ended already.
        ("CANCEL", START, 1, False, False),
    ],
)
def test_final(operator: str, node: str, times: int | None, check: bool, final: bool) -> None:
    with Simulator(speed=SPEED) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node=node, times=times), root_password=ROOT_PASSWORD)
        port = simulator.agents[0].port
        result = task("obshell_dag", port=port, password=ROOT_PASSWORD, id=dag_id, operator=operator, check=check)
        assert result["final"] is final, result["msg"]


@pytest.mark.parametrize(("check", "final"), [(True, True), (False, False)])
def test_a_cancelled_dag_waits_for_another_operator(check: bool, final: bool) -> None:
    with Simulator(speed=SPEED) as simulator:
        simulator.delays.append(Delay(node=START, ticks=FOREVER))
        simulator.start_init(root_password=ROOT_PASSWORD)
        options: dict[str, t.Any] = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}
        result = task("obshell_dag", **options, name="Initialize cluster", operator="CANCEL", check=check)
        assert (result["changed"], result["final"]) == (True, final), result["msg"]
