# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a later look tells of an operator that was sent, case by case."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import SentOperator
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag

# Start times: none yet, the first attempt's, and a later one's.
NONE, FIRST, LATER = "1970-01-01T00:00:00Z", "2026-11-24T05:59:39Z", "2026-11-24T06:00:00Z"
Look = tuple[str, str, str]


def dag(look: Look) -> Dag:
    """`look` is state/operator, start time, and the operator that its one node shows."""
    end, start_time, node_operator = look
    state, operator = end.split("/")
    return Dag.from_api(
        {
            "id": "22130706433028864",
            "name": "Initialize cluster",
            "state": state,
            "operator": operator,
            "start_time": start_time,
            "stage": 1,
            "max_stage": 1,
            "nodes": [{"name": "Start observer", "state": state, "operator": node_operator}],
        }
    )


FAILED: Look = ("FAILED/RUN", FIRST, "RUN")
UNDONE: Look = ("FAILED/ROLLBACK", FIRST, "ROLLBACK")
RUNNING: Look = ("RUNNING/RUN", FIRST, "RUN")
READY: Look = ("READY/RUN", NONE, "RUN")
RETRIED: Look = ("READY/RUN", NONE, "RETRY")
# An operator, the DAG before it, what is seen later, and what that tells: "applied"; "superseded" if another operator
# hides whether it was; "not" if it was not applied.
CASES: list[tuple[str, Look, Look, str]] = [
    ("ROLLBACK", FAILED, FAILED, "not"),
    ("ROLLBACK", FAILED, ("READY/ROLLBACK", NONE, "ROLLBACK"), "applied"),
    ("ROLLBACK", FAILED, ("SUCCEED/ROLLBACK", LATER, "ROLLBACK"), "applied"),
    ("ROLLBACK", FAILED, ("READY/RUN", NONE, "RETRY"), "superseded"),
    ("ROLLBACK", FAILED, ("FAILED/RUN", LATER, "RETRY"), "superseded"),
    ("ROLLBACK", FAILED, ("SUCCEED/PASS", FIRST, "PASS"), "superseded"),
    ("ROLLBACK", UNDONE, UNDONE, "not"),
    ("ROLLBACK", UNDONE, ("READY/ROLLBACK", NONE, "ROLLBACK"), "applied"),
    ("ROLLBACK", UNDONE, ("FAILED/ROLLBACK", LATER, "ROLLBACK"), "applied"),
    ("RETRY", FAILED, FAILED, "not"),
    ("RETRY", FAILED, RETRIED, "applied"),
    ("RETRY", FAILED, ("FAILED/RUN", LATER, "RETRY"), "applied"),
    ("RETRY", FAILED, ("READY/ROLLBACK", NONE, "ROLLBACK"), "superseded"),
    # Nothing comes after PASS.
    ("PASS", FAILED, FAILED, "not"),
    ("PASS", FAILED, ("SUCCEED/PASS", FIRST, "PASS"), "applied"),
    ("PASS", FAILED, RETRIED, "not"),
    ("PASS", FAILED, ("FAILED/RUN", LATER, "RETRY"), "not"),
    ("PASS", FAILED, ("SUCCEED/ROLLBACK", LATER, "ROLLBACK"), "not"),
    # A running DAG moves by itself, and one that is ready begins.
    ("CANCEL", RUNNING, RUNNING, "not"),
    ("CANCEL", RUNNING, ("SUCCEED/RUN", FIRST, "RUN"), "not"),
    ("CANCEL", RUNNING, ("FAILED/RUN", FIRST, "RUN"), "not"),
    ("CANCEL", RUNNING, ("READY/CANCEL", NONE, "RUN"), "applied"),
    ("CANCEL", RUNNING, ("FAILED/CANCEL", LATER, "CANCEL"), "applied"),
    ("CANCEL", RUNNING, ("RUNNING/RUN", LATER, "RETRY"), "superseded"),
    ("CANCEL", RUNNING, RETRIED, "superseded"),
    ("CANCEL", ("RUNNING/RUN", FIRST, "RETRY"), ("RUNNING/RUN", LATER, "RETRY"), "superseded"),
    ("CANCEL", RUNNING, ("READY/ROLLBACK", NONE, "ROLLBACK"), "superseded"),
    ("CANCEL", READY, ("RUNNING/RUN", FIRST, "RUN"), "not"),
    ("CANCEL", READY, ("FAILED/RUN", FIRST, "RUN"), "not"),
    ("CANCEL", READY, ("RUNNING/RUN", LATER, "RETRY"), "superseded"),
    ("CANCEL", RETRIED, ("RUNNING/RUN", LATER, "RETRY"), "not"),
    ("CANCEL", RUNNING, ("SUCCEED/PASS", FIRST, "PASS"), "superseded"),
]


@pytest.mark.parametrize(("operator", "before", "after", "told"), CASES)
def test_what_it_tells(operator: str, before: Look, after: Look, told: str) -> None:
    sent, later = SentOperator.to(dag(before), operator), dag(after)
    assert sent.unchanged(later) == (before[:2] == after[:2])
    assert sent.took_effect(later) == (told == "applied")
    if told != "applied":
        assert sent.superseded(later) == (told == "superseded")
