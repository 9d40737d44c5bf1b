# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failed DAGs of each family: an operator that destroys something is sent only with consent, and ends as recorded."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, Ansible, Run

SPEED = 50


class Family(t.NamedTuple):
    """A failed DAG, and an operator that needs consent."""

    job: str
    node: str
    operator: str
    accept: str
    end: tuple[str, str]
    """State and operator at the end."""
    after: tuple[str, ...] = ()
    """The jobs that come before."""
    body: dict[str, t.Any] | None = None


UPGRADE_BODY = {"upgradeDir": "/data/upgrade"}
ROLLED_BACK, PASSED, SUCCEEDED = ("SUCCEED", "ROLLBACK"), ("SUCCEED", "PASS"), ("SUCCEED", "RUN")
FAMILIES = (
    Family("create_tenant", "Modify tenant whitelist", "ROLLBACK", "tenant_drop", ROLLED_BACK),
    Family("drop_tenant", "Drop tenant", "RETRY", "tenant_drop", SUCCEEDED, ("create_tenant",)),
    Family("configure_backup", "Set backup config", "PASS", "archiving_off", PASSED, ("create_tenant",)),
    Family(
        "check_upgrade", "Download all required packages", "ROLLBACK", "data_removal", ROLLED_BACK, (), UPGRADE_BODY
    ),
    Family("upgrade", "Check all required packages", "ROLLBACK", "data_removal", ROLLED_BACK, (), UPGRADE_BODY),
    Family("scale_out", "Add server for scale_out", "ROLLBACK", "data_removal", ROLLED_BACK),
    Family("scale_in", "Delete agent", "PASS", "half_done", PASSED, ("scale_out",)),
    # The parts of the DAG have ended, so its last node fails.
    Family("start", "Start Zone", "RETRY", "half_done", ("FAILED", "RUN")),
)


def operate(ansible: Ansible, simulator: Simulator, dag_id: str, operator: str, *accept: str) -> Run:
    """Run the task obshell_dag."""
    agent = simulator.agents[0]
    options = {"port": agent.port, "password": ROOT_PASSWORD, "id": dag_id, "operator": operator}
    return ansible.module("obshell_dag", **options, accept=list(accept))


def end_of(run: Run) -> tuple[str, str]:
    """State and operator of the DAG in a result."""
    return run.result["dag"]["state"], run.result["dag"]["operator"]


def sent(simulator: Simulator) -> list[t.Any]:
    """The operators that the agents received."""
    return [entry.body["operator"] for entry in simulator.journal.posts(path_contains="/task/")]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.job)
def test_operator_with_consequences(ansible: Ansible, family: Family) -> None:
    with Simulator([AgentSpec(), AgentSpec(new_server=True)], speed=SPEED) as simulator:
        for job in family.after:
            simulator.create_dag(job=job, root_password=ROOT_PASSWORD)
        obstacle = Obstacle(node=family.node, times=1)
        dag_id = simulator.create_dag(job=family.job, root_password=ROOT_PASSWORD, obstacle=obstacle, body=family.body)
        refused = operate(ansible, simulator, dag_id, family.operator)
        assert refused.status and refused.result["missing_accept"] == [family.accept], refused.output
        assert sent(simulator) == []
        done = operate(ansible, simulator, dag_id, family.operator, family.accept)
        assert sent(simulator) == [family.operator]
        assert end_of(done) == family.end, done.output
        assert done.result["changed"] is True
        assert bool(done.status) is (family.end[0] == "FAILED")


def test_rolled_back_creation_drops_the_tenant(ansible: Ansible) -> None:
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        failing = Obstacle(node="Modify tenant whitelist", times=1)
        dag_id = simulator.create_dag(job="create_tenant", root_password=ROOT_PASSWORD, obstacle=failing)
        tenants = simulator.agents[0].cluster.tenants
        assert list(tenants) == ["t1"]
        operate(ansible, simulator, dag_id, "ROLLBACK", "tenant_drop")
        assert tenants == {}


def test_retried_creation_needs_no_consent_and_keeps_the_tenant(ansible: Ansible) -> None:
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        failing = Obstacle(node="Set tenant parameter", times=1)
        dag_id = simulator.create_dag(job="create_tenant", root_password=ROOT_PASSWORD, obstacle=failing)
        done = operate(ansible, simulator, dag_id, "RETRY")
        assert end_of(done) == SUCCEEDED, done.output
        assert list(simulator.agents[0].cluster.tenants) == ["t1"]


def test_rolled_back_scale_out_frees_the_new_server(ansible: Ansible) -> None:
    """Its twin on the new server is rolled back with it."""
    with Simulator([AgentSpec(), AgentSpec(new_server=True)], speed=SPEED) as simulator:
        failing = Obstacle(node="Create observer workdir", agent=1)
        dag_id = simulator.create_dag(job="scale_out", root_password=ROOT_PASSWORD, obstacle=failing)
        server = simulator.agents[1]
        assert (server.identity, server.engine.dags[-1].state) == ("SCALING OUT", "FAILED")
        operate(ansible, simulator, dag_id, "ROLLBACK", "data_removal")
        twin = server.engine.dags[-1]
        assert (server.identity, twin.state, twin.operator) == ("SINGLE", *ROLLED_BACK)


def test_retried_scale_out_adds_the_server(ansible: Ansible) -> None:
    with Simulator([AgentSpec(), AgentSpec(new_server=True)], speed=SPEED) as simulator:
        failing = Obstacle(node="Add server for scale_out", times=1)
        dag_id = simulator.create_dag(job="scale_out", root_password=ROOT_PASSWORD, obstacle=failing)
        done = operate(ansible, simulator, dag_id, "RETRY")
        assert end_of(done) == SUCCEEDED, done.output
        assert sent(simulator) == ["RETRY"]
        first, server = simulator.agents
        assert server.identity == "CLUSTER AGENT" and server in first.cluster_members


def test_part_of_a_cancelled_stop_is_passed_and_the_observer_stays(ansible: Ansible) -> None:
    """The part waits as FAILED and locks the agent. RETRY could kill the observer, so only PASS is allowed."""
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        agent = simulator.agents[0]
        with simulator.lock:
            main = simulator.create_dag(job="stop", root_password=ROOT_PASSWORD, to_end=False)
            simulator.tick()
            agent.call("POST", f"/api/v1/task/dag/{main}", {"operator": "CANCEL"})
            simulator.run_to_end(main)
        part = agent.dag(main)["additional_data"]["sub_dags"][agent.address]
        assert operate(ansible, simulator, part, "RETRY").status
        assert agent.under_maintenance() and sent(simulator) == []
        done = operate(ansible, simulator, part, "PASS")
        assert end_of(done) == PASSED, done.output
        assert sent(simulator) == ["PASS"]
        assert agent.observer.running and not agent.under_maintenance()


def test_failed_removal_of_a_dead_follower_takes_no_operator(ansible: Ansible) -> None:
    with Simulator([AgentSpec(), AgentSpec()], speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        master, follower = simulator.agents
        follower.stop()
        _status, envelope = master.call("DELETE", "/api/v1/agent", follower.location.as_dict())
        dag_id = simulator.run_to_end(envelope["data"]["id"])
        for operator in ("ROLLBACK", "RETRY", "PASS"):
            refused = operate(ansible, simulator, dag_id, operator)
            assert refused.status and refused.result["operators"][operator]["verdict"] == "refused", refused.output
        assert sent(simulator) == []
