# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an agent lacks a list or has failed to read it, and which lists are cut short without an error."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentStatus, ClusterInfo, Peer
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.completeness import lacks, why_incomplete

ALL, AGENT, AGENTS = "dags/agent", "dag/maintain/agent", "dag/maintain/agents"
CLUSTER, ALL_OF_CLUSTER, UNFINISHED = "dag/maintain/ob", "dags/ob", "dag/unfinish"
S, M, C, OUT = "SINGLE", "MASTER", "CLUSTER AGENT", "SCALING OUT"


class Agent:
    """An agent with an identity and the state of its database; two agents are its cluster."""

    where = "the agent"
    is_seekdb = False

    def __init__(self, identity: str, observer_state: int, answered: t.Iterable[int] = (1, 2)) -> None:
        self.identity, self.observer_state, self.answered = identity, observer_state, answered

    def status(self) -> AgentStatus:
        agent = {"ip": "192.0.2.1", "port": 2886, "identity": self.identity}
        return AgentStatus.from_api({"agent": agent, "obState": self.observer_state})

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        assert (route, details, unreadable) == (AGENTS, False, [])
        ids = [f"2322122598{4 + number}0288612" for number in self.answered]
        return [Dag(dag_id, "Update agent", "SUCCEED", "RUN", "", 1, 1, (), {}) for dag_id in ids]

    def cluster_info(self) -> ClusterInfo:
        return ClusterInfo(tuple(Peer(Address(f"192.0.2.{number}", 2886), "zone1", C) for number in (1, 2)))


@pytest.mark.parametrize(
    ("identity", "observer_state", "route", "status", "expected"),
    [
        *(
            (M, 0, route, 404, route != UNFINISHED)
            for route in (ALL, AGENT, AGENTS, CLUSTER, ALL_OF_CLUSTER, UNFINISHED)
        ),
        (M, 0, CLUSTER, 400, True),
        (OUT, 0, UNFINISHED, 400, True),
        (OUT, 0, UNFINISHED, 404, True),
        (OUT, 0, UNFINISHED, 500, True),
        ("SCALING IN", 3, UNFINISHED, 500, True),
        (M, 0, UNFINISHED, 500, False),
        (OUT, 0, AGENT, 500, False),
        (S, 0, AGENTS, 500, True),
        (M, 0, AGENTS, 500, False),
        (S, 0, AGENT, 500, False),
        (S, 0, ALL, 500, False),
        *((M, state, route, 500, True) for state in (0, 3) for route in (CLUSTER, ALL_OF_CLUSTER)),
        *((C, state, route, 500, state != 3) for state in (0, 1, 2, 3) for route in (CLUSTER, ALL_OF_CLUSTER)),
        *((S, 0, route, status, False) for route in (AGENTS, CLUSTER) for status in (401, 502, 503)),
    ],
)
def test_a_list_is_lacking_only_if_the_agent_says_so_or_its_state_explains_it(
    identity: str, observer_state: int, route: str, status: int, expected: bool
) -> None:
    assert lacks(t.cast("t.Any", Agent(identity, observer_state)), route, status) == expected


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        (Agent(C, 3), ""),
        (Agent(S, 0), ""),
        (Agent(M, 0), ""),
        (Agent(OUT, 3), "the agent is SCALING OUT and does not list its DAGs: ask another agent of the cluster"),
        (Agent(C, 2), "the database of the agent is not available (obState 2)"),
        (Agent(C, 3, [1]), "the agent has no answer from 192.0.2.2:2886, so their DAGs may be missing"),
        (Agent(C, 3, []), "the agent has no answer from 192.0.2.1:2886 and 192.0.2.2:2886"),
    ],
)
def test_lists_that_may_leave_dags_out(agent: Agent, reason: str) -> None:
    found = why_incomplete(t.cast("t.Any", agent))
    assert found.startswith(reason) and bool(found) == bool(reason)
