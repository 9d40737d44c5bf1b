# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent is given: by a test at its start, and by its users later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._agent import Agent


@dataclass(frozen=True)
class Tls:
    """PEM files of a TLS proxy before the agent; with `client_ca` it asks for a client certificate."""

    certificate: str
    key: str
    client_ca: str | None = None


@dataclass(frozen=True)
class AgentSpec:
    """An agent to be simulated; every agent begins as a SINGLE one."""

    version: str = "4.5.0.0"
    port: int = 0
    listen: tuple[str, ...] = ("127.0.0.1",)
    ip: str = "127.0.0.1"
    """The address in IDs and answers."""
    advertised_port: int = 0
    """The port in IDs and answers, where it is not the one it listens at."""
    socket: str = ""
    home: str = "/home/admin/oceanbase"
    data_dir: str = "/data/obdemo/store"
    redo_dir: str = "/data/obdemo/redo"
    observer_version: str = "4.3.5.2-102020032025070817"
    """Empty where no observer is installed: it cannot be started then, and 4.2's `info` answers 500."""
    agent_password: str = ""
    root_password: str = ""
    supported_auth: tuple[str, ...] = ("v2",)
    clock_offset: float = 0.0
    delay: float = 0.0
    tls: Tls | None = None


@dataclass
class Observer:
    """The database server of an agent."""

    mysql_port: int
    rpc_port: int
    data_dir: str
    redo_dir: str
    options: dict[str, str] = field(default_factory=dict)
    """All that was told of it, for all or for it alone."""
    workdir: bool = False
    running: bool = False


@dataclass
class Cluster:
    """What a master has been told."""

    name: str = ""
    number: int = 0
    password: str = ""
    followers: list[Agent] = field(default_factory=list)
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of its observers: by zone, by address, and "" for all."""
