# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a DAG says of trouble: it is stuck, it is being recovered, it was retried, it waits for its main DAG. Pure."""

from __future__ import annotations

import typing as t

from .._dag.kinds.table import main_dag_id
from .._dag.model import Dag, parse_time


def waits_for_main(dag: Dag, listed: t.Iterable[Dag]) -> bool:
    """Whether a FAILED DAG is a part of a DAG that still runs: parts of a start or stop wait as FAILED."""
    main = main_dag_id(dag)
    return bool(main) and any(other.id == main and not other.finished for other in listed)


def is_being_recovered(dag: Dag) -> bool:
    """Whether an unfinished DAG runs again after a failure, or backwards; of a retry only the node shows it."""
    return not dag.finished and (dag.operator == "ROLLBACK" or any(node.operator == "RETRY" for node in dag.nodes))


def retries_of(dag: Dag) -> int:
    """Count the retries that the agent has recorded: each one adds 2 to `execute_times` of the sub-task that failed."""
    times = (max((sub_task.execute_times for sub_task in node.sub_tasks), default=0) for node in dag.nodes)
    return sum(max(0, count - 1) // 2 for count in times)


def attempt_of(dag: Dag) -> str:
    """Identify the present attempt in one text. The agents of a cluster may write one time in different zones."""
    return f"{dag.operator}/{parse_time(dag.start_time) or dag.start_time}"


def earliest_at(dag: Dag) -> float:
    """The earliest time of a node, by the agent's clock; that of a node that has not begun is when the DAG was made."""
    stamps = (parse_time(str(node.raw.get("start_time"))) for node in dag.nodes)
    return min((stamp for stamp in stamps if stamp), default=0.0)


def is_first_attempt(dag: Dag) -> bool:
    """Whether nothing but RUN was applied: a retried node keeps the operator RETRY, and repeats its sub-tasks."""
    times = (sub_task.execute_times for node in dag.nodes for sub_task in node.sub_tasks)
    return {dag.operator, *(node.operator for node in dag.nodes)} == {"RUN"} and max(times, default=0) <= 1


def began_at(dag: Dag) -> float | None:
    """When the present attempt began, by the agent's clock; None if the agent has not begun it, or does not say."""
    return parse_time(dag.start_time) or None


def moved_at(dag: Dag) -> float | None:
    """When the DAG moved last, by the agent's clock: a node or a sub-task began or ended; None as :func:`began_at`."""
    began = began_at(dag)
    if began is None:
        return None
    raws = [raw for node in dag.nodes for raw in (node.raw, *(sub_task.raw for sub_task in node.sub_tasks))]
    stamps = (parse_time(str(raw.get(name))) for raw in raws for name in ("start_time", "end_time"))
    return max([began, *(stamp for stamp in stamps if stamp is not None)])
