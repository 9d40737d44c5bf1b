# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a recorded answer with the simulator's, without what differs from run to run.

That is times, keys, process IDs, and the order of Go's maps.
"""

from __future__ import annotations

import re
from typing import Any

ZERO_TIME = "1970-01-01T00:00:00Z"
IGNORED_FIELDS = ("timestamp", "duration", "pid", "startAt", "create_time", "update_time")


def compare(recorded: Any, answered: Any) -> list[str]:
    """The differences, one line each."""
    return _differences(_normalize(recorded), _normalize(answered), "")


def progress_of(body: Any) -> tuple[Any, ...]:
    """The progress of a DAG. A recording has only the polls that showed another one than the poll before."""
    data = body.get("data") or {}
    nodes = [(node["name"], node["state"], node["operator"]) for node in data.get("nodes") or []]
    return data.get("state"), data.get("operator"), data.get("stage"), nodes


def _differences(recorded: Any, answered: Any, path: str) -> list[str]:
    if isinstance(recorded, dict) and isinstance(answered, dict):
        names = sorted({*recorded, *answered})
        return [line for name in names for line in _differences_of_field(name, recorded, answered, path)]
    if isinstance(recorded, list) and isinstance(answered, list) and len(recorded) == len(answered):
        pairs = enumerate(zip(recorded, answered))
        return [line for index, pair in pairs for line in _differences(*pair, f"{path}[{index}]")]
    return [] if recorded == answered else [f"{path}: recorded {recorded!r}, answered {answered!r}"]


def _differences_of_field(name: str, recorded: dict[str, Any], answered: dict[str, Any], path: str) -> list[str]:
    for side, fields in (("recorded", recorded), ("answered", answered)):
        if name not in fields:
            return [f"{path}.{name}: not {side}"]
    return _differences(recorded[name], answered[name], f"{path}.{name}")


def _normalize(value: Any) -> Any:
    if isinstance(value, list):
        return [_normalize(item) for item in value]
    if not isinstance(value, dict):
        return value
    normalized = {name: _normalize(item) for name, item in value.items() if name not in IGNORED_FIELDS}
    if "start_time" in value:
        normalized.update(_normalize_times(value["start_time"], value["end_time"]))
    if "traceId" in value:
        normalized["traceId"] = bool(value["traceId"])
    if "scaleOutUUID" in value:
        normalized["scaleOutUUID"] = len(value["scaleOutUUID"])
    if "public_key" in value:
        normalized["public_key"] = len(value["public_key"])
    if "log_content" in value:
        normalized["log_content"] = _normalize_line(value["log_content"])
    if value.get("task_logs"):
        normalized["task_logs"] = _normalize_log(value["task_logs"])
    return normalized


def _normalize_times(start: str, end: str) -> dict[str, str]:
    """Whether each time is set, and which one is later."""
    first, last = _sortable(start), _sortable(end)
    order = "=" if first == last else "<" if first < last else ">"
    return {
        "start_time": "zero" if start == ZERO_TIME else "set",
        "end_time": "zero" if end == ZERO_TIME else "set",
        "order": order,
    }


def _sortable(time: str) -> str:
    whole, _point, fraction = time.rstrip("Z").partition(".")
    return f"{whole}.{fraction:<09}"


def _normalize_log(lines: list[str]) -> list[str]:
    found = [_normalize_line(line) for line in lines]
    for index in range(len(found) - 1):
        pair = found[index : index + 2]
        if all(re.search(r"clear dir \S+/(etc|log)$", line) for line in pair):
            found[index : index + 2] = sorted(pair)
    return found


def _normalize_line(line: str) -> str:
    line = re.sub(r" M[\w+/=]{60,}", " KEY", line)
    line = re.sub(r"(seekdb (?:pid is:|process)) \d+$", r"\1 PID", line)
    line = re.sub(r"(_zone\d+_|/rpm-)\d{10,13}", r"\1TIME", line)
    line = re.sub(r"(observer process )\d+", r"\1NUMBER", line)
    if "start cmd: " in line:
        command, *options = re.split(r" (?=-\w )", line.rstrip())
        return " ".join([command, *sorted(options)])
    return re.sub(r"-o '([^']*)'", lambda found: f"-o {sorted(found[1].split(','))}", line)
