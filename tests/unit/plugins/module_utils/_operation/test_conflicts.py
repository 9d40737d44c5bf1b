# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other DAGs in the way: those that block a rollback, and the one that owns the cluster of a failed initialisation."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentStatus
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.conflicts import find_blockers, find_owner

from .._dag.kind_dags import make_dag

AGENT, FOLLOWER, CLUSTER = "2322122598502886", "2322122598602886", "1"
INIT, JOIN, JOIN_SELF, OTHER = "Initialize cluster", "Join to master", "Join self", "Update cluster config"
# It can only have been first to fill its directories if it did not fail at them.
AT_START, AT_DIRECTORIES = "Start observer", "Create observer workdir"
LACKS, FAILING = (AgentError("GET", status=status, error={}, trace_id="") for status in (404, 500))


def failed_init(at: str, number: int = 5, **raw: t.Any) -> Dag:
    return make_dag(INIT, at, number=number, id=f"{AGENT}{number}", **raw)


def dag(name: str, end: str, number: int, series: str = AGENT) -> Dag:
    state, operator = end.split("/")
    raw = {"id": f"{series}{number}", "name": name, "state": state, "operator": operator, "start_time": ""}
    node = {"name": name, "state": state, "operator": operator}
    return Dag.from_api({**raw, "dag_id": number, "stage": 1, "max_stage": 1, "nodes": [node]})


class Agent:
    """An agent with numbered DAGs; the others of its series are uninteresting. `asked` lists what was read."""

    where = "the agent"

    def __init__(self, *dags: Dag, version: str = "4.2.5.0-1", identity: str = "MASTER") -> None:
        self.dags = {dag.id: dag for dag in dags}
        self.version, self.identity = version, identity
        self.lists: dict[str, t.Any] = {"dag/maintain/agents": dags[-1:]}
        self.asked: list[str] = []

    def status(self) -> AgentStatus:
        agent = {"ip": "192.0.2.1", "port": 2886, "identity": self.identity}
        return AgentStatus.from_api({"agent": agent, "version": self.version})

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        self.asked.append(route)
        listed = self.lists.get(route, ())
        if isinstance(listed, AgentError):
            raise listed
        return [one if details else dataclasses.replace(one, nodes=()) for one in listed]

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        assert not details
        self.asked.append(dag_id)
        return self.dags.get(dag_id) or dag(OTHER, "SUCCEED/RUN", int(dag_id.removeprefix(AGENT)))

    def owner_of(self, failed: Dag) -> int | None:
        found = find_owner(t.cast("t.Any", self), failed)
        return found.number if found else None


# Where the initialisation 5 failed, the other DAGs in their order, and the number of the one that owns the cluster.
OWNERS: dict[str, tuple[str, list[tuple[str, str, int]], int | None]] = {
    "none": (AT_START, [], None),
    "a newer one runs": (AT_START, [(INIT, "RUNNING/RUN", 6)], 6),
    "a newer one has succeeded": (AT_START, [(INIT, "SUCCEED/RUN", 6), (OTHER, "SUCCEED/RUN", 7)], 6),
    "a newer one is being cancelled": (AT_START, [(INIT, "RUNNING/CANCEL", 7)], 7),
    "a newer one was rolled back": (AT_START, [(INIT, "SUCCEED/ROLLBACK", 6)], None),
    "a newer one has failed": (AT_START, [(INIT, "FAILED/RUN", 6)], None),
    "a newer DAG of another name": (AT_START, [(OTHER, "RUNNING/RUN", 6)], None),
    "the second newer one": (AT_START, [(INIT, "FAILED/RUN", 6), (INIT, "SUCCEED/RUN", 7)], 7),
    "another master": (AT_START, [(JOIN, "SUCCEED/RUN", 6)], 6),
    "another master, still joining": (AT_START, [(JOIN, "RUNNING/RUN", 6)], 6),
    "another master that it did not reach": (AT_START, [(JOIN, "FAILED/RUN", 6)], None),
    "itself again": (AT_START, [(JOIN, "SUCCEED/RUN", 6), (JOIN_SELF, "SUCCEED/RUN", 7)], None),
    "not itself again": (AT_START, [(JOIN, "SUCCEED/RUN", 6), (JOIN_SELF, "FAILED/RUN", 7)], 6),
    "no longer it, by a DAG that says nothing": (AT_START, [(JOIN, "SUCCEED/RUN", 6), (OTHER, "SUCCEED/RUN", 7)], 6),
    "an older one, of which it met nothing": (AT_START, [(INIT, "SUCCEED/RUN", 3)], None),
    "an older one, whose directories it met": (AT_DIRECTORIES, [(INIT, "SUCCEED/RUN", 3)], 3),
    "the oldest one": (AT_DIRECTORIES, [(INIT, "RUNNING/RUN", 1)], 1),
    "an older one before one that failed": (AT_DIRECTORIES, [(INIT, "SUCCEED/RUN", 2), (INIT, "FAILED/RUN", 4)], 2),
    "an older one that was rolled back": (AT_DIRECTORIES, [(INIT, "SUCCEED/ROLLBACK", 4)], None),
    "an older one of a former cluster": (
        AT_DIRECTORIES,
        [(INIT, "SUCCEED/RUN", 3), (JOIN_SELF, "SUCCEED/RUN", 4)],
        None,
    ),
    "an older one, not left": (AT_DIRECTORIES, [(INIT, "SUCCEED/RUN", 3), (JOIN_SELF, "FAILED/RUN", 4)], 3),
    "a newer one before an older one": (AT_DIRECTORIES, [(INIT, "SUCCEED/RUN", 3), (INIT, "RUNNING/RUN", 6)], 6),
}


