# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent of seekdb lists all its DAGs, also without its database, and no other agent can block a rollback."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentStatus, ClusterInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.completeness import lacks, why_incomplete
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.conflicts import find_blockers
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.foreign import (
    NO_FOREIGN_AGENTS,
    refuse_foreign_id,
)

from .._dag.kind_dags import make_dag

UPGRADE = make_dag("Upgrade obshell 4.5.0.0-1", "Install new obshell", id="22130706433028869", operator="ROLLBACK")
OF_ANOTHER = "23232235777028869"
DATABASE_DOWN, DATABASE_UP = 0, 3


class Agent:
    """A cluster agent that answers a list of other agents, and of its members, with an error of this status."""

    where = "the agent"

    def __init__(self, *, is_seekdb: bool = True, observer_state: int = DATABASE_UP, status: int = 404) -> None:
        self.is_seekdb = is_seekdb
        self._observer_state = observer_state
        self._error = AgentError("GET", status=status, error={"message": "no"}, trace_id="")

    def status(self) -> AgentStatus:
        agent = {"ip": "127.0.0.1", "port": 2886, "identity": "CLUSTER AGENT"}
        return AgentStatus.from_api({"agent": agent, "obState": self._observer_state})

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        if route == "dag/maintain/agents":
            raise self._error
        return [UPGRADE]

    def cluster_info(self) -> ClusterInfo:
        raise self._error

    def own_address(self) -> Address:
        return Address("127.0.0.1", 2886)


def agent(**settings: t.Any) -> t.Any:
    return Agent(**settings)


@pytest.mark.parametrize("observer_state", [DATABASE_DOWN, DATABASE_UP])
def test_its_lists_are_complete(observer_state: int) -> None:
    assert why_incomplete(agent(observer_state=observer_state)) == ""


def test_a_cluster_agent_lists_what_it_can_read() -> None:
    assert "obState 0" in why_incomplete(agent(is_seekdb=False, observer_state=DATABASE_DOWN))
    with pytest.raises(AgentError):
        why_incomplete(agent(is_seekdb=False))
    with pytest.raises(AgentError):
        why_incomplete(agent(status=500))


@pytest.mark.parametrize(
    ("is_seekdb", "status", "expected"), [(True, 404, True), (True, 500, False), (False, 500, True)]
)
def test_a_failure_to_read_its_own_list_is_not_a_lack(is_seekdb: bool, status: int, expected: bool) -> None:
    """Without its database a cluster agent cannot read what is kept there, but seekdb's agent keeps it itself."""
    client = agent(is_seekdb=is_seekdb, observer_state=DATABASE_DOWN)
    assert lacks(client, "dags/ob", status) is expected


def test_nothing_blocks_its_rollback() -> None:
    assert find_blockers(agent(), UPGRADE) == []


@pytest.mark.parametrize("settings", [{"is_seekdb": False}, {"status": 500}])
def test_blockers_that_cannot_be_read_stop_a_rollback(settings: dict[str, t.Any]) -> None:
    with pytest.raises(AgentError):
        find_blockers(agent(**settings), UPGRADE)


def test_an_id_of_another_agent_is_refused() -> None:
    with pytest.raises(Refused, match="seekdb has no other agents"):
        refuse_foreign_id(agent(), OF_ANOTHER, NO_FOREIGN_AGENTS)
    with pytest.raises(Refused, match="members of its cluster cannot be read"):
        refuse_foreign_id(agent(is_seekdb=False), OF_ANOTHER, NO_FOREIGN_AGENTS)
