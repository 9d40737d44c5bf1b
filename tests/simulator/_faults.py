# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong between a client and an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ._agent import Agent


@dataclass
class Fault:
    """Befalls the next `times` requests of that method and with that part of the path; "" is any.

    lose_answer: the request is served, and the connection is reset instead of the answer.
    reset: the connection is reset before the request is served.
    bad_gateway: a proxy's 502 without an envelope, the request not served.
    unauthorized: the 401 of a wrong password.
    """

    kind: Literal["lose_answer", "reset", "bad_gateway", "unauthorized"]
    method: str = ""
    path: str = ""
    times: int = 1


def next_fault(agent: Agent, method: str, uri: str) -> Fault | None:
    """The fault that befalls this request, counted as used."""
    for fault in agent.faults:
        if fault.times > 0 and fault.method in ("", method) and fault.path in uri:
            fault.times -= 1
            return fault
    return None
