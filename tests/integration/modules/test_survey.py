# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `survey`: one table of clusters as text, JSON and a page, from an inventory or from variables."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..clusters import at_one_port
from ..conftest import ROOT_PASSWORD, SPEED, Ansible

PLAYBOOK = "oceanbase.obshell.survey"


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Create observer workdir"), root_password=ROOT_PASSWORD)
        yield simulator


def test_text_json_and_page(ansible: Ansible, simulator: Simulator) -> None:
    ansible.environment["OBSHELL_PASSWORD"] = ROOT_PASSWORD
    address = f"127.0.0.1:{simulator.agents[0].port}"
    run = ansible.playbook(PLAYBOOK, survey_agents=[address], survey_json="fleet.json", survey_html="fleet.html")
    assert run.status == 0, run.output
    table = run.of("Show the clusters")["msg"]
    assert table[0] == "Clusters: 1, with failed DAGs: 1, without a database: 1. Agents: 1, unreachable: 0"
    assert table[3].split() == ["obdemo", "1", "of", "1", "MASTER", "4.5.0.0-1", "down", "1", "failed"]
    assert "ROLLBACK (accept data_removal), RETRY (accept data_removal)" in " ".join(" ".join(table[4:]).split())
    saved = json.loads((ansible.folder / "fleet.json").read_text(encoding="utf-8"))
    assert saved["clusters"] == run.of("Read all agents")["clusters"]
    page = (ansible.folder / "fleet.html").read_text(encoding="utf-8")
    assert "obdemo" in page and "FAILED/RUN" in page
    assert ROOT_PASSWORD not in run.output + page + json.dumps(saved)


@pytest.mark.slow
def test_the_hosts_of_the_inventory_within_the_limit_are_asked_where_their_variables_say(ansible: Ansible) -> None:
    one, other = at_one_port(["127.0.0.1"], ["127.0.0.2"], speed=SPEED)
    port = one.agents[0].port
    names = ("orders", "alias", "billing", "localhost")
    hosts = f"""
orders ansible_host=127.0.0.1 obshell_port={port}
alias ansible_host=127.0.0.1 obshell_port={port}
billing ansible_host=192.0.2.1 obshell_host="{{{{ own }}}}" own=127.0.0.2 obshell_port={port}
localhost obshell_port={port}
127.0.0.3
"""
    try:
        (ansible.folder / "hosts").write_text(hosts, encoding="utf-8")
        done = ansible.run(["ansible-playbook", "-i", "hosts", "--limit", ",".join(names), PLAYBOOK])
    finally:
        one.stop()
        other.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Agents: 3, unreachable: 0" in done.stdout


@pytest.mark.slow
def test_without_an_agent_it_fails(ansible: Ansible) -> None:
    (ansible.folder / "hosts").write_text("", encoding="utf-8")
    done = ansible.run(["ansible-playbook", "-i", "hosts", PLAYBOOK])
    assert done.returncode != 0
    assert "no agent is given" in done.stdout + done.stderr
