# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: what goes wrong between a client and an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..core.errors import ApiError
from .request import Reply

if TYPE_CHECKING:
    from .agent import Agent

ERRORS = {
    "unauthorized": (ApiError("wrong_root_password"), "10008"),
    "too_many_open_files": (ApiError("too_many_open_files"), "1010"),
}


@dataclass
class Fault:
    """Disturbs the next `times` requests with this method and this part of the path. An empty one means any.

    lose_answer: the agent serves the request, then resets the connection instead of answering.
    reset: the agent resets the connection without serving the request.
    bad_gateway: a proxy answers 502 without an envelope, and the agent does not see the request.
    unauthorized: the agent answers 401, as for a wrong password.
    too_many_open_files: the agent answers 500, as while it is out of file descriptors.
    """

    kind: Literal["lose_answer", "reset", "bad_gateway", "unauthorized", "too_many_open_files"]
    method: str = ""
    path: str = ""
    times: int = 1

    @property
    def resets(self) -> bool:
        return self.kind in ("reset", "lose_answer")


def next_fault(agent: Agent, method: str, uri: str) -> Fault | None:
    """The first fault that disturbs this request. It counts the request."""
    for fault in agent.faults:
        if fault.times > 0 and fault.method in ("", method) and fault.path in uri:
            fault.times -= 1
            return fault
    return None


def reply_of(fault: Fault, agent: Agent) -> Reply | None:
    """The reply instead of the agent's. None if the agent serves the request all the same."""
    if fault.kind == "lose_answer":
        return None
    if fault.kind in ERRORS:
        error, code = ERRORS[fault.kind]
        status = error.text(agent.version).status
        envelope = {"successful": False, "status": status, "traceId": "", "error": error.as_dict(agent.version)}
        return Reply(status, envelope, error=code)
    return Reply(502 if fault.kind == "bad_gateway" else 0)
