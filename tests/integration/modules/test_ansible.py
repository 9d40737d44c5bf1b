# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only real Ansible shows: ad hoc commands, defaults of the group, and what it prints at -vvvv."""

from __future__ import annotations

import hashlib
import re
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import AGENT_PASSWORD, ROOT_PASSWORD, SPEED, Ansible

LOGGED = "l0gged#Secret"
LOGS = (
    f"connect with password={LOGGED}",
    f"start: -o 'obproxy_sys_password={hashlib.sha1(LOGGED.encode()).hexdigest()},port=1'",
    f'config {{"rootPwd": "{LOGGED}", "access_token": "{LOGGED}"}}',
    f"ALTER USER root IDENTIFIED BY '{LOGGED}'",
    "ERROR: out of memory",
)
SECRETS = [
    form
    for secret in (ROOT_PASSWORD, AGENT_PASSWORD, LOGGED, "wr0ng#Password")
    for form in (
        secret,
        *(getattr(hashlib, digest)(secret.encode()).hexdigest() for digest in ("md5", "sha1", "sha256")),
    )
]
# Each way a task can be run: in the controller's process, or sent as a module.
WAYS: dict[str, dict[str, t.Any]] = {"here": {}, "sent": {"environment": {"SENT": "1"}}}


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        yield simulator


def fail_init(simulator: Simulator, times: int | None = 1) -> str:
    obstacle = Obstacle(node="Start observer", times=times, logs=LOGS)
    return simulator.fail_init(obstacle=obstacle, root_password=ROOT_PASSWORD)


def test_ad_hoc(ansible: Ansible, simulator: Simulator) -> None:
    dag_id = fail_init(simulator)
    ansible.environment.update(OBSHELL_PORT=str(simulator.agents[0].port), OBSHELL_PASSWORD=ROOT_PASSWORD)
    found = ansible.module("obshell_dag_info", name="Initialize cluster")
    assert (found.status, found.result["dags"][0]["id"]) == (0, dag_id)
    done = ansible.module("obshell_dag", name="Initialize cluster", operator="ROLLBACK")
    assert (done.status, done.result["applied"]) == (0, True)
    refused = ansible.module("obshell_dag", id=dag_id, operator="RETRY")
    assert refused.status != 0 and "rolled back" in refused.result["msg"]


@pytest.mark.parametrize("version", [pytest.param("4.2.5.0", marks=pytest.mark.slow), "4.5.0.0"])
def test_no_secret_is_printed_at_vvvv(ansible: Ansible, simulator: Simulator) -> None:
    dag_id = fail_init(simulator, times=None)
    connection = {
        "port": simulator.agents[0].port,
        "password": "{{ root_password }}",
        "agent_password": "{{ agent_password }}",
    }
    module = "oceanbase.obshell.obshell_dag"
    tasks: list[dict[str, t.Any]] = [
        {"oceanbase.obshell.obshell_agent_info": {}},
        {"oceanbase.obshell.obshell_dag_info": {"details": "all"}},
        {module: {"id": dag_id, "operator": "PASS"}},
        {module: {"id": dag_id, "operator": "RETRY"}},
        {module: {"id": dag_id, "operator": "ROLLBACK", "password": "{{ wrong_password }}"}},
        {module: {"id": dag_id, "operator": "ROLLBACK", "port": 1}},
        {module: {"id": "abc", "operator": "ROLLBACK"}},
        {module: {"id": dag_id, "operator": "ROLLBACK"}, "diff": True},
    ]
    secrets = ansible.folder / "secrets.yml"
    secrets.write_text(
        f"root_password: '{ROOT_PASSWORD}'\nagent_password: '{AGENT_PASSWORD}'\nwrong_password: 'wr0ng#Password'\n",
        encoding="utf-8",
    )
    run = ansible.playbook(
        [
            {
                "hosts": "all",
                "gather_facts": False,
                "vars_files": [str(secrets)],
                "module_defaults": {"group/oceanbase.obshell.obshell": connection},
                # Each task is to go on after the failures that are wanted here.
                "tasks": [{**task, **way, "ignore_errors": True} for way in WAYS.values() for task in tasks],
            },
            {
                "hosts": "all",
                "gather_facts": False,
                "vars_files": [str(secrets)],
                "roles": [{"role": "oceanbase.obshell.recover_init", "recover_init_connection": connection}],
            },
        ],
        "-vvvv",
    )
    assert run.status == 0, run.output[-3000:]
    assert "out of memory" in run.output
    assert [secret for secret in SECRETS if secret in run.output] == []
    assert not re.search(r"X-OCS|\"keys\"", run.output)


def test_defaults_of_the_group_reach_every_module(ansible: Ansible, simulator: Simulator) -> None:
    dag_id = fail_init(simulator)
    connection = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD}
    run = ansible.playbook(
        [
            {
                "hosts": "all",
                "gather_facts": False,
                "module_defaults": {"group/oceanbase.obshell.obshell": connection},
                "tasks": [
                    {"oceanbase.obshell.obshell_agent_info": None},
                    {"oceanbase.obshell.obshell_dag_info": None},
                    {"oceanbase.obshell.obshell_dag": {"id": dag_id, "operator": "CANCEL"}},
                ],
            }
        ]
    )
    assert run.status == 0
    assert {entry.agent for entry in simulator.journal.entries} == {simulator.agents[0].address}
