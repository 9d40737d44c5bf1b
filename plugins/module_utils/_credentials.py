# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The passwords that a task was given, and which of them goes into which header. Pure."""

from __future__ import annotations

import typing as t

OCEANBASE, AGENT = "X-OCS-Header", "X-OCS-Agent-Header"


class Credentials(t.NamedTuple):
    """The passwords that may be used, of root@sys and of the agent; None where none was given."""

    password: str | None = None
    agent_password: str | None = None

    def choices(self, *, obproxy: bool) -> list[tuple[str, str]]:
        """List the (header, password) pairs worth trying, the likeliest first; a fresh agent takes an empty one."""
        if obproxy or (self.password is None and self.agent_password is not None):
            return [(AGENT, self.agent_password or "")]
        both = [(OCEANBASE, self.password or "")]
        return both if self.agent_password is None else [*both, (AGENT, self.agent_password)]

    def refused(self, *, obproxy: bool) -> str:
        """Say what a 401 means for a person."""
        if obproxy and self.agent_password is None:
            return "no agent_password was given, and tasks of an OBProxy take no other (or set OBSHELL_AGENT_PASSWORD)"
        if self.password is None and self.agent_password is None:
            return (
                "no password was given; give password or agent_password, or set OBSHELL_PASSWORD or "
                "OBSHELL_AGENT_PASSWORD in the environment"
            )
        return "the password was refused"
