# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a cluster: what its master knows, and the database server on each host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .generic_id import Address

if TYPE_CHECKING:
    from .agent import AgentModel


@dataclass
class Observer:
    """The database server on the host of an agent."""

    mysql_port: int
    rpc_port: int
    data_dir: str
    redo_dir: str
    options: dict[str, str] = field(default_factory=dict)
    """The options for all observers, for its zone and for itself, merged."""
    has_workdir: bool = False
    running: bool = False


@dataclass
class Cluster:
    """What a master knows about its cluster."""

    name: str = ""
    id: int = 0
    followers: list[AgentModel] = field(default_factory=list)
    observer_options: dict[str, dict[str, str]] = field(default_factory=dict)
    """The options of observers, by zone, by address, or, by "", for all."""
    lost_servers: set[Address] = field(default_factory=set)
    """The servers that the cluster still knows, although no agent answers for them."""
    tenants: dict[str, int] = field(default_factory=dict)
    """The IDs of the tenants by their names."""
    pools: set[str] = field(default_factory=set)
    """The names of the resource pools."""
