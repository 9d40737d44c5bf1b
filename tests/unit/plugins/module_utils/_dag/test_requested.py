# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PASS of one node means for each state of its DAG and of the node."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import DONE, POST, REFUSE, WAIT
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.requested import Requested

from .kind_dags import context_of

FIRST, NODE, LAST = "Create tenant", "Set tenant parameter", "Modify tenant whitelist"
NONE, START, LATER = "1970-01-01T00:00:00Z", "2026-11-29T00:25:29Z", "2026-11-29T00:25:33Z"
PASS = Requested("PASS", NODE)


def dag(state: str, *nodes: str, start_time: str = START, **raw: t.Any) -> Dag:
    """A DAG of three nodes; each state is "state/operator"."""
    names = (FIRST, NODE, LAST)
    parts = [(name, *node.split("/")) for name, node in zip(names, nodes)]
    return Dag.from_api(
        {
            "id": "13",
            "dag_id": 3,
            "name": "Create tenant t3",
            **dict(zip(("state", "operator"), state.split("/"))),
            "start_time": start_time,
            "end_time": LATER,
            "stage": 2,
            "max_stage": 3,
            "maintenance_type": 3,
            "maintenance_key": "t3",
            "additional_data": {},
            "nodes": [
                {"id": f"1{17 + index}", "name": name, "state": of_node, "operator": operator, "sub_tasks": []}
                for index, (name, of_node, operator) in enumerate(parts)
            ],
            **raw,
        }
    )


DONE_NODE, FAILED, PASSED, WAITS = "SUCCEED/RUN", "FAILED/RUN", "SUCCEED/PASS", "PENDING/RUN"
AT_NODE = (DONE_NODE, FAILED, WAITS)
AFTER = (DONE_NODE, PASSED, WAITS)
CASES = [
    ("FAILED/RUN", AT_NODE, POST, False),
    ("FAILED/CANCEL", AT_NODE, POST, False),
    ("FAILED/RUN", (DONE_NODE, "FAILED/RETRY", WAITS), POST, False),
    # Another node failed: before this one, or after it was passed.
    ("FAILED/RUN", (FAILED, WAITS, WAITS), REFUSE, False),
    ("FAILED/RUN", (DONE_NODE, PASSED, FAILED), REFUSE, False),
    ("FAILED/RUN", (DONE_NODE, DONE_NODE, FAILED), REFUSE, False),
    # Half rolled back: the DAG would run forward over what was undone.
    ("FAILED/ROLLBACK", (DONE_NODE, FAILED, WAITS), REFUSE, False),
    ("FAILED/RUN", ("PENDING/ROLLBACK", FAILED, WAITS), REFUSE, False),
    ("FAILED/SKIP", AT_NODE, REFUSE, False),
    ("READY/RUN", AFTER, WAIT, False),
    ("RUNNING/RUN", (DONE_NODE, PASSED, "RUNNING/RUN"), WAIT, False),
    ("RUNNING/RUN", (DONE_NODE, "RUNNING/RETRY", WAITS), REFUSE, True),
    ("READY/ROLLBACK", ("PENDING/ROLLBACK", "PENDING/ROLLBACK", WAITS), REFUSE, False),
    ("RUNNING/CANCEL", AFTER, REFUSE, True),
    ("RUNNING/RUN", (), REFUSE, True),
    ("SUCCEED/RUN", (DONE_NODE, PASSED, DONE_NODE), DONE, False),
    ("SUCCEED/RUN", (DONE_NODE, DONE_NODE, DONE_NODE), DONE, False),
    ("SUCCEED/PASS", (DONE_NODE, PASSED, PASSED), DONE, False),
    ("SUCCEED/ROLLBACK", ("SUCCEED/ROLLBACK", "SUCCEED/ROLLBACK", WAITS), REFUSE, False),
    ("SUCCEED/CANCEL", (DONE_NODE, "SUCCEED/ROLLBACK", DONE_NODE), REFUSE, False),
]


@pytest.mark.parametrize(("state", "nodes", "action", "may_change"), CASES)
def test_each_state(state: str, nodes: tuple[str, ...], action: str, may_change: bool) -> None:
    decision = PASS.decide(dag(state, *nodes))
    assert (decision.action, decision.may_change) == (action, may_change), decision.reason


