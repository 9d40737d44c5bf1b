# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing to do to agents that are to be a cluster, and what one run has done of them. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ._cluster import Member
from ._dag import Dag

SETTLE, WAIT, RETRY, ROLLBACK = "settle", "wait", "retry", "rollback"
SET_PASSWORD, JOIN, CONFIGURE_ALL, CONFIGURE_SERVER = "set_password", "join", "configure_all", "configure_server"
CONFIGURE_CLUSTER, INIT, REMOVE = "configure_cluster", "init", "remove"


class Step(t.NamedTuple):
    """One thing to do, and about whom; `text` tells it to a person."""

    kind: str
    text: str
    member: Member | None = None
    dag: Dag | None = None

    @property
    def changes(self) -> bool:
        """Whether it sends a request that changes something."""
        return self.kind not in (SETTLE, WAIT)


@dataclasses.dataclass
class Done:
    """What one run has done that the agents cannot be asked for.

    `configured` holds the hosts (as their server is named, "" for all) whose observer options were told, `cluster` that
    the cluster's were. `joined` tells that an agent was joined, `init` that an initialisation was started, `followed`
    that one was started, waited for or operated.
    """

    configured: set[str] = dataclasses.field(default_factory=set)
    cluster: bool = False
    joined: bool = False
    init: bool = False
    followed: bool = False

    def remember(self, step: Step) -> None:
        """Take note of a step that was done."""
        if step.kind == CONFIGURE_ALL:
            self.configured.add("")
        elif step.kind == CONFIGURE_SERVER:
            self.configured.add(str(step.member))
        elif step.kind == CONFIGURE_CLUSTER:
            self.cluster = True
        elif step.kind == JOIN:
            self.joined = True
