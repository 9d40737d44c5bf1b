# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Start observer" and "Stop observer" that "Start OB" and "Stop OB" run on each agent.

Their first and last nodes fail on purpose: so they wait until the main DAG retries or passes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..work import Work
from .definition import ALL_OPERATORS, RETRY_CANCEL_PASS, DagKind, FailureLog, NodeKind, writes
from .observer_process import out_of_memory_error, stop_observer

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

CANCEL_PASS = frozenset({"CANCEL", "PASS"})
WAITS = "wait operator to advance"


def prepare(_agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    if dag.stage <= dag.parameters.get("notified_up_to", 0):
        return Work(["start to execute the task"])
    return Work(["wait for notification to start task", WAITS], failed=True)


def wait_for_end(_agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work([WAITS], failed=True)


def check_process(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    exists = ["observer process exist"] if agent.observer.running else []
    return Work(["check if first start", "check observer process config", *exists])


def start_again(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    if agent.observer.running:
        return Work(["observer started."])

    def started() -> None:
        agent.observer.running = True

    return Work([*_start_lines(agent), "update self OB port", "update OB port in all_agent"], on_success=started)


def start_failed(agent: AgentModel, _dag: Dag) -> FailureLog:
    return FailureLog(_start_lines(agent), out_of_memory_error(agent))


def _start_lines(agent: AgentModel) -> list[str]:
    home = agent.spec.home
    command = f"export LD_LIBRARY_PATH='{home}/lib'; {home}/bin/observer   "
    checks = ["start observer", "check if first start", "not first start, skip require check"]
    return [*checks, "generate start cmd", f"start cmd: {command}"]


_FIRST = NodeKind("Start preparations", RETRY_CANCEL_PASS, prepare)
_LAST = NodeKind("Wait for task to end", CANCEL_PASS, wait_for_end)
PART_OF_START = DagKind(
    "Start observer",
    (
        _FIRST,
        NodeKind("Check ob process and config", CANCEL_PASS, check_process),
        NodeKind("Start observer", ALL_OPERATORS, start_again, stop_observer, start_failed),
        NodeKind("Execute start observer sql", CANCEL_PASS, writes("exec start server sql")),
        _LAST,
    ),
)
PART_OF_STOP = DagKind("Stop observer", (_FIRST, NodeKind("Stop observer", RETRY_CANCEL_PASS, stop_observer), _LAST))
