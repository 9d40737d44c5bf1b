# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one task contributes to the summary of a recovery, as the roles combine it. Pure."""

from __future__ import annotations

import typing as t

from .failures import failures
from .model import INITIALIZE, Dag

Part = dict[str, t.Any]


def outcome(dag: Dag | None, *, check: bool) -> str:
    """Name the outcome of a recovery by the DAG that it leaves.

    :returns: `none` without a DAG; `succeeded` (`initialized` for an initialisation), `rolled_back` or `passed`; else
        `failed`, or in check mode `unfinished`.
    """
    if dag is None:
        return "none"
    if dag.state == "SUCCEED":
        succeeded = "initialized" if dag.name == INITIALIZE else "succeeded"
        names = {"RUN": succeeded, "ROLLBACK": "rolled_back", "PASS": "passed"}
        return names.get(dag.operator, "failed")
    return "unfinished" if check else "failed"


def of_dags(dags: list[Dag], *, check: bool) -> Part:
    """The part of a task that reads DAGs, with the outcome by the newest; a good end clears the message."""
    newest = max(dags, key=lambda dag: dag.number) if dags else None
    name = outcome(newest, check=check)
    return {
        "outcome": name,
        "dag_id": newest.id if newest else "",
        "failures": [failure for dag in dags for failure in failures(dag)],
        **({} if name == "failed" else {"msg": ""}),
    }


def of_operation(result: dict[str, t.Any], error: str | None) -> Part:
    """The part of a task that applies an operator; `error` is its message if it failed."""
    part: Part = {"failures": result.get("failures", []), "unblocked": result.get("unblocked", [])}
    if result.get("dag"):
        part["dag_id"] = result["dag"]["id"]
    if result.get("changed"):
        part["changed"] = True
        if result["operator"] == "RETRY":
            part["retries"] = 1
    return part if error is None else {**part, "msg": error}


def add_attempt(earlier: Part, part: Part) -> Part:
    """Add the part of a later attempt of the same task to that of the earlier ones."""
    seen = earlier["failures"]
    return {
        **earlier,
        **part,
        "retries": earlier.get("retries", 0) + part.get("retries", 0),
        "failures": seen + [failure for failure in part["failures"] if failure not in seen],
        "unblocked": earlier.get("unblocked", []) + part.get("unblocked", []),
    }
