# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which DAG a name stands for."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentStatus
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.lookup import find_dag

NAME = "Start observer"


def dag(agent: int, number: int, state: str) -> Dag:
    raw = {
        "id": f"2{(10 << 24) + agent:010}02886{number}",
        "dag_id": number,
        "name": NAME,
        "state": state,
        "operator": "RUN",
        "start_time": "",
        "stage": 1,
        "max_stage": 1,
        "nodes": [],
    }
    return Dag.from_api(raw)


class Lists:
    """An agent that answers each list with what it was given for it."""

    where = "the test"

    @staticmethod
    def status() -> AgentStatus:
        return AgentStatus.from_api({"agent": {"ip": "10.0.0.1", "port": 2886, "identity": "MASTER"}})

    def __init__(self, **lists: list[Dag]) -> None:
        self._lists = lists

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        return self._lists.get(route.split("/")[-1], [])


def find(**lists: list[Dag]) -> str:
    return find_dag(t.cast("t.Any", Lists(**lists)), name=NAME).state


def test_the_newest_of_one_agent() -> None:
    assert find(unfinish=[dag(1, 7, "FAILED"), dag(1, 9, "RUNNING")]) == "RUNNING"
    assert find(agent=[dag(1, 7, "SUCCEED")], agents=[dag(2, 9, "FAILED")]) == "SUCCEED"


def test_what_has_not_succeeded_comes_before_what_has_whatever_their_numbers() -> None:
    """Numbers of different agents cannot be compared."""
    assert find(agents=[dag(1, 7, "FAILED"), dag(2, 9, "SUCCEED")]) == "FAILED"


def test_a_name_beside_an_id_is_an_assertion() -> None:
    agent = t.cast("t.Any", Lists(unfinish=[dag(1, 7, "FAILED")]))
    assert find_dag(agent, dag_id=dag(1, 7, "FAILED").id, name=NAME).number == 7
    with pytest.raises(Refused, match="is not named 'Create tenant x'"):
        find_dag(agent, dag_id=dag(1, 7, "FAILED").id, name="Create tenant x")


@pytest.mark.parametrize("lists", [{"unfinish": ["FAILED", "FAILED"]}, {"agents": ["SUCCEED", "SUCCEED"]}])
def test_those_of_several_agents_are_told_apart_by_their_ids(lists: dict[str, list[str]]) -> None:
    dags = {route: [dag(agent, 7, state) for agent, state in enumerate(states, 1)] for route, states in lists.items()}
    with pytest.raises(Refused, match=f"{dag(1, 7, 'FAILED').id}.*{dag(2, 7, 'FAILED').id}"):
        find(**dags)
