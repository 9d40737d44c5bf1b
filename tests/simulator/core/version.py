# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of the agent has which feature.

Each feature names the first version that has it, so a version between two recorded ones has the features up to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import overload

OLDEST, NEWEST = "4.2.2.0", "4.5.0.0"
"""What can be simulated: these two and all between them."""


def _parse_number(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))


class Feature:
    """Present from the version `since` on. As an attribute of a version it is True or False."""

    def __init__(self, *, since: str) -> None:
        self._since = _parse_number(since)

    def is_in(self, version: Version) -> bool:
        return _parse_number(version.name) >= self._since

    @overload
    def __get__(self, version: None, owner: type[Version]) -> Feature:
        """Of the class."""

    @overload
    def __get__(self, version: Version, owner: type[Version]) -> bool:
        """Of an instance."""

    def __get__(self, version: Version | None, owner: type[Version]) -> Feature | bool:
        return self if version is None else self.is_in(version)


@dataclass(frozen=True)
class Version:
    """One version of the agent, such as 4.5.0.0. It raises ValueError if it cannot be simulated."""

    name: str

    body_encryption = Feature(since="4.2.3.0")
    """Version 2 of the authentication, which encrypts bodies, too. Before, there is only version 1."""
    agent_password = Feature(since="4.2.6.0")
    """The agent password: its header, its route, and `security` in /info."""
    obproxy = Feature(since="4.2.6.0")
    """OBProxies: their routes, DAGs and IDs."""
    failed_dag_keeps_lock = Feature(since="4.2.6.0")
    """While a maintenance DAG is FAILED, the agent refuses to create another one."""
    running_dag_refuses_another = Feature(since="4.2.6.0")
    """While a maintenance DAG runs, the agent refuses to create another one. Before, its `setStatus` changes no row and
    reports no error."""
    info_without_observer = Feature(since="4.2.6.0")
    """/info answers 200 if no observer is installed. Before, it answers 500, with the same data."""
    null_data_of_refused_dag = Feature(since="4.2.6.0")
    """The refusal to create a configuration or initialisation DAG has `data: null` beside the error."""
    agents_in_integrate_log = Feature(since="4.2.6.0")
    """"Integrate config" logs all agents with their keys."""
    asks_others_for_dags = Feature(since="4.2.6.0")
    """Without a database, agents of a cluster ask each other for a DAG that none of them has: see storm.py."""
    dag_lists = Feature(since="4.3.0.0")
    """The routes that list all DAGs, and the one that returns the log lines of a sub-task."""
    architecture_in_info = Feature(since="4.3.0.0")
    error_codes = Feature(since="4.3.2.0")
    """Errors have an `errCode`, also in logs, a refused operator answers 400, and messages can be Chinese."""
    maintenance_type = Feature(since="4.3.2.0")
    """DAGs have `maintenance_type` and `maintenance_key`."""
    node_operator = Feature(since="4.3.2.0")
    """The route that passes one node of a DAG."""
    large_keys = Feature(since="4.4.2.0")
    """RSA keys have 1024 bits. Before, they have 512."""
    quoted_start_options = Feature(since="4.5.0.0")
    """The logged command that starts an observer has its values in quotes."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d+(\.\d+){3}", self.name):
            raise ValueError(f"agent version '{self.name}' must be four numbers, such as {NEWEST}")
        if not _parse_number(OLDEST) <= _parse_number(self.name) <= _parse_number(NEWEST):
            raise ValueError(f"agent version {self.name} cannot be simulated; use {OLDEST} to {NEWEST}")

    @property
    def release(self) -> str:
        return f"{self.name}-1"

    @property
    def supported_auth(self) -> tuple[str, ...]:
        return ("v2",) if self.body_encryption else ("v1",)

    @property
    def key_bits(self) -> int:
        return 1024 if self.large_keys else 512
