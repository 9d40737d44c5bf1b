# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked before an operator is sent, and what a result says of consent that was not needed."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation import operate as operating
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.foreign import ForeignAgents

from .._dag.kind_dags import make_dag
from .test_operate import AGAIN, ID, FakeClient, api

OTHER = "22130706433028865"


def test_no_request_is_made_with_the_id_of_an_agent_outside_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient([api("FAILED/RUN")])
    monkeypatch.setattr(client, "own_address", lambda: Address("192.0.2.9", 2886))
    members = frozenset((Address("192.0.2.8", 2886),))
    with pytest.raises(Refused, match=r"the known members are: 192\.0\.2\.8:2886"):
        client.run("RETRY", foreign_agents=ForeignAgents(members=members))
    assert client.requests == []


@pytest.mark.parametrize(
    ("operator", "only"), [("RETRY", True), ("PASS", True), ("ROLLBACK", False), ("CANCEL", False)]
)
def test_what_runs_forward_must_be_the_only_dag_of_its_name(
    monkeypatch: pytest.MonkeyPatch, operator: str, only: bool
) -> None:
    asked: list[bool] = []

    def find(client: t.Any, *, dag_id: str | None, name: str | None, must_be_only: bool) -> Dag:
        asked.append(must_be_only)
        return Dag.from_api(api("SUCCEED/CANCEL"))

    monkeypatch.setattr(operating, "find_dag", find)
    with contextlib.suppress(Refused):
        FakeClient([]).run(operator)
    assert asked == [only]


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        ("Join to master", "the cluster of another master, which its agent has joined since"),
        ("Initialize cluster", "what another initialisation has built on the same servers"),
    ],
)
@pytest.mark.parametrize("operator", ["RETRY", "ROLLBACK", "PASS"])
def test_what_another_dag_owns_is_neither_retried_nor_rolled_back(
    monkeypatch: pytest.MonkeyPatch, operator: str, name: str, damaged: str
) -> None:
    owner = Dag.from_api({**api("SUCCEED/RUN"), "id": OTHER, "name": name})
    monkeypatch.setattr(operating, "find_owner", lambda client, dag: owner)
    client = FakeClient([api("FAILED/RUN")], [None])
    if operator == "PASS":
        client.run(operator, wait=False)
        assert client.requests == ["GET", "PASS"]
        return
    with pytest.raises(Refused, match=f"would damage {damaged}, DAG {OTHER}") as caught:
        client.run(operator)
    assert (caught.value.result["allowed_operators"], client.requests) == (["PASS"], ["GET"])


def test_what_blocks_a_rollback_again_and_again_is_waited_for_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent then refuses the rollback, or not."""
    blocker = Dag.from_api({**api("SUCCEED/ROLLBACK", AGAIN), "id": OTHER})

    class Client(FakeClient):
        def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
            return blocker if dag_id == OTHER else super().get_dag(dag_id, details=details)

    asked: list[str] = []

    def find(client: t.Any, dag: Dag) -> list[Dag]:
        asked.append(dag.id)
        return [blocker]

    monkeypatch.setattr(operating, "find_blockers", find)
    client = Client([api("FAILED/CANCEL")], [None])
    client.run("ROLLBACK", wait=False)
    assert (asked, client.posted) == ([ID] * operating.MAX_WAITS, 1)


def test_the_operators_of_what_needs_none_are_judged_by_all_that_is_known() -> None:
    """PASS of this kind frees a lock, so it is refused unless other DAGs are known."""
    client = FakeClient([{**make_dag("Drop tenant", "Drop tenant").raw, "id": ID}])
    result = client.run("CANCEL")
    assert (result["changed"], result["operators"]["PASS"]["accept"]) == (False, ["half_done"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ""),
        ({"check": True}, "RETRY would be sent"),
        ({"wait": False}, "RETRY was sent; this task did not wait for the end"),
    ],
)
def test_consent_that_was_not_needed_is_named_in_the_message(options: dict[str, t.Any], words: str) -> None:
    client = FakeClient([api("FAILED/RUN"), api("SUCCEED/RUN", AGAIN)], [None])
    message = client.run("RETRY", accept=frozenset(("half_done",)), **options)["msg"]
    assert message.startswith(f"DAG {ID} (Upgrade check OB 4.3.5.4-1)")
    assert message.endswith(f"{words}; accept was not needed for half_done")
