# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag through real Ansible: for each state check, do, check again, do again."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import Obstacle, Simulator

from .conftest import ROOT_PASSWORD, Ansible


def requests(simulator: Simulator) -> list[str]:
    methods = [f"{entry.method} {entry.uri.split('?')[0].split('/')[3]}" for entry in simulator.journal.entries]
    simulator.journal.clear()
    return methods


@pytest.mark.parametrize(
    ("operator", "end"), [("ROLLBACK", "SUCCEED/ROLLBACK"), ("RETRY", "SUCCEED/RUN")], ids=["ROLLBACK", "RETRY"]
)
def test_check_do_check_again_do_again(
    ansible: Ansible, simulator: Simulator, connection: dict[str, t.Any], operator: str, end: str
) -> None:
    dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    options = {**connection, "name": "Initialize cluster", "operator": operator}
    simulator.journal.clear()

    check = ansible.module("obshell_dag", "--check", **options)
    assert (check.status, check.result["changed"], check.result["applied"]) == (0, True, False)
    assert requests(simulator) == ["GET secret", "GET task"]

    do = ansible.module("obshell_dag", **options)
    assert (do.status, do.result["changed"], do.result["applied"]) == (0, True, True)
    assert f"{do.result['dag']['state']}/{do.result['dag']['operator']}" == end
    assert len(do.result["trace_ids"]) == 1
    assert requests(simulator).count("POST task") == 1

    for arguments in (["--check"], []):
        again = ansible.module("obshell_dag", *arguments, **{**connection, "id": dag_id, "operator": operator})
        assert (again.status, again.result["changed"], again.result["applied"]) == (0, False, False)
        assert requests(simulator) == ["GET secret", "GET task"]
