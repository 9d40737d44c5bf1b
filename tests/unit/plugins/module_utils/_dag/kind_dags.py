# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DAGs of each kind, for tests of the table of kinds."""

from __future__ import annotations

import typing as t

from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import Context, matches
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, parse_time

ENDED = "2026-11-24T06:00:00.5Z"
HOME = "/home/admin/oceanbase"


def nodes_of(name: str) -> list[str]:
    """The nodes of the kind, as the table lists them; " of " in a name is followed by the ID of the main DAG."""
    plain, _of, main = name.partition(" of ")
    return next(list(kind.nodes) for kind in KINDS if matches(plain, kind.names) and kind.is_part == bool(main))


def make_dag(name: str, at: str, *, state: str = "FAILED", number: int = 12, **raw: t.Any) -> Dag:
    """Make a cluster DAG that stands at a node: the nodes before it succeeded, those after it are pending."""
    plain, _of, main = name.partition(" of ")
    patterns = nodes_of(name)
    place = next(index for index, pattern in enumerate(patterns) if matches(at, (pattern,)))
    states = ["SUCCEED"] * place + [state] + ["PENDING"] * (len(patterns) - place - 1)
    names = [*patterns[:place], at, *patterns[place + 1 :]]
    return Dag.from_api(
        {
            "id": f"1{number}",
            "dag_id": number,
            "name": plain,
            "state": state,
            "operator": "RUN",
            "start_time": "2026-11-24T05:59:39.64468894Z",
            "end_time": ENDED,
            "stage": place + 1,
            "max_stage": len(patterns),
            "additional_data": {"main_dag_id": main} if main else {},
            "nodes": [_node(node, node_state) for node, node_state in zip(names, states)],
            **raw,
        }
    )


def _node(name: str, state: str) -> dict[str, t.Any]:
    common = {"name": name, "state": state, "operator": "RUN"}
    logs = ["Upgrade dir is /data/upgrade"] if name == "Create upgrade dir" else []
    agent = {"ip": "192.0.2.1", "port": 2886}
    return {**common, "sub_tasks": [{**common, "execute_times": 1, "execute_agent": agent, "task_logs": logs}]}


def context_of(dag: Dag) -> Context:
    """A context in which nothing else stands in the way."""
    main = str((dag.raw["additional_data"] or {}).get("main_dag_id") or "")
    ended = Dag.from_api({**dag.raw, "id": main, "name": "Start OB", "state": "FAILED"}) if main else None
    now = parse_time(ENDED)
    return Context(others=(dag,), main=ended, now=now, home_path=HOME)
