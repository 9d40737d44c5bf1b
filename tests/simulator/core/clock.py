# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of an agent, in nanoseconds. No two readings are equal."""

from __future__ import annotations

import time
from datetime import datetime, timezone

ZERO_TIME = 0
"""The start time and end time of what waits to be executed."""


class Clock:
    """The clock of one agent. It is `offset` seconds ahead of the real time."""

    def __init__(self, *, offset: float = 0.0) -> None:
        self.offset = offset
        self._last = 0

    def now(self) -> int:
        """Nanoseconds since the epoch, always later than the last reading: start times tell attempts apart."""
        self._last = max(self._last + 1, time.time_ns() + int(self.offset * 1e9))
        return self._last

    def seconds(self) -> int:
        return int(time.time() + self.offset)


def rfc3339(nanoseconds: int) -> str:
    """Format a time as Go does in JSON: UTC, without trailing zeros in the fraction."""
    seconds, fraction = divmod(nanoseconds, 10**9)
    whole = datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{fraction:09d}".rstrip("0").rstrip(".") + "Z"
