# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a recovery, and its summary from the results of its tasks. Pure."""

from __future__ import annotations

import re
import typing as t

from .failures import reason
from .model import INITIALIZE, Dag

Result = dict[str, t.Any]
OF_DAG = ("failures", "operators")


def outcome(dag: Dag) -> str:
    """Name the outcome of a recovery by the DAG that it leaves.

    :returns: `succeeded` (`initialized` for an initialisation), `rolled_back`, `passed`, `failed` or `unfinished`.
    """
    if dag.state == "SUCCEED":
        succeeded = "initialized" if dag.name == INITIALIZE else "succeeded"
        names = {"RUN": succeeded, "ROLLBACK": "rolled_back", "PASS": "passed"}  # nosec B105
        return names.get(dag.operator, "failed")
    return "failed" if dag.state == "FAILED" else "unfinished"


def summarise(results: list[Result]) -> Result:
    """Summarise a recovery from the results of its tasks, in order; the last one has read the final state.

    Results of tasks that were skipped, or did not run, are empty or have none of the fields.
    """
    failed = unique(failure for result in results for failure in _failures(result))
    final = results[-1] if results else {}
    named = _outcome(final)
    messages = [result["msg"] for result in results if result.get("fulfilled") is False]
    messages += [f"No DAG has this ID: {entry['error']['message']}" for entry in _not_found(final)]
    if _may_hide_dags(final):
        messages.append(f"No DAG was found, but there may be one: {final['incomplete']}")
    return {
        "outcome": named,
        "dag_id": next((dag["id"] for result in reversed(results) for dag in _dags(result)), ""),
        "changed": any(bool(result.get("changed")) for result in results),
        "retries": sum(result.get("times_applied", 0) for result in results if result.get("operator") == "RETRY"),
        "failures": failed,
        "reasons": unique(reason(failure) for failure in failed),
        "unblocked": [dag for result in results for dag in result.get("unblocked", ())],
        "msg": messages[-1] if messages and named in ("failed", "unfinished") else "",
    }


def add_attempts(earlier: Result, result: Result) -> None:
    """Let the result of a task that was attempted several times describe all its attempts."""
    result["reads"] = [*reads_of(earlier), *reads_of(result)]
    result["changed"] = result["changed"] or earlier["changed"]
    result["times_applied"] += earlier["times_applied"]
    for name in ("failures", "unblocked"):
        result[name] = unique([*earlier.get(name, ()), *result.get(name, ())])


def reads_of(result: Result) -> list[Result]:
    """List the DAG of a result as each attempt of its task read it, with what the attempt found out about it."""
    if "reads" in result:
        return t.cast("list[Result]", result["reads"])
    return [{**result["dag"], **{name: result.get(name) for name in OF_DAG}}] if result.get("dag") else []


def _outcome(final: Result) -> str:
    dags = _dags(final)
    if "dags" not in final:
        return "failed"
    if not dags:
        return "failed" if _may_hide_dags(final) or _not_found(final) else "none"
    named = str(max(dags, key=lambda dag: dag.get("dag_id", 0))["outcome"])
    if final.get("check_mode"):
        return "unfinished" if named == "failed" else named
    return "failed" if named == "unfinished" else named


def _may_hide_dags(result: Result) -> bool:
    return bool(result.get("incomplete")) and not _dags(result)


def _not_found(result: Result) -> list[Result]:
    """The error of a DAG that was asked for by its ID, and that does not exist."""
    return [entry for entry in result.get("unavailable", ()) if re.fullmatch(r"dag/\d+", entry["route"])]


def _dags(result: Result) -> list[Result]:
    return result.get("dags") or ([result["dag"]] if result.get("dag") else [])


def _failures(result: Result) -> list[Result]:
    return result.get("failures") or [failure for dag in result.get("dags", ()) for failure in dag.get("failures", ())]


def unique(items: t.Iterable[t.Any]) -> list[t.Any]:
    """Keep the first of equal items."""
    found: list[t.Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found
