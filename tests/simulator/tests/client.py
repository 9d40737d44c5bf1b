# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that reads the list of unfinished DAGs, with a header."""

from __future__ import annotations

from typing import Any

from ansible_collections.oceanbase.obshell.tests.simulator import Agent
from ansible_collections.oceanbase.obshell.tests.simulator.replay.raw_client import Header, send

ROOT, AGENT = "X-OCS-Header", "X-OCS-Agent-Header"
UNFINISHED = "/api/v1/task/dag/unfinish?show_details=false"


def get(agent: Agent, password: str, *, header: str = ROOT, uri: str = UNFINISHED) -> tuple[int, Any]:
    """The status and the envelope."""
    return send(agent.host, agent.port, "GET", uri, header=Header(header, password))
