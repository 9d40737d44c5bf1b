# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that a test gives an agent."""

from __future__ import annotations

from dataclasses import dataclass

DATABASE_AVAILABLE = 3


@dataclass(frozen=True)
class Tls:
    """The PEM files with which an agent serves TLS. With `client_ca` clients need a certificate (from 4.4.2)."""

    certificate: str
    key: str
    client_ca: str | None = None


@dataclass(frozen=True)
class AgentSpec:
    """The settings of an agent. Each agent begins as a SINGLE one, and one of seekdb as a CLUSTER AGENT."""

    version: str = "4.5.0.0"
    seekdb: bool = False
    """An agent of seekdb, whose database runs; no other agent belongs to it."""
    port: int = 0
    """0 takes any free port."""
    listen: tuple[str, ...] = ("127.0.0.1",)
    ip: str = "127.0.0.1"
    """The IP address in IDs and answers."""
    advertised_port: int = 0
    """The port in IDs and answers. 0 takes the port at which the agent listens."""
    socket: str = ""
    home: str = "/home/admin/oceanbase"
    data_dir: str = "/data/obdemo/store"
    redo_dir: str = "/data/obdemo/redo"
    observer_version: str = "4.3.5.2-102020032025070817"
    """An empty one means that no observer is installed: it cannot be started, and /info of 4.2.5.0 answers 500."""
    sql_port: int = 2881
    """The SQL port of the database until an option of the observer sets another."""
    database_state: int = DATABASE_AVAILABLE
    """`obState` once the cluster is initialised and while the observer runs. 2 means a restricted connection."""
    agent_password: str = ""
    root_password: str = ""
    clock_offset: float = 0.0
    """By how many seconds the clock of the agent is ahead."""
    response_delay: float = 0.0
    """How many seconds an answer takes."""
    tls: Tls | None = None
    new_server: bool = False
    """The presets leave it SINGLE, for a scale out."""