def test_a_node_that_is_not_the_failed_one_is_refused_by_its_name_and_that_of_the_failed_one() -> None:
    reason = PASS.decide(dag("FAILED/RUN", DONE_NODE, PASSED, FAILED)).reason
    assert "already passed" in reason and f'"{NODE}"' in reason and f'"{LAST}"' in reason


@pytest.mark.parametrize("wanted", [NODE, "118"])
def test_a_node_is_named_by_its_name_or_its_id(wanted: str) -> None:
    failed = dag("FAILED/RUN", *AT_NODE)
    requested = Requested("PASS", wanted)
    node = requested.node_of(failed)
    assert requested.decide(failed).action == POST and node and node.id == "118"


@pytest.mark.parametrize("state", ["FAILED/RUN", "SUCCEED/RUN", "RUNNING/RUN"])
@pytest.mark.parametrize("wanted", ["Set root password", "13", ""])
def test_a_node_that_the_dag_does_not_have_is_refused_with_those_that_it_has(state: str, wanted: str) -> None:
    decision = Requested("PASS", wanted).decide(dag(state, *AT_NODE))
    assert decision.action == REFUSE and NODE in decision.reason


def test_of_several_nodes_with_a_name_one_must_be_named_by_its_id() -> None:
    raw = dag("FAILED/RUN", *AT_NODE).raw
    raw["nodes"][2]["name"] = NODE
    twice = Dag.from_api(raw)
    decision = PASS.decide(twice)
    assert decision.action == REFUSE and "118 (FAILED), 119 (PENDING)" in decision.reason
    assert Requested("PASS", "118").decide(twice).action == POST
    assert Requested("PASS", "119").decide(twice).action == REFUSE


def test_only_agents_that_have_the_route_are_asked() -> None:
    failed = dag("FAILED/RUN", *AT_NODE)
    assert PASS.judge(failed, context_of(failed)).accept == ("half_done",)
    del failed.raw["maintenance_type"]
    verdict = PASS.judge(failed, context_of(failed))
    assert verdict.verdict == "refused" and "4.3.2" in verdict.reason


def test_what_the_state_forbids_is_not_judged_further() -> None:
    running = dag("RUNNING/RUN", *AFTER)
    assert PASS.judge(running, context_of(running)).verdict == "refused"


@pytest.mark.parametrize(
    ("state", "nodes", "reached"),
    [
        ("SUCCEED/RUN", (DONE_NODE, PASSED, DONE_NODE), True),
        ("SUCCEED/RUN", (DONE_NODE, DONE_NODE, DONE_NODE), False),
        ("SUCCEED/PASS", (DONE_NODE, PASSED, PASSED), False),
        ("FAILED/RUN", (DONE_NODE, PASSED, FAILED), False),
        ("RUNNING/RUN", (DONE_NODE, PASSED, WAITS), False),
    ],
)
def test_only_the_end_of_the_dag_after_the_passed_node_counts(
    state: str, nodes: tuple[str, ...], reached: bool
) -> None:
    assert PASS.reached_end(dag(state, *nodes)) is reached


# As recorded: the agent marks the node, and sets the DAG to READY/RUN without a start time.
@pytest.mark.parametrize(
    ("state", "nodes", "start_time", "meaning"),
    [
        ("FAILED/RUN", AT_NODE, START, "not"),
        ("READY/RUN", AFTER, NONE, "applied"),
        ("FAILED/RUN", (DONE_NODE, PASSED, FAILED), LATER, "applied"),
        ("SUCCEED/PASS", (DONE_NODE, PASSED, PASSED), START, "applied"),
        ("READY/RUN", (DONE_NODE, "PENDING/RETRY", WAITS), NONE, "superseded"),
        ("FAILED/RUN", (DONE_NODE, "FAILED/RETRY", WAITS), LATER, "superseded"),
        ("READY/ROLLBACK", ("PENDING/ROLLBACK", "PENDING/ROLLBACK", WAITS), NONE, "superseded"),
    ],
)
def test_what_a_later_read_says_of_a_node_that_was_sent(
    state: str, nodes: tuple[str, ...], start_time: str, meaning: str
) -> None:
    sent, later = PASS.send_to(dag("FAILED/RUN", *AT_NODE)), dag(state, *nodes, start_time=start_time)
    assert sent.took_effect(later) == (meaning == "applied")
    if meaning != "applied":
        assert sent.superseded(later) == (meaning == "superseded")
