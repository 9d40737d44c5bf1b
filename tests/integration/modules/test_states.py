# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_dag from every state that an agent can be brought to: check, do, check again, do again."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import CONSEQUENCES
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Hold, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.http.journal import JournalEntry

from ..conftest import AGENT_PASSWORD, ROOT_PASSWORD, SPEED, VERSIONS
from ..inprocess import task

ENDS = {"ROLLBACK": "SUCCEED/ROLLBACK", "RETRY": "SUCCEED/RUN", "PASS": "SUCCEED/PASS", "CANCEL": "FAILED/CANCEL"}


class Case:
    """A DAG in some state on a simulated agent, and tasks on it."""

    def __init__(self, simulator: Simulator, dag_id: str, **connection: t.Any) -> None:
        self.simulator = simulator
        self.id = dag_id
        self.connection = {"port": simulator.agents[0].port, "wait_timeout": 120, **connection}
        simulator.journal.clear()

    def operate(self, operator: str, **options: t.Any) -> dict[str, t.Any]:
        self.simulator.journal.clear()
        target = {} if "name" in options else {"id": self.id}
        return task("obshell_dag", **{**self.connection, **target, "operator": operator, **options})

    @property
    def requests(self) -> list[str]:
        return [f"{entry.method} {entry.uri.split('/')[3]}" for entry in self.simulator.journal.entries]

    @property
    def looks_for_a_newer_one(self) -> list[str]:
        """4.2 can have another initialisation beside one that failed."""
        dag = self.simulator.agents[0].dag(self.id)
        beside = self.simulator.agents[0].spec.version == "4.2.5.0" and dag["state"] == "FAILED"
        return ["GET task"] if beside else []

    @property
    def read(self) -> list[str]:
        """The requests that read it: one that is in no list is read only once that is safe."""
        if self.id.startswith("4"):
            return ["GET secret", "GET status", "GET task"]
        listed = self.simulator.agents[0].dag(self.id)["state"] != "SUCCEED"
        return ["GET secret", "GET task", *([] if listed else ["GET status", "GET task"])]

    @property
    def applied(self) -> int:
        return sum(entry.applied for entry in self.simulator.journal.posts(path_contains="/task/dag/"))

    @property
    def end(self) -> str:
        dag = self.simulator.agents[0].dag(self.id)
        return f"{dag['state']}/{dag['operator']}"


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        yield simulator


def failed_init(simulator: Simulator) -> Case:
    dag_id = simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    return Case(simulator, dag_id, password=ROOT_PASSWORD)


def running_init(simulator: Simulator, *, reads: int = FOREVER) -> Case:
    """It goes on once a task has looked so often."""
    Hold(simulator, "Start observer", reads=reads)
    return Case(simulator, simulator.start_init(root_password=ROOT_PASSWORD), password=ROOT_PASSWORD)


def failed_obproxy(simulator: Simulator) -> Case:
    dag_id = simulator.add_obproxy(agent_password=AGENT_PASSWORD, obstacle=Obstacle(node="Start obproxy"))
    simulator.run_to_end(dag_id)
    return Case(simulator, dag_id, agent_password=AGENT_PASSWORD, accept=["half_done"])


STATES: list[tuple[str, t.Callable[[Simulator], Case], tuple[str, ...]]] = [
    ("ROLLBACK", failed_init, VERSIONS),
    ("RETRY", failed_init, VERSIONS),
    ("CANCEL", running_init, VERSIONS),
    ("PASS", failed_obproxy, ("4.5.0.0",)),
]


@pytest.mark.parametrize(
    ("operator", "begin", "version"),
    [(operator, begin, version) for operator, begin, versions in STATES for version in versions],
)
def test_check_do_check_again_do_again(
    simulator: Simulator, operator: str, begin: t.Callable[[Simulator], Case]
) -> None:
    case = begin(simulator)
    check = case.operate(operator, check=True)
    assert (check["changed"], check["applied"]) == (True, False)
    assert case.requests == [*case.read, *case.looks_for_a_newer_one]

    do = case.operate(operator)
    assert (do["changed"], do["applied"], case.applied, case.end) == (True, True, 1, ENDS[operator])
    assert f"{do['dag']['state']}/{do['dag']['operator']}" == ENDS[operator]
    assert len(do["trace_ids"]) == 1 and do["elapsed"] >= 0

    for check_again in (True, False):
        again = case.operate(operator, check=check_again)
        assert (again["changed"], again["applied"]) == (False, False)
        assert case.requests == case.read


def test_without_wait_it_is_three_requests(simulator: Simulator) -> None:
    case = failed_init(simulator)
    looks = case.looks_for_a_newer_one
    assert case.operate("ROLLBACK", wait=False)["applied"] is True
    assert case.requests == ["GET secret", "GET task", *looks, "POST task"]


