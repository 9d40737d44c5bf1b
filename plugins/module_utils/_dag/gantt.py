# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DAG as a Gantt chart of Mermaid, which issue trackers and wikis draw. Pure."""

from __future__ import annotations

import re

from .history import NodeHistory, Run, label
from .results import Result, records_of

# Of one node, and of all: Mermaid refuses a text of more than 50,000 characters.
MAX_BARS_OF_NODE = 20
MAX_BARS = 400
TAGS = {"SUCCEED": "done, ", "FAILED": "crit, ", "RUNNING": "active, "}
# All but these could end a name, begin a comment or be read as HTML.
SPECIAL = re.compile(r"[^\w .,()/+-]")
# Shorter bars would not be seen.
SHORTEST = 0.1


def gantt(dag: Result) -> list[str]:
    """Draw a DAG of a result: a section for each node, a bar for each sub-task on its agent.

    Of many sub-tasks of a node some are left out, first those that succeeded.

    :raises ValueError: it is not a DAG.
    """
    (record,) = records_of([dag])
    history = record.history
    last_moment = max((run.end or run.start for run in history.all_runs()), default=0.0)
    lines = [line for node in history.nodes for line in _section(node, last_moment)]
    left_out = ["    %% more nodes are left out"] if len(lines) > MAX_BARS else []
    head = ["gantt", f"    title {_escape(str(history.last))}", "    dateFormat x", "    axisFormat %H:%M:%S"]
    return [*head, *lines[:MAX_BARS], *left_out]


def _section(node: NodeHistory, last_moment: float) -> list[str]:
    runs = [(str(sub_task.last.agent), run) for sub_task in node.sub_tasks for run in sub_task.runs]
    # What ran where is not known of a node that was read without sub-tasks.
    runs = runs or [("", run) for run in node.runs]
    shown = sorted(runs, key=lambda pair: pair[1].state == "SUCCEED")[:MAX_BARS_OF_NODE]
    lines = [_bar(agent, run, last_moment) for agent, run in shown]
    if len(runs) > len(shown):
        lines.append(f"    %% {len(runs) - len(shown)} more sub-tasks are left out")
    return [f"    section {_escape(node.last.name)}", *lines] if lines else []


def _bar(agent: str, run: Run, last_moment: float) -> str:
    end = max(last_moment if run.end is None else run.end, run.start + SHORTEST)
    name = _escape(f"{agent} {label(run)}".strip())
    return f"    {name} :{TAGS.get(run.state, '')}{_milliseconds(run.start)}, {_milliseconds(end)}"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _escape(text: str) -> str:
    """Write special characters as Mermaid's entities, and those that cannot be printed as blanks."""
    return SPECIAL.sub(lambda match: f"#{ord(match[0])};" if match[0].isprintable() else " ", text)
