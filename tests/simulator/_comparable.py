# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer without what differs from run to run: times, keys, and the order of Go's maps."""

from __future__ import annotations

import re
from typing import Any

ZERO = "1970-01-01T00:00:00Z"
IGNORED = ("timestamp", "duration", "pid", "startAt")


def comparable(value: Any) -> Any:
    """What has to be the same in a recording and in the simulator's answer."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: comparable(item) for name, item in value.items() if name not in IGNORED}
    if "start_time" in value:
        found.update(_times(value["start_time"], value["end_time"]))
    if "traceId" in value:
        found["traceId"] = bool(value["traceId"])
    if "public_key" in value:
        found["public_key"] = len(value["public_key"])
    if value.get("task_logs"):
        found["task_logs"] = _lines(value["task_logs"])
    return found


def _times(start: str, end: str) -> dict[str, str]:
    """Whether they are set, and which is the later one."""
    first, last = _sortable(start), _sortable(end)
    order = "=" if first == last else "<" if first < last else ">"
    return {
        "start_time": "zero" if start == ZERO else "set",
        "end_time": "zero" if end == ZERO else "set",
        "order": order,
    }


def _sortable(time: str) -> str:
    whole, _point, fraction = time.rstrip("Z").partition(".")
    return f"{whole}.{fraction:<09}"


def _lines(lines: list[str]) -> list[str]:
    found = [_line(line) for line in lines]
    for index in range(len(found) - 1):
        pair = found[index : index + 2]
        if all(re.search(r"clear dir \S+/(etc|log)$", line) for line in pair):
            found[index : index + 2] = sorted(pair)
    return found


def _line(line: str) -> str:
    line = re.sub(r" MI[\w+/=]{60,}", " KEY", line)
    if "start cmd: " in line:
        command, *options = re.split(r" (?=-\w )", line.rstrip())
        return " ".join([command, *sorted(options)])
    return re.sub(r"-o '([^']*)'", lambda found: f"-o {sorted(found[1].split(','))}", line)


def shape(body: Any) -> Any:
    """Of a DAG what a poll was kept for: its own state, and its nodes'."""
    data = body.get("data") or {}
    nodes = [(node["name"], node["state"], node["operator"]) for node in data.get("nodes") or []]
    return data.get("state"), data.get("operator"), data.get("stage"), nodes


def differences(recorded: Any, answered: Any, path: str = "") -> list[str]:
    """Each place where they differ, as a line to be read."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        found = []
        for name in sorted({*recorded, *answered}):
            missing = [side for side, value in (("recorded", recorded), ("answered", answered)) if name not in value]
            if missing:
                found.append(f"{path}.{name}: not {missing[0]}")
            else:
                found += differences(recorded[name], answered[name], f"{path}.{name}")
        return found
    if isinstance(recorded, list) and isinstance(answered, list) and len(recorded) == len(answered):
        pairs = enumerate(zip(recorded, answered))
        return [line for index, (one, other) in pairs for line in differences(one, other, f"{path}[{index}]")]
    return [] if recorded == answered else [f"{path}: recorded {recorded!r}, answered {answered!r}"]
