# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag with node: one failed node is skipped, and the DAG continues."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Fault, Obstacle, Simulator

from ..conftest import AGENT_PASSWORD, ROOT_PASSWORD, SPEED, Ansible
from ..inprocess import task

START, SET = "Start obproxy", "Set proxyro password for connect"
REMOVE = "Remove follower"


class Proxy:
    """A simulator with an OBProxy whose DAG failed."""

    def __init__(self, simulator: Simulator, *failing: str) -> None:
        self.simulator = simulator
        simulator.obstacles.extend(Obstacle(node=node) for node in failing)
        self.id = simulator.add_obproxy(agent_password=AGENT_PASSWORD, obstacle=Obstacle(node=START))
        self.options: dict[str, t.Any] = {
            "port": simulator.agents[0].port,
            "agent_password": AGENT_PASSWORD,
            "id": self.id,
        }
        self.node_id = simulator.agents[0].dag(self.id)["nodes"][1]["id"]

    def skip(self, node: str = START, **options: t.Any) -> dict[str, t.Any]:
        given: dict[str, t.Any] = {"accept": ["half_done"], **self.options, **options}
        return task("obshell_dag", operator="PASS", node=node, **given)

    @property
    def sent(self) -> list[tuple[str, bool]]:
        posts = self.simulator.journal.posts(path_contains="/task/")
        return [(entry.uri.rpartition("/task/")[2], entry.applied) for entry in posts]


@pytest.fixture(name="proxy")
def fixture_proxy() -> t.Iterator[Proxy]:
    with Simulator(speed=SPEED) as simulator:
        yield Proxy(simulator)


def test_check_do_check_again_do_again(proxy: Proxy) -> None:
    check = proxy.skip(check=True)
    assert (check["changed"], check["fulfilled"], proxy.sent) == (True, True, [])
    do = proxy.skip(proxy.node_id)
    assert (do["changed"], do["applied"], do["times_applied"]) == (True, True, 1), do["msg"]
    assert proxy.sent == [(f"node/{proxy.node_id}", True)]
    assert [
        (node["name"], node["state"], node["operator"]) for node in proxy.simulator.agents[0].dag(proxy.id)["nodes"]
    ][1:3] == [(START, "SUCCEED", "PASS"), (SET, "SUCCEED", "RUN")]
    for again in (proxy.skip(check=True), proxy.skip(), proxy.skip(accept=[])):
        assert (again["changed"], again["fulfilled"], len(proxy.sent)) == (False, True, 1)


def test_the_command_line_skips_a_node(ansible: Ansible, proxy: Proxy) -> None:
    run = ansible.module("obshell_dag", **proxy.options, operator="PASS", node=START, accept=["half_done"])
    assert (run.status, run.result["changed"]) == (0, True), run.output
    assert f'requesting PASS of the node "{START}"' in run.output and len(proxy.sent) == 1


def test_without_consent_nothing_is_sent(proxy: Proxy) -> None:
    for check in (True, False):
        refused = proxy.skip(accept=[], check=check)
        assert refused["failed"] and refused["missing_accept"] == ["half_done"]
        assert (refused["fulfilled"], refused["times_applied"], proxy.sent) == (False, 0, [])


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY", "CANCEL"])
def test_other_operators_have_no_node(proxy: Proxy, operator: str) -> None:
    proxy.simulator.journal.clear()
    refused = task("obshell_dag", **proxy.options, operator=operator, node=START)
    assert refused["failed"] and "PASS" in refused["msg"] and refused["fulfilled"] is False
    assert proxy.simulator.journal.entries == []


@pytest.mark.parametrize(
    ("node", "reason"),
    [("Check obproxy status", "has not failed"), ("Start", "it has no node"), ("", "it has no node")],
)
def test_another_node_is_refused(proxy: Proxy, node: str, reason: str) -> None:
    refused = proxy.skip(node)
    assert refused["failed"] and reason in refused["msg"] and START in refused["msg"]
    assert proxy.sent == []


def test_a_later_node_that_fails_is_a_failure_and_can_be_skipped_next() -> None:
    with Simulator(speed=SPEED) as simulator:
        proxy = Proxy(simulator, SET)
        first = proxy.skip()
        assert first["failed"] and first["changed"] and first["failures"][0]["node"] == SET
        assert proxy.skip()["failed"] and len(proxy.sent) == 1
        second = proxy.skip(SET)
        assert (second["changed"], second["dag"]["state"]) == (True, "SUCCEED"), second["msg"]


@pytest.mark.parametrize("kind", ["lose_answer", "reset"])
def test_a_lost_answer_is_resolved_by_reading_again(proxy: Proxy, kind: t.Literal["lose_answer", "reset"]) -> None:
    proxy.simulator.agents[0].faults.append(Fault(kind, method="POST", path="/task/node", times=1))
    result = proxy.skip()
    assert result["changed"] and result["fulfilled"], result["msg"]
    assert [applied for _uri, applied in proxy.sent].count(True) == 1
    assert result["applied"] == ("unknown" if kind == "lose_answer" else True)


def remove_a_dead_follower(simulator: Simulator) -> str:
    simulator.form_cluster(root_password=ROOT_PASSWORD)
    master, follower, _other = simulator.agents
    follower.stop()
    _status, answer = master.call("DELETE", "/api/v1/agent", follower.location.as_dict())
    return simulator.run_to_end(answer["data"]["id"])


@pytest.mark.parametrize(("version", "works"), [("4.3.0.0", False), ("4.3.2.0", True), ("4.5.0.0", True)])
def test_a_dead_follower_is_removed_by_agents_that_can_skip_a_node(version: str, works: bool) -> None:
    with Simulator([AgentSpec(version=version)] * 3, speed=SPEED) as simulator:
        dag_id = remove_a_dead_follower(simulator)
        master, follower, _other = simulator.agents
        simulator.journal.clear()
        options: dict[str, t.Any] = {"port": master.port, "password": ROOT_PASSWORD, "id": dag_id}
        result = task("obshell_dag", **options, operator="PASS", node=REMOVE, accept=["half_done"])
        posts = [entry.uri for entry in simulator.journal.posts()]
        if not works:
            assert result["failed"] and "4.3.2" in result["msg"] and posts == []
            return
        assert (result["changed"], result["dag"]["state"]) == (True, "SUCCEED"), result["msg"]
        assert len(posts) == 1 and follower.identity == "FOLLOWER"
