# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request an agent has received, in order, to be read by tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Auth = Literal["none", "oceanbase", "agent", "v1", "socket"]


@dataclass(frozen=True)
class Entry:
    """One request; `applied` tells whether it changed the agent, `forwarded_to` who was sent it on."""

    agent: str
    method: str
    uri: str
    auth: Auth
    body: Any
    status: int
    error: str
    applied: bool
    forwarded_to: str = ""
    fault: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Journal:
    """Safe to read while the agents serve.

    `watchers` are called, in the simulator's thread, with each entry and the answer that is about to be sent to it: the
    decoded envelope, or None where the client gets no such answer.
    """

    def __init__(self) -> None:
        self.watchers: list[Callable[[Entry, Any], None]] = []
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def append(self, entry: Entry, answer: Any = None) -> None:
        with self._lock:
            self._entries.append(entry)
        for watcher in self.watchers:
            watcher(entry, answer)

    @property
    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)

    def find(self, *, method: str = "", path_contains: str = "") -> list[Entry]:
        return [
            entry for entry in self.entries if entry.method in (method or entry.method,) and path_contains in entry.uri
        ]

    def posts(self, *, path_contains: str = "") -> list[Entry]:
        return self.find(method="POST", path_contains=path_contains)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
