# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PASS of one node: at most one POST that can be accepted, and the end of its DAG."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, Node
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    Ended,
    ObshellError,
    OutcomeUnknown,
    Refused,
)

from .test_operate import AGAIN, LOST, NOT_SENT, FakeClient, api, fixture_clock, in_slices

__all__ = ["fixture_clock"]
NODE, NODE_ID = "Check all required packages", "22130706433028862"
NEVER = "1970-01-01T00:00:00Z"
REFUSED = AgentError("POST", status=400, error={"errCode": "Task.Node.Operator.PassNotFailedNode"}, trace_id="b")
LOCKED = AgentError("POST", status=500, error={"errCode": "OB.Cluster.UnderMaintenance"}, trace_id="b")


def at(end: str, node: str, start_time: str = AGAIN) -> dict[str, t.Any]:
    """A DAG of which the last node is in a state."""
    raw = api(end, start_time)
    for index, one in enumerate(raw["nodes"]):
        one["id"] = f"2213070643302886{index}"
    state, operator = node.split("/")
    raw["nodes"][-1].update(state=state, operator=operator)
    return raw


FAILED = at("FAILED/RUN", "FAILED/RUN", "2026-11-24T05:59:39Z")
READY = at("READY/RUN", "SUCCEED/PASS", NEVER)
RUNNING = at("RUNNING/RUN", "SUCCEED/PASS")
DONE = at("SUCCEED/RUN", "SUCCEED/PASS")


class NodeClient(FakeClient):
    """A client that passes nodes, too."""

    def pass_node(self, dag: Dag, node: Node) -> None:
        self.operate_dag(dag.id, f"PASS {node.id}")

    def skip(self, node: str = NODE, **options: t.Any) -> dict[str, t.Any]:
        return self.run("PASS", node=node, **{"accept": frozenset({"half_done"}), **options})


@pytest.mark.parametrize("node", [NODE, NODE_ID])
def test_a_node_is_passed_once_and_the_end_of_its_dag_is_waited_for(node: str) -> None:
    client = NodeClient([FAILED, READY, RUNNING, DONE], [None])
    result = client.skip(node)
    assert [request for request in client.requests if request != "GET"] == [f"PASS {NODE_ID}"]
    assert (result["changed"], result["applied"], result["operator"]) == (True, True, "PASS")
    assert (result["dag"]["state"], result["dag"]["operator"]) == ("SUCCEED", "RUN")


@pytest.mark.parametrize("dag", [DONE, at("SUCCEED/RUN", "SUCCEED/RUN"), at("SUCCEED/PASS", "SUCCEED/PASS")])
def test_what_is_already_so_is_unchanged_after_one_read(dag: dict[str, t.Any]) -> None:
    client = NodeClient([dag])
    assert (client.skip()["changed"], client.requests) == (False, ["GET"])


def test_a_dag_that_runs_after_its_node_was_passed_is_waited_for() -> None:
    client = NodeClient([RUNNING, RUNNING, DONE])
    assert (client.skip()["changed"], client.posted) == (False, 0)


def test_without_consent_nothing_is_sent() -> None:
    client = NodeClient([FAILED])
    with pytest.raises(Refused, match=f'PASS of the node "{NODE}" is refused: .*half_done') as caught:
        client.skip(accept=frozenset())
    assert caught.value.result["missing_accept"] == ["half_done"]
    assert client.requests == ["GET"]


def test_consent_that_is_not_needed_is_named() -> None:
    client = NodeClient([FAILED, DONE], [None])
    assert "accept was not needed for tenant_drop" in client.skip(accept=frozenset({"half_done", "tenant_drop"}))["msg"]


def test_check_mode_predicts_and_sends_nothing() -> None:
    client = NodeClient([FAILED])
    result = client.skip(check=True)
    assert (result["changed"], result["applied"], client.requests) == (True, False, ["GET"])
    assert (result["diff"]["after"]["state"], result["diff"]["after"]["operator"]) == ("SUCCEED", "RUN")
    assert f'PASS of the node "{NODE}" would be sent' in result["msg"]


