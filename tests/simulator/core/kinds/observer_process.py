# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds "Start observer" and "Stop observer": the process of one database server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import unexpected_error_line
from ..work import Work
from .definition import ALL_OPERATORS, RETRY_CANCEL, FailureLog, NodeKind, one_node

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

START_TICKS, STOP_TICKS = 2, 1


def start_observer(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    lines = _start_lines(agent)
    if not agent.spec.observer_version:
        missing = f"/bin/bash: line 1: {agent.spec.home}/bin/observer: No such file or directory\n: exit status 127"
        return Work([*lines, unexpected_error_line(agent.version, missing)], failed=True)

    def started() -> None:
        agent.observer.running = True

    last_lines = ["observer health check, retry [1/300]", "update self OB port", "update OB port in all_agent"]
    return Work(lines, last_lines, ticks=START_TICKS, on_success=started)


def out_of_memory(agent: AgentModel, _dag: Dag) -> FailureLog:
    return FailureLog(_start_lines(agent), out_of_memory_error(agent))


def out_of_memory_error(agent: AgentModel) -> str:
    error = "observer: cannot allocate memory_limit 6G: out of memory\n: exit status 1"
    return unexpected_error_line(agent.version, error)


def _start_lines(agent: AgentModel) -> list[str]:
    home, observer, cluster = agent.spec.home, agent.observer, (agent.master or agent).cluster
    options = {
        "-z": agent.zone,
        "-P": str(observer.rpc_port),
        "-n": cluster.name,
        "-d": f"{home}/store",
        "-I": agent.spec.ip,
        "-p": str(observer.mysql_port),
        "-c": str(cluster.id),
    }
    quote = "'" if agent.version.quoted_start_options else ""
    formatted = " ".join(f"{option} {quote}{value}{quote}" for option, value in options.items())
    command = f"export LD_LIBRARY_PATH='{home}/lib'; {home}/bin/observer  {formatted}  "
    return ["start observer", "check if first start", "generate start cmd", f"start cmd: {command}"]


def stop_observer(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    if not agent.observer.running:
        return Work(["Get observer Pid", "Observer is not running"])
    agent.observer.running = False
    kill = f"Kill observer process {agent.process_id + 100}"
    last_lines = ["Check observer process", "Successfully killed the observer process"]
    return Work(["Get observer Pid", kill], last_lines, ticks=STOP_TICKS)


START_OBSERVER = one_node(NodeKind("Start observer", ALL_OPERATORS, start_observer, stop_observer, out_of_memory))
STOP_OBSERVER = one_node(NodeKind("Stop observer", RETRY_CANCEL, stop_observer))