def test_over_the_socket_it_is_one_request_or_two_and_needs_no_password(simulator: Simulator) -> None:
    case = failed_init(simulator)
    case.connection = {"socket": simulator.agents[0].socket}
    assert case.operate("CANCEL")["changed"] is False
    assert case.requests == ["GET task"]
    looks = case.looks_for_a_newer_one
    assert case.operate("ROLLBACK", wait=False)["applied"] is True
    assert case.requests == ["GET task", *looks, "POST task"]
    assert {entry.auth for entry in simulator.journal.entries} == {"socket"}


@pytest.mark.parametrize(("operator", "begin"), [("RETRY", running_init), ("RETRY", failed_init)])
def test_a_timeout_tells_what_was_seen_and_the_same_task_resumes(
    simulator: Simulator, operator: str, begin: t.Callable[[Simulator], Case]
) -> None:
    case = begin(simulator)
    simulator.delays.append(Delay(node="Cluster boostrap", ticks=FOREVER))
    late = case.operate(operator, wait_timeout=2)
    assert late["failed"] and "run this task again" in late["msg"]
    assert late["dag"]["state"] in ("READY", "RUNNING")
    for held in simulator.delays:
        held.ticks = 0
    resumed = case.operate(operator)
    assert (resumed.get("failed"), resumed["changed"], case.applied, case.end) == (None, False, 0, "SUCCEED/RUN")


def test_a_refusal_posts_nothing_and_names_state_reason_and_operators(simulator: Simulator) -> None:
    case = running_init(simulator)
    refused = case.operate("ROLLBACK")
    assert refused["failed"] and not refused["changed"]
    assert all(word in refused["msg"] for word in ("ROLLBACK", case.id, "/RUN", "running", "allowed now: CANCEL"))
    assert refused["allowed_operators"] == ["CANCEL"]
    assert case.requests == ["GET secret", "GET task"]


def test_settle_waits_for_a_failure_and_then_rolls_back(simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(node="Cluster boostrap"))
    case = running_init(simulator, reads=1)
    settled = case.operate("ROLLBACK", settle=True)
    assert (settled["changed"], case.applied, case.end) == (True, 1, "SUCCEED/ROLLBACK")


def test_settle_never_rolls_back_a_success(simulator: Simulator) -> None:
    case = running_init(simulator, reads=1)
    refused = case.operate("ROLLBACK", settle=True)
    assert refused["failed"] and "it succeeded" in refused["msg"]
    assert (case.applied, case.end) == (0, "SUCCEED/RUN")


@pytest.mark.parametrize("operator", ["RETRY", "ROLLBACK"])
def test_nobodys_data_goes_without_consent(simulator: Simulator, operator: str) -> None:
    dag_id = simulator.fail_init(
        obstacle=Obstacle(node="Create observer workdir", times=1), root_password=ROOT_PASSWORD
    )
    case = Case(simulator, dag_id, password=ROOT_PASSWORD)
    refused = case.operate(operator)
    assert refused["failed"] and "accept to [data_removal]" in refused["msg"]
    assert simulator.agents[0].address in refused["msg"]
    assert refused["missing_accept"] == ["data_removal"]
    verdict = refused["operators"][operator]
    assert (verdict["verdict"], verdict["accept"]) == ("needs_consent", ["data_removal"])
    assert case.requests == ["GET secret", "GET task"]
    assert case.operate(operator, check=True)["missing_accept"] == ["data_removal"]
    assert case.operate(operator, accept=["data_removal"])["applied"] is True
    assert case.end == ENDS[operator]


def test_what_fails_again_says_where_and_why(simulator: Simulator) -> None:
    obstacle = Obstacle(node="Start observer", logs=("start observer", "ERROR: out of memory"))
    case = Case(simulator, simulator.fail_init(obstacle=obstacle, root_password=ROOT_PASSWORD), password=ROOT_PASSWORD)
    again = case.operate("RETRY")
    assert again["failed"] and (again["changed"], again["applied"], case.applied) == (True, True, 1)
    failure = again["failures"][0]
    assert (failure["node"], failure["sub_task"]) == ("Start observer", "Start observer")
    assert (failure["agent"], failure["execute_times"]) == (simulator.agents[0].address, 3)
    assert failure["logs"].count("ERROR: out of memory") == 1 and failure["logs"][-1] == "ERROR: out of memory"
    assert "ERROR: out of memory" in again["msg"] and simulator.agents[0].address in again["msg"]


