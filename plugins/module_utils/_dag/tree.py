# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DAG as a tree of text, for logs and chats: drawn in ASCII, with no more lines than a person reads. Pure."""

from __future__ import annotations

import typing as t

from .history import NodeHistory, Run, SubTaskHistory, label
from .moments import duration
from .results import DagRecord, Result, dags_of, records_of

# Sub-tasks of one node.
MAX_LEAVES = 20
MAX_REASON = 300
# How a block of lines hangs below another, and how the last one does.
BRANCH = ("|-- ", "|   ")
LAST_BRANCH = ("`-- ", "    ")


def tree(dag: Result) -> list[str]:
    """Draw a DAG of a result: a line for itself, for each node, and for the sub-tasks of a node that has several.

    Nodes that have not run share one line. Of many sub-tasks, those that did not succeed come first.

    :raises ValueError: it is not a DAG.
    """
    (record,) = records_of([dag])
    history, places = record.history, _places(record)
    blocks = [_block(place, node, record) for place, node in zip(places, history.nodes) if node.has_run]
    idle = sum(not node.has_run for node in history.nodes)
    if idle:
        blocks.append([f"{idle} nodes have not run" if idle > 1 else "1 node has not run"])
    return [f"{history.last}{_took(history.runs)}", *_hang(blocks)]


def last_tree(results: list[Result]) -> list[str]:
    """Draw the DAG that was read last, if any, as :func:`tree` does."""
    dags = dags_of(results)
    return tree(dags[-1]) if dags else []


def _places(record: DagRecord) -> list[str]:
    """The number of each node, which is not known if some nodes were not read."""
    history = record.history
    return [f"{place} " if history.complete else "" for place, _node in enumerate(history.nodes, 1)]


def _block(place: str, node: NodeHistory, record: DagRecord) -> list[str]:
    known = {(why.sub_task, why.agent): why.last_line for why in record.failures if why.node == node.last.name}
    reasons = [known.get((sub_task.last.name, str(sub_task.last.agent)), "") for sub_task in node.sub_tasks]
    name, agents = f"{place}{node.last.name}", [str(sub_task.last.agent) for sub_task in node.sub_tasks]
    if len(agents) == 1:
        return [_line(f"{name} on {agents[0]}", node, reasons[0])]
    leaves = [_line(*leaf) for leaf in zip(agents, node.sub_tasks, reasons)]
    in_order = sorted(zip(node.sub_tasks, leaves), key=lambda pair: pair[0].last.state == "SUCCEED")
    shown = [[leaf] for _sub_task, leaf in in_order[:MAX_LEAVES]]
    rest = len(leaves) - len(shown)
    return [_line(name, node), *_hang([*shown, *([[f"and {rest} more"]] if rest else [])])]


def _line(name: str, item: NodeHistory | SubTaskHistory, why: str = "") -> str:
    reason = f": {why[:MAX_REASON]}" if why and item.last.state == "FAILED" else ""
    return f"{name}: {label(item.last)}{_took(item.runs)}{reason}"


def _took(runs: list[Run]) -> str:
    seconds = runs[-1].seconds if runs else None
    return "" if seconds is None else f", {duration(seconds)}"


def _hang(blocks: list[list[str]]) -> list[str]:
    """Draw blocks of lines as branches."""
    return [line for block in blocks for line in _indent(block, LAST_BRANCH if block is blocks[-1] else BRANCH)]


def _indent(block: list[str], branch: tuple[str, str]) -> t.Iterator[str]:
    first, rest = branch
    yield first + block[0]
    yield from (rest + line for line in block[1:])
