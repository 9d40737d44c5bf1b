# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays about kinds of DAG, each run against a failed DAG of its kind: without its consent, then with it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Obstacle, Simulator

from ..conftest import ROOT_PASSWORD, SPEED, Ansible, Run
from .test_recovering_dags import OF_ROLE, PLAYS, Play, run

REMOVAL = "Remove follower agent "
NOT_RECORDED = ["Obcluster start full backup"]
"""The DAGs of plays that no simulated agent has, because no real one was recorded."""
ROLLED_BACK, PASSED, SUCCEEDED = ("SUCCEED", "ROLLBACK"), ("SUCCEED", "PASS"), ("SUCCEED", "RUN")


class Family(t.NamedTuple):
    """How the DAG of a play fails, and what the play then sends. `dag` is the beginning of the DAG's name."""

    dag: str
    job: str
    node: str
    accept: str
    sent: list[str]
    end: tuple[str, str]
    sent_without_consent: list[str]
    agent: int | None = None
    """The agent that fails, if not all."""

    @property
    def play(self) -> Play:
        return next(play for play in OF_ROLE if name_in(play).startswith(self.dag))

    def fail(self, simulator: Simulator, times: int | None = None) -> str:
        """Create the DAG with the name in the play, and let it fail."""
        obstacle = Obstacle(node=self.node, agent=self.agent, times=times)
        dag_id = simulator.create_dag(job=self.job, root_password=ROOT_PASSWORD, obstacle=obstacle, body=self._body())
        dag = simulator.agents[0].dag(dag_id)
        assert (dag["name"], dag["state"]) == (name_in(self.play), "FAILED")
        return dag_id

    def _body(self) -> dict[str, t.Any] | None:
        if self.job != "upgrade":
            return None
        version, _dash, release = name_in(self.play).removeprefix(self.dag).partition("-")
        return {"version": version, "release": release, "upgradeDir": "/data/upgrade"}


FAMILIES = (
    Family(
        "Upgrade obshell ",
        job="upgrade",
        node="Create upgrade dir",
        accept="data_removal",
        sent=["RETRY", "ROLLBACK"],
        end=ROLLED_BACK,
        sent_without_consent=[],
    ),
    Family(
        "Create tenant ",
        job="create_tenant",
        node="Set tenant parameter",
        accept="half_done",
        sent=["RETRY", "PASS node"],
        end=SUCCEEDED,
        # The retry needs none.
        sent_without_consent=["RETRY"],
    ),
    Family(
        "Cluster scale out",
        job="scale_out",
        node="Create observer workdir",
        accept="data_removal",
        sent=["RETRY", "ROLLBACK"],
        end=ROLLED_BACK,
        sent_without_consent=[],
        agent=1,
    ),
)
EACH_FAMILY = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.job)


def name_in(play: Play) -> str:
    return str(play["roles"][0]["recover_dag_name"])


def removals() -> list[t.Any]:
    """The play of the page, and the same one of the role's own page."""
    first, *others = [play for play in OF_ROLE if name_in(play).startswith(REMOVAL)]
    slow = [pytest.param(play, id=name_in(play), marks=pytest.mark.slow) for play in others]
    return [pytest.param(first, id=name_in(first)), *slow]


def without_consent(play: Play) -> Play:
    (role,) = play["roles"]
    return {**play, "roles": [{name: value for name, value in role.items() if name != "recover_dag_accept"}]}


def posted(simulator: Simulator) -> list[str]:
    """The operators that the agents received and applied."""
    entries = simulator.journal.posts()
    assert all(entry.applied for entry in entries)
    return [entry.body["operator"] + (" node" if "/node/" in entry.uri else "") for entry in entries]


def end_of(simulator: Simulator, dag_id: str) -> tuple[str, str]:
    dag = simulator.agents[0].dag(dag_id)
    return dag["state"], dag["operator"]


def refused_for(done: Run, accept: str) -> bool:
    """Whether the role failed, and its summary names the consent that is missing."""
    summary = done.of("Record the")["ansible_facts"]["recover_dag_summary"]
    return done.status != 0 and summary["outcome"] == "failed" and f"accept to [{accept}]" in summary["msg"]


