# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of an operation survives a checkpoint."""

from __future__ import annotations

import json
import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.decision import SentOperator
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import (
    UNKNOWN,
    Operation,
    OperationRequest,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import Waiter

DAG = Dag.from_api(
    {
        "id": "22130706433028864",
        "name": "Initialize cluster",
        "state": "FAILED",
        "operator": "RUN",
        "start_time": "2026-11-24T05:59:39Z",
        "stage": 1,
        "max_stage": 1,
        "nodes": [{"id": "221", "name": "Start observer", "state": "FAILED", "operator": "RUN", "sub_tasks": []}],
    }
)
FIELDS: list[dict[str, t.Any]] = [
    {},
    {"awaiting_end": True},
    {"applied": True, "changed": True},
    {"applied": UNKNOWN, "may_be_ours": True},
    {"changed_others": True},
    {"unblocked": ["DAG 22130706433028864"]},
    {"before": {"state": "RUNNING"}},
    {"sent": SentOperator.to(DAG, "ROLLBACK")},
    {"sent": SentOperator.to(DAG, "PASS", DAG.nodes[0])},
]
NAMES = ("awaiting_end", "applied", "may_be_ours", "changed", "changed_others", "unblocked", "before", "sent")


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: ", ".join(fields) or "nothing")
def test_all_fields_come_to_the_next_slice(fields: dict[str, t.Any]) -> None:
    client: t.Any = mock.Mock()
    request, waiter = OperationRequest("ROLLBACK", id=DAG.id), Waiter.start(timeout=60, interval=10)
    first = Operation(client, request, waiter, DAG)
    for name, value in fields.items():
        assert getattr(first, name) != value
        setattr(first, name, value)
    checkpoint = json.loads(json.dumps(first.checkpoint()))
    second = Operation.resume(client, request, waiter, checkpoint)
    assert {name: getattr(second, name) for name in NAMES} == {name: getattr(first, name) for name in NAMES}