@pytest.mark.parametrize("name", OWNERS)
def test_the_dag_that_owns_the_cluster(name: str) -> None:
    at, others, expected = OWNERS[name]
    failed = failed_init(at)
    dags = [failed, *(dag(*other) for other in others)]
    dags.sort(key=lambda one: one.number)
    assert Agent(*dags).owner_of(failed) == expected
    newer_agent = Agent(*dags, version="4.2.6.0-1")
    assert newer_agent.owner_of(failed) is None
    assert set(newer_agent.asked) <= {"dag/maintain/agents"}


@pytest.mark.parametrize(
    "one",
    [
        failed_init(AT_DIRECTORIES, state="RUNNING"),
        failed_init(AT_DIRECTORIES, maintenance_type=2),
        Dag.from_api({**failed_init(AT_DIRECTORIES).raw, "name": OTHER}),
    ],
    ids=["not failed", "of an agent that allows one initialisation", "no initialisation"],
)
def test_nothing_is_read_for_any_other_dag(one: Dag) -> None:
    agent = Agent(dag(INIT, "SUCCEED/RUN", 3), one, dag(INIT, "SUCCEED/RUN", 6))
    assert (agent.owner_of(one), agent.asked) == (None, [])


@pytest.mark.parametrize(
    ("at", "number", "last", "reads"),
    [
        (AT_START, 5, 1005, 1000),
        (AT_START, 5, 1006, None),
        (AT_DIRECTORIES, 1001, 1001, 1000),
        (AT_DIRECTORIES, 1002, 1002, None),
    ],
)
def test_no_more_dags_are_read_than_is_allowed(at: str, number: int, last: int, reads: int | None) -> None:
    failed = failed_init(at, number)
    agent = Agent(failed, *([dag(OTHER, "SUCCEED/RUN", last)] if last != number else []))
    if reads is None:
        with pytest.raises(Refused, match="more than 1000"):
            agent.owner_of(failed)
    else:
        assert agent.owner_of(failed) is None
        assert len(agent.asked) - 1 == reads
    assert f"{AGENT}0" not in agent.asked


def test_a_single_agent_has_its_last_dag_in_another_list() -> None:
    failed, newer = failed_init(AT_START), dag(INIT, "RUNNING/RUN", 6)
    agent = Agent(failed, newer, identity="SINGLE")
    agent.lists = {"dag/maintain/agents": FAILING, "dag/maintain/agent": [newer]}
    assert agent.owner_of(failed) == 6
    agent.identity = "MASTER"
    with pytest.raises(AgentError):
        agent.owner_of(failed)


BLOCKERS: dict[str, tuple[Dag, bool]] = {
    "a step that failed": (dag(AT_START, "FAILED/RUN", 7, FOLLOWER), True),
    "a step that runs": (dag(AT_START, "RUNNING/RUN", 7, FOLLOWER), True),
    "a step that succeeded": (dag(AT_START, "SUCCEED/RUN", 7, FOLLOWER), False),
    "a step that was rolled back": (dag(AT_START, "SUCCEED/ROLLBACK", 7, FOLLOWER), False),
    "something else": (dag("Restart observer", "FAILED/RUN", 7, FOLLOWER), False),
    "a DAG of the same agent": (dag(AT_START, "FAILED/RUN", 7), False),
    "a DAG of the cluster": (dag(AT_START, "FAILED/RUN", 7, CLUSTER), False),
}


@pytest.mark.parametrize("name", BLOCKERS)
def test_dags_that_block_a_rollback(name: str) -> None:
    other, blocks = BLOCKERS[name]
    failed = failed_init(AT_START)
    found = find_blockers(t.cast("t.Any", Agent(failed, other)), failed)
    assert found == ([other] if blocks else [])