def test_an_older_agent_is_not_asked() -> None:
    older = {name: value for name, value in FAILED.items() if name != "maintenance_type"}
    client = NodeClient([older])
    with pytest.raises(Refused, match=r"4\.3\.2"):
        client.skip()
    assert client.posted == 0


def test_a_dag_that_fails_again_at_a_later_node_is_a_failure_and_stays_one() -> None:
    later = at("FAILED/RUN", "FAILED/RUN")
    later["nodes"][1].update(state="SUCCEED", operator="PASS")
    before = at("FAILED/RUN", "PENDING/RUN", "2026-11-24T05:59:39Z")
    before["nodes"][1].update(state="FAILED")
    client = NodeClient([before, later], [None])
    with pytest.raises(Ended, match=r'After PASS of the node "Download all required packages", DAG .* is FAILED'):
        client.skip("Download all required packages")
    again = NodeClient([later])
    with pytest.raises(Refused, match="already passed, and then the DAG failed"):
        again.skip("Download all required packages")
    assert (client.posted, again.posted) == (1, 0)


@pytest.mark.parametrize("error", [LOST, LOCKED], ids=["reset", "500"])
def test_a_lost_answer_of_what_then_moved_is_not_sent_again(error: ObshellError) -> None:
    client = NodeClient([FAILED, READY, DONE], [error])
    result = client.skip()
    assert (result["changed"], result["applied"], client.posted) == (True, "unknown", 1)


@pytest.mark.parametrize("error", [LOST, NOT_SENT], ids=["reset", "refused"])
def test_a_lost_answer_of_what_did_not_move_is_sent_once_more(error: ObshellError) -> None:
    client = NodeClient([FAILED, LOST, FAILED, DONE], [error, None])
    assert (client.skip()["applied"], client.posted) == (True, 2)


def test_lost_twice_and_not_moved_is_unknown() -> None:
    client = NodeClient([FAILED], [LOST, LOST])
    with pytest.raises(OutcomeUnknown):
        client.skip()
    assert client.posted == 2


def test_a_lost_answer_behind_a_retry_of_another_client_is_unknown() -> None:
    client = NodeClient([FAILED, at("READY/RUN", "PENDING/RETRY", NEVER)], [LOST])
    with pytest.raises(OutcomeUnknown):
        client.skip()
    assert client.posted == 1


def test_a_refusal_because_another_client_was_quicker_is_no_failure() -> None:
    client = NodeClient([FAILED, DONE], [REFUSED])
    assert (client.skip()["changed"], client.posted) == (False, 1)


def test_a_refusal_of_the_node_leaves_what_the_dag_allows() -> None:
    client = NodeClient([FAILED], [REFUSED])
    with pytest.raises(Refused, match="traceId b") as caught:
        client.skip()
    assert caught.value.result["allowed_operators"] == ["ROLLBACK", "RETRY", "PASS"]


def test_a_running_dag_is_refused_or_waited_for() -> None:
    running = at("RUNNING/RUN", "RUNNING/RUN")
    with pytest.raises(Refused, match="it is running"):
        NodeClient([running]).skip()
    client = NodeClient([running, running, FAILED, FAILED, DONE], [None])
    assert (client.skip(settle=True)["applied"], client.posted) == (True, 1)


def test_time_slices_end_as_one_run_does() -> None:
    running = at("RUNNING/RUN", "RUNNING/RUN")
    reads = [*[running] * 20, FAILED, FAILED, *[READY] * 20, *[RUNNING] * 20, DONE]
    client = NodeClient(reads, [None])
    reported, result = in_slices(client, "PASS", node=NODE, settle=True, accept=frozenset({"half_done"}))
    assert len(reported) > 2 and (result["applied"], client.posted) == (True, 1)
