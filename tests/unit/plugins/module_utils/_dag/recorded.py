# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DAGs as real agents returned them, with the fields that the modules add."""

from __future__ import annotations

import json
import pathlib
import typing as t

from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.failures import failures
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import Context
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.operators import advice, operators

FOLDER = next(path for path in pathlib.Path(__file__).parents if path.name == "tests") / "recordings"
TWO_AGENTS = ("two-agents-4.5.0.0", "Initialize cluster")
OBPROXY = ("obproxy-4.5.0.0", "Add obproxy")


def reads(recording: str, name: str) -> list[dict[str, t.Any]]:
    """All reads of the DAGs of a name, with details, in their order."""
    steps = json.loads((FOLDER / f"{recording}.json").read_text(encoding="utf-8"))["steps"]
    bodies = [step["response"]["body"] for step in steps]
    found = [body["data"] for body in bodies if isinstance(body, dict) and isinstance(body.get("data"), dict)]
    return [present(raw) for raw in found if raw.get("name") == name and raw.get("nodes")]


def present(raw: dict[str, t.Any]) -> dict[str, t.Any]:
    """A DAG as obshell_dag_info returns it with `details: all`."""
    dag = Dag.from_api(raw)
    return {**raw, "failures": failures(dag), **advice(operators(dag, Context()))}


def last_failed(recording: str, name: str) -> dict[str, t.Any]:
    """The last read of a DAG that is FAILED."""
    return [raw for raw in reads(recording, name) if raw["state"] == "FAILED"][-1]


def large(raw: dict[str, t.Any], sub_tasks: int) -> dict[str, t.Any]:
    """The DAG with so many sub-tasks, on an agent each, in the node that failed; every hundredth of them failed."""
    (failed,) = (node for node in raw["nodes"] if node["state"] == "FAILED")
    one = failed["sub_tasks"][0]
    many = [
        {
            **one,
            "id": f"{one['id']}{number}",
            "state": "SUCCEED" if number % 100 else "FAILED",
            "execute_agent": {"ip": f"10.0.{number // 250}.{number % 250}", "port": 2886},
        }
        for number in range(sub_tasks)
    ]
    nodes = [{**node, "sub_tasks": many} if node is failed else node for node in raw["nodes"]]
    return present({**raw, "nodes": nodes})
