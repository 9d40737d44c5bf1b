# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client can know after each fault."""

from __future__ import annotations

import typing as t

from . import faults
from .proxy import Fault, RefuseConnections

Post = t.Literal["not_applied", "not_applied_unknown", "applied", "applied_unknown", "refused", "deleted"]
"""What becomes of a POST. With "unknown", the client cannot know. "refused" comes with an error of the agent."""
Read = t.Literal["fails", "recovers", "deleted"]
"""What becomes of a read. With "recovers", the client can repeat it."""


class FaultCase(t.NamedTuple):
    """A fault, and what becomes of the POST or of the read that it disturbs. "deleted" is about the DAG."""

    fault: Fault | RefuseConnections
    post: Post
    read: Read = "fails"


NOT_APPLIED_UNKNOWN = (
    faults.reset_before,
    faults.silent_before,
    faults.error_500,
    faults.html_200,
    faults.empty_204,
    faults.nested_json,
    faults.wrong_types_in_json,
    faults.drip_head,
    faults.answer_about_another_dag,
    faults.redirect,
    faults.redirect_enveloped,
    faults.tls_alert,
    faults.busy_503,
    faults.agent_restarted,
)
APPLIED_UNKNOWN = (
    faults.reset_after,
    faults.silent_after,
    faults.error_502_after,
    faults.error_502_enveloped_after,
    faults.html_200_after,
    faults.cut_after,
    faults.cut_json_after,
    faults.oversized_after,
    faults.drip_body_after,
    faults.busy_503_enveloped_after,
    faults.agent_restarted_after,
)
FAULTS: dict[str, FaultCase] = {
    "refuse_connections": FaultCase(RefuseConnections(), "not_applied"),
    **{fault.__name__: FaultCase(fault, "not_applied_unknown") for fault in NOT_APPLIED_UNKNOWN},
    **{fault.__name__: FaultCase(fault, "applied_unknown") for fault in APPLIED_UNKNOWN},
    "busy_429": FaultCase(faults.busy_429, "not_applied"),
    "error_500_enveloped": FaultCase(faults.error_500_enveloped, "refused"),
    "key_changed": FaultCase(faults.key_changed, "applied", "recovers"),
    "clock_a_day_ahead": FaultCase(faults.clock_a_day_ahead, "applied", "recovers"),
    "clock_a_day_behind": FaultCase(faults.clock_a_day_behind, "applied", "recovers"),
    "dag_deleted": FaultCase(faults.dag_deleted, "deleted", "deleted"),
}


def fault_of_request(name: str) -> Fault:
    """The fault of a name, which is not the refusal of connections."""
    fault = FAULTS[name].fault
    assert not isinstance(fault, RefuseConnections)
    return fault
