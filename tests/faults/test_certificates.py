# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that gets the wrong certificate sends nothing."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.integration.certificates import Authority
from ansible_collections.oceanbase.obshell.tests.integration.inprocess import task
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator, Tls

PASSWORD = "R00t#Secret+pw"
# The authority that signed the certificate, and the host in the certificate.
WRONG = {"name": ("ours", "agent.example"), "address": ("ours", "127.0.0.2"), "authority": ("others", "127.0.0.1")}


def roll_back(simulator: Simulator, dag_id: str, **tls: t.Any) -> dict[str, t.Any]:
    port = simulator.agents[0].port
    return task("obshell_dag", port=port, password=PASSWORD, use_tls=True, id=dag_id, operator="ROLLBACK", **tls)


@pytest.mark.parametrize(("by", "host"), WRONG.values(), ids=WRONG)
def test_a_wrong_certificate(tmp_path: pathlib.Path, by: str, host: str) -> None:
    authorities = {name: Authority(tmp_path, name) for name in ("ours", "others")}
    wrong = Tls(*authorities[by].sign("server", host))
    with Simulator([AgentSpec(tls=wrong)], speed=50) as simulator:
        dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=PASSWORD)
        simulator.journal.clear()
        result = roll_back(simulator, dag_id, ca_path=authorities["ours"].path)
        assert result["failed"] and not result["changed"]
        assert "CERTIFICATE_VERIFY_FAILED" in result["msg"]
        assert simulator.journal.entries == []
        assert roll_back(simulator, dag_id, validate_certs=False)["applied"] is True
        assert len(simulator.journal.posts(path_contains=dag_id)) == 1
