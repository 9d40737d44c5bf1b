# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agents list all of their DAGs; one that does not say what it is counts as one that may not."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentStatus
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.completeness import why_incomplete


class Agent:
    """It answers /status with this, and is asked for nothing else."""

    where = "the agent"
    is_seekdb = False

    def __init__(self, raw: dict[str, t.Any]) -> None:
        self._raw = raw

    def status(self) -> AgentStatus:
        return AgentStatus.from_api(self._raw)


def explain(raw: dict[str, t.Any]) -> str:
    return why_incomplete(t.cast("t.Any", Agent(raw)))


@pytest.mark.parametrize("identity", ["SINGLE", "MASTER", "FOLLOWER"])
def test_before_the_initialisation_agents_list_all(identity: str) -> None:
    assert explain({"agent": {"identity": identity}, "obState": 0}) == ""


@pytest.mark.parametrize("identity", ["TAKE OVER MASTER", "CLUSTER  AGENT", ""])
def test_an_agent_of_an_unknown_identity_may_list_only_some(identity: str) -> None:
    assert f"unknown identity {identity!r}" in explain({"agent": {"identity": identity}, "obState": 3})


@pytest.mark.parametrize("raw", [{}, {"agent": None}, {"agent": [], "obState": "3"}])
def test_an_answer_without_an_identity_proves_nothing(raw: dict[str, t.Any]) -> None:
    assert "unknown identity ''" in explain(raw)


@pytest.mark.parametrize("state", [0, 1, 2, None])
def test_without_its_database_a_cluster_agent_may_list_only_some(state: int | None) -> None:
    assert f"obState {state}" in explain({"agent": {"identity": "CLUSTER AGENT"}, "obState": state})
