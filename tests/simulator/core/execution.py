# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One execution of a sub-task: on this agent, as the kind of its node says, or on a follower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dag import Dag, SubTask
from .errors import unexpected_error_line, without_code
from .kinds.definition import FailureLog
from .obstacles import Execution, Obstacle, first_for
from .remote import execute_on_follower
from .work import Work

if TYPE_CHECKING:
    from .agent import AgentModel


def execute(agent: AgentModel, dag: Dag, sub_task: SubTask) -> Work:
    """What the next execution of a sub-task does."""
    if sub_task.kind.follower_dags and sub_task.agent != agent.location:
        return execute_on_follower(agent, dag, sub_task, sub_task.kind.follower_dags)
    execution = Execution(dag, sub_task.name, (agent.address, agent.index), sub_task.operator)
    obstacle = first_for(agent.network.obstacles, execution)
    if obstacle:
        work = _fail(agent, dag, sub_task, obstacle)
    else:
        script = sub_task.kind.rollback if sub_task.operator == "ROLLBACK" else sub_task.kind.run
        work = script(agent, dag, sub_task)
    if not agent.version.error_codes:
        work.first_lines = [without_code(line) for line in work.first_lines]
        work.last_lines = [without_code(line) for line in work.last_lines]
    delay = first_for(agent.network.delays, execution)
    if delay:
        work.apply(delay)
    return work


def _fail(agent: AgentModel, dag: Dag, sub_task: SubTask, obstacle: Obstacle) -> Work:
    failure = sub_task.kind.failure(agent, dag) if sub_task.operator == "RUN" else FailureLog([])
    error = failure.error or unexpected_error_line(agent.version, f"{sub_task.name} failed")
    last_lines = (error,) if obstacle.logs is None else obstacle.logs
    return Work([*failure.lines, *last_lines], failed=True)
