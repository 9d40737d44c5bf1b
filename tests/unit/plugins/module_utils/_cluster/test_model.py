# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the values of a cluster show of themselves."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    DesiredCluster,
    Member,
    ObservedCluster,
    Server,
)

SERVER = Server("db1", 2886, "zone1", agent_password="Hidden-1")


@pytest.mark.parametrize(
    "value",
    [SERVER, Member(SERVER), ObservedCluster((Member(SERVER),)), DesiredCluster("initialized", "obdemo", 1, (SERVER,))],
    ids=lambda value: type(value).__name__,
)
def test_no_text_of_a_server_contains_its_agent_password(value: object) -> None:
    assert "db1" in repr(value)
    assert "Hidden-1" not in f"{value!r} {value}"
