# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent's answer must look like to be believed. Pure.

A wire can bring an answer to another question, or none of an agent at all. Source: recorded answers of 4.2.5 and 4.5.
"""

from __future__ import annotations

import typing as t

STATES = ("PENDING", "READY", "RUNNING", "SUCCEED", "FAILED")


def is_dag(raw: t.Any, *, details: bool) -> bool:
    """Whether this is the API's dict of a DAG.

    :param details: whether nodes were asked for: then they must all be there, since what an operator would do to them
        cannot be judged without.
    """
    return (
        _is_task(raw)
        and isinstance(raw.get("id"), str)
        and isinstance(raw.get("start_time"), str)
        and isinstance(raw.get("stage"), int)
        and isinstance(raw.get("max_stage"), int)
        and _all(_is_node, raw.get("nodes"))
        and (not details or len(raw.get("nodes") or ()) == raw["max_stage"] > 0)
    )


def _is_node(raw: t.Any) -> bool:
    return _is_task(raw) and _all(_is_sub_task, raw.get("sub_tasks"))


def _is_sub_task(raw: t.Any) -> bool:
    return (
        _is_task(raw)
        and isinstance(raw.get("execute_times"), int)
        and isinstance(raw.get("execute_agent") or {}, dict)
        and _all(lambda line: isinstance(line, str), raw.get("task_logs"))
    )


def _is_task(raw: t.Any) -> bool:
    return (
        isinstance(raw, dict)
        and isinstance(raw.get("name"), str)
        and isinstance(raw.get("operator"), str)
        and raw.get("state") in STATES
    )


def _all(is_one: t.Callable[[t.Any], bool], items: t.Any) -> bool:
    return items is None or (isinstance(items, list) and all(is_one(item) for item in items))
