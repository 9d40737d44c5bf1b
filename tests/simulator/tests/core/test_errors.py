# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each range of versions answers an error."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator.core.errors import ApiError
from ansible_collections.oceanbase.obshell.tests.simulator.core.version import Version

LOCKED = "Unexpected error: failed to "
DECRYPT = "Security.Authentication.Header.DecryptFailed"


@pytest.mark.parametrize(
    ("version", "reason", "status", "error"),
    [
        ("4.2.5.9", "header_expired", 401, {"code": 10008, "message": "Verification failed"}),
        ("4.2.6.0", "header_expired", 401, {"code": 10008, "message": "Verification failed: auth expired"}),
        ("4.3.1.0", "header_expired", 401, {"code": 10008, "message": "Verification failed: auth expired"}),
        ("4.3.1.0", "rollback_not_failed", 500, {"code": 1010}),
        ("4.3.2.0", "rollback_not_failed", 400, {"errCode": "Task.Dag.Operator.RollbackNotFailedDag"}),
        ("4.3.2.0", "decrypt_failed", 401, {"errCode": DECRYPT}),
        ("4.4.1.0", "decrypt_failed", 401, {"errCode": DECRYPT}),
        ("4.4.2.0", "decrypt_failed", 401, {"code": 1, "errCode": DECRYPT}),
        ("4.2.6.0", "under_maintenance", 500, {"message": f"{LOCKED}set status to 2: agent status is not 1"}),
        ("4.3.0.0", "under_maintenance", 500, {"message": f"{LOCKED}start maintenance: agent is under maintenance"}),
        ("4.3.2.0", "under_maintenance", 500, {"errCode": "Agent.UnderMaintenance"}),
    ],
)
def test_an_error(version: str, reason: str, status: int, error: dict[str, Any]) -> None:
    found = ApiError(reason, "Initialize cluster", "10.0.0.1:2886")
    answered = found.as_dict(Version(version))
    assert found.text(Version(version)).status == status
    assert {name: answered[name] for name in error} == error
    assert ("code" in answered) == ("code" in error or version < "4.3.2")