def test_each_play_is_run_or_has_no_recording() -> None:
    run_here = tuple([family.dag for family in FAMILIES] + [REMOVAL])
    assert [name for name in map(name_in, OF_ROLE) if not name.startswith(run_here)] == NOT_RECORDED
    assert len([play for play in PLAYS if "tasks" in play]) == 1


@EACH_FAMILY
def test_a_play_needs_its_consent_and_takes_each_step(ansible: Ansible, family: Family) -> None:
    with Simulator([AgentSpec(), AgentSpec(new_server=True)], speed=SPEED) as simulator:
        dag_id = family.fail(simulator)
        refused = run(ansible, simulator, without_consent(family.play))
        assert refused_for(refused, family.accept), refused.output
        assert (posted(simulator), simulator.agents[0].dag(dag_id)["state"]) == (family.sent_without_consent, "FAILED")
        simulator.journal.clear()
        done = run(ansible, simulator, family.play)
        assert (done.status, posted(simulator)) == (0, family.sent), done.output
        assert end_of(simulator, dag_id) == family.end
        first, server = simulator.agents
        assert list(first.cluster.tenants) == (["t1"] if family.job == "create_tenant" else [])
        assert (server.identity, server in first.cluster_members) == ("SINGLE", False)
        assert not any(agent.under_maintenance() for agent in simulator.agents)


@pytest.mark.slow
@EACH_FAMILY
def test_a_play_ends_with_the_first_step_that_helps(ansible: Ansible, family: Family) -> None:
    with Simulator([AgentSpec(), AgentSpec(new_server=True)], speed=SPEED) as simulator:
        dag_id = family.fail(simulator, times=1)
        done = run(ansible, simulator, family.play)
        assert (done.status, posted(simulator)) == (0, ["RETRY"]), done.output
        assert end_of(simulator, dag_id) == SUCCEEDED
        first, server = simulator.agents
        assert (server in first.cluster_members) is (family.job == "scale_out")


@pytest.mark.parametrize("play", removals())
def test_the_removal_of_a_lost_follower(ansible: Ansible, play: Play) -> None:
    with Simulator([AgentSpec()] * 3, speed=SPEED) as simulator:
        simulator.form_cluster(root_password=ROOT_PASSWORD)
        master, follower, other = simulator.agents
        follower.stop()
        _status, answer = master.call("DELETE", "/api/v1/agent", follower.location.as_dict())
        dag_id = simulator.run_to_end(answer["data"]["id"])
        (role,) = play["roles"]
        named = {**play, "roles": [{**role, "recover_dag_name": f"{REMOVAL}{follower.address}"}]}
        refused = run(ansible, simulator, without_consent(named))
        assert refused_for(refused, "half_done"), refused.output
        assert (posted(simulator), end_of(simulator, dag_id)) == ([], ("FAILED", "RUN"))
        done = run(ansible, simulator, named)
        assert (done.status, posted(simulator)) == (0, ["PASS node"]), done.output
        assert end_of(simulator, dag_id) == SUCCEEDED and other.identity == "FOLLOWER"


def test_the_parts_of_a_cancelled_stop_are_passed_once_it_has_ended(ansible: Ansible) -> None:
    (play,) = [play for play in PLAYS if "tasks" in play]
    with Simulator([AgentSpec()] * 2, speed=SPEED) as simulator:
        ready = Delay(node="Make sure all agents are ready", ticks=FOREVER)
        simulator.delays.append(ready)
        main = simulator.create_dag(job="stop", root_password=ROOT_PASSWORD, to_end=False)
        simulator.tick(5)
        first = simulator.agents[0]
        ids = first.dag(main)["additional_data"]["sub_dags"]
        parts = [agent.find_dag(ids[agent.address]) for agent in simulator.agents]
        early = run(ansible, simulator, play)
        assert early.status and posted(simulator) == [], early.output
        assert main in early.output and [part.state for part in parts if part] == ["FAILED", "FAILED"]
        first.call("POST", f"/api/v1/task/dag/{main}", {"operator": "CANCEL"})
        ready.ticks = 0
        simulator.run_to_end(main)
        done = run(ansible, simulator, play)
        assert (done.status, posted(simulator)) == (0, ["PASS", "PASS"]), done.output
        assert [(part.state, part.operator) for part in parts if part] == [PASSED, PASSED]
        assert all(agent.observer.running and not agent.under_maintenance() for agent in simulator.agents)
