# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and durations as people read them. Pure."""

from __future__ import annotations

import datetime

UNITS = (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1))


def clock(seconds: float) -> str:
    """Write a time, given in seconds since 1970, as date and time of day in UTC."""
    moment = datetime.datetime.fromtimestamp(seconds, tz=datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def duration(seconds: float) -> str:
    """Write a duration in at most two units: `0.4 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`."""
    for name, unit, smaller_name, smaller in UNITS:
        if seconds >= unit:
            whole, rest = divmod(int(seconds), unit)
            return f"{whole} {name} {rest // smaller} {smaller_name}"
    return f"{seconds:.1f} s"