def test_the_agents_own_refusal_is_told_with_code_and_trace(simulator: Simulator, version: str) -> None:
    case = failed_init(simulator)

    def let_another_client_roll_back(entry: JournalEntry, _envelope: t.Any) -> None:
        if "/task/" in entry.uri and simulator.agents[0].dag(case.id)["operator"] == "RUN":
            simulator.agents[0].call("POST", f"/api/v1/task/dag/{case.id}", {"operator": "ROLLBACK"})

    simulator.journal.watchers.append(let_another_client_roll_back)
    refused = case.operate("RETRY")
    assert refused["failed"] and (refused["changed"], refused["applied"], case.applied) == (False, False, 0)
    code = {"4.2.5.0": 1010, "4.5.0.0": "Task.Dag.Operator.RetryNotFailedDag"}[version]
    assert code in refused["error"].values() and str(code) in refused["msg"]
    assert refused["trace_id"] in refused["msg"] and refused["trace_ids"] == [refused["trace_id"]]
    assert refused["allowed_operators"] == [] and "allowed now: none" in refused["msg"]


def test_an_operator_that_the_agent_would_refuse_is_not_sent(simulator: Simulator) -> None:
    case = failed_init(simulator)
    refused = case.operate("PASS", accept=list(CONSEQUENCES))
    assert refused["failed"] and "cannot be skipped" in refused["msg"] and "error" not in refused
    assert case.requests == ["GET secret", "GET task"]
    assert refused["allowed_operators"] == ["ROLLBACK", "RETRY"] and "allowed now: ROLLBACK, RETRY" in refused["msg"]


def test_consent_that_was_not_needed_is_told(simulator: Simulator) -> None:
    case = failed_init(simulator)
    for check in (True, False):
        done = case.operate("ROLLBACK", check=check, accept=["tenant_drop"])
        assert done["changed"] and done["msg"].endswith("; accept was not needed for tenant_drop")


def test_by_name_it_is_the_newest_unfinished_else_the_last_maintenance(simulator: Simulator, version: str) -> None:
    case = failed_init(simulator)
    agent = simulator.agents[0]
    name = "Initialize cluster"
    if version == "4.2.5.0":
        simulator.obstacles.append(Obstacle(node="Start observer"))
        agent.call("POST", "/api/v1/ob/init", {})
        simulator.run_to_end(second := case.id[:-1] + str(int(case.id[-1]) + 1))
        assert case.operate("CANCEL", name=name)["dag"]["id"] == second
    else:
        assert case.operate("CANCEL", name=name)["dag"]["id"] == case.id
        case.operate("ROLLBACK")
        done = case.operate("ROLLBACK", name=name)
        assert (done["changed"], done["dag"]["id"]) == (False, case.id)
    unknown = case.operate("ROLLBACK", name="Initialise cluster")
    assert unknown["failed"] and "Initialise cluster" in unknown["msg"] and case.applied == 0
    unfinished = f"{name} ({case.id}), {name} ({second})" if version == "4.2.5.0" else "none"
    assert unknown["msg"].endswith(f". Unfinished DAGs: {unfinished}")


def test_an_id_that_is_none_says_where_to_find_those_that_are(simulator: Simulator, version: str) -> None:
    case = failed_init(simulator)
    case.id += "99"
    unknown = case.operate("ROLLBACK")
    asked = {"4.2.5.0": True, "4.5.0.0": False}[version]
    assert unknown["failed"] and unknown["msg"].endswith(". List the IDs with obshell_dag_info and scope=all")
    assert case.requests == ["GET secret", "GET task", "GET status", "GET task"]
    assert len(simulator.journal.find(path_contains=case.id)) == asked
    assert ("lists no DAG with this ID" in unknown["msg"]) is not asked
    assert (unknown["status"], unknown["trace_id"] in unknown["msg"]) == (404 if asked else -1, True)


def test_diff_shows_state_and_operator(simulator: Simulator) -> None:
    case = failed_init(simulator)
    for check in (True, False):
        diff = case.operate("ROLLBACK", check=check, diff=True)["diff"]
        assert [f"{side['state']}/{side['operator']}" for side in (diff["before"], diff["after"])] == [
            "FAILED/RUN",
            "SUCCEED/ROLLBACK",
        ]
    assert "diff" not in case.operate("ROLLBACK")


@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_through_a_follower(version: str) -> None:
    with Simulator([AgentSpec(version=version), AgentSpec(version=version)], speed=SPEED) as simulator:
        case = failed_init(simulator)
        case.connection["port"] = simulator.agents[1].port
        assert case.operate("ROLLBACK", name="Initialize cluster")["applied"] is True
        assert (case.applied, case.end) == (1, "SUCCEED/ROLLBACK")
