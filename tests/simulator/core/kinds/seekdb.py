# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Start seekdb", "Stop seekdb" and "Restart seekdb": the process of seekdb.

A request with `terminate` adds "Minor freeze before stop server". That is not recorded: it follows the agent's source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import error_line, unexpected_error_line
from ..work import Work
from .definition import ALL_OPERATORS, ALWAYS, RETRY_CANCEL_PASS, DagKind, FailureLog, Maintenance, NodeKind

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

START_TICKS, STOP_TICKS = 2, 4.5
PROCESS_ID = "observerPid"
"""The parameter that a stop and a restart have, but not a start. To roll back a start, the agent needs it."""
ALREADY_UP = "skipStart"


def start_seekdb(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    health_check = ["seekdb health check, retry [1/60]", "start seekdb success"]
    if agent.observer.running:
        dag.parameters[ALREADY_UP] = True
        return Work(["seekdb started."], health_check, ticks=START_TICKS)

    def started() -> None:
        agent.observer.running = True

    return Work(_start_lines(agent), health_check, ticks=START_TICKS, on_success=started)


def fail_to_start(agent: AgentModel, dag: Dag) -> FailureLog:
    if agent.observer.running:
        dag.parameters[ALREADY_UP] = True
        return FailureLog(["seekdb started."], unexpected_error_line(agent.version, "seekdb health check failed"))
    error = "cannot allocate memory\n: exit status 1"
    return FailureLog(_start_lines(agent), unexpected_error_line(agent.version, error))


def _start_lines(agent: AgentModel) -> list[str]:
    home = agent.spec.home
    command = f"start cmd: {home}/run/seekdb --base-dir {home}"
    return ["start seekdb", "check if first start", "not first start, skip require check", command]


def roll_back_start(agent: AgentModel, dag: Dag, sub_task: SubTask) -> Work:
    return Work() if ALREADY_UP in dag.parameters else stop_seekdb(agent, dag, sub_task)


def stop_seekdb(agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    process_id = dag.parameters.get(PROCESS_ID)
    if process_id is None:
        missing = f"Parameter '{PROCESS_ID}' is not set"
        return Work([error_line(agent.version, "Task.Param.NotSet", missing)], failed=True)
    lines = [f"Expected seekdb pid is: {process_id}", "Get current seekdb Pid"]
    if not agent.observer.running:
        return Work([*lines, "seekdb is not running"])

    def stopped() -> None:
        agent.observer.running = False

    last_lines = ["Check seekdb process", "Successfully killed the seekdb process"]
    return Work([*lines, f"Kill seekdb process {process_id}"], last_lines, ticks=STOP_TICKS, on_success=stopped)


START_NODE = NodeKind("Start seekdb", ALL_OPERATORS, start_seekdb, roll_back_start, fail_to_start)
STOP_NODE = NodeKind("Stop seekdb", RETRY_CANCEL_PASS, stop_seekdb)
FREEZE_NODE = NodeKind("Minor freeze before stop server", ALL_OPERATORS)
MAINTENANCE = Maintenance(released_up_to=ALWAYS)
START_SEEKDB = DagKind("Start seekdb", (START_NODE,), maintenance=MAINTENANCE)


def stop_kind(*, terminate: bool) -> DagKind:
    return DagKind("Stop seekdb", (*_freeze(terminate), STOP_NODE), maintenance=MAINTENANCE)


def restart_kind(*, running: bool, terminate: bool) -> DagKind:
    """A restart has no node that stops seekdb if seekdb does not run."""
    nodes = (*_freeze(terminate), *([STOP_NODE] if running else []), START_NODE)
    return DagKind("Restart seekdb", nodes, maintenance=MAINTENANCE)


def _freeze(terminate: bool) -> tuple[NodeKind, ...]:
    return (FREEZE_NODE,) if terminate else ()
