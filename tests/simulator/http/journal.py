# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: all requests that the agents received, in order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from .request import Auth


@dataclass(frozen=True)
class JournalEntry:
    """One request. `applied` tells whether it changed anything on the agents."""

    agent: str
    method: str
    uri: str
    auth: Auth
    body: Any
    status: int
    error: str
    applied: bool
    forwarded_to: str = ""
    """The agent to which the request was forwarded."""
    fault: str = ""
    storm: bool = False
    """Whether the request started a storm of requests among the agents."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Journal:
    """It can be read while the agents serve.

    Each of the `watchers` is called with each entry and the envelope that the client is about to receive, or None if
    the client does not receive one. It is called in the thread of the simulator.
    """

    def __init__(self) -> None:
        self.watchers: list[Callable[[JournalEntry, Any], None]] = []
        self._lock = threading.Lock()
        self._entries: list[JournalEntry] = []

    def append(self, entry: JournalEntry, envelope: Any = None) -> None:
        with self._lock:
            self._entries.append(entry)
        for watcher in self.watchers:
            watcher(entry, envelope)

    @property
    def entries(self) -> list[JournalEntry]:
        with self._lock:
            return list(self._entries)

    def find(self, *, method: str = "", path_contains: str = "") -> list[JournalEntry]:
        entries = self.entries
        return [entry for entry in entries if method in ("", entry.method) and path_contains in entry.uri]

    def posts(self, *, path_contains: str = "") -> list[JournalEntry]:
        return self.find(method="POST", path_contains=path_contains)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
