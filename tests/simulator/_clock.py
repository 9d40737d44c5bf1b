# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as an agent writes it: nanoseconds, never the same twice."""

from __future__ import annotations

import time
from datetime import datetime, timezone

ZERO = 0


class Clock:
    """One agent's clock; `offset` is by how many seconds it is ahead."""

    def __init__(self, *, offset: float = 0.0) -> None:
        self.offset = offset
        self._last = 0

    def now(self) -> int:
        """Nanoseconds since the epoch; strictly increasing, since the engine tells attempts apart by them."""
        self._last = max(self._last + 1, time.time_ns() + int(self.offset * 1e9))
        return self._last

    def seconds(self) -> int:
        return int(time.time() + self.offset)


def rfc3339(nanoseconds: int) -> str:
    """As Go writes a time in JSON: UTC, without the fraction's trailing zeros."""
    seconds, fraction = divmod(nanoseconds, 10**9)
    whole = datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{fraction:09d}".rstrip("0").rstrip(".") + "Z"
