# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-tasks that work on the agent's host: directories, the observer, its database, an OBProxy."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from . import _dags
from ._model import Dag, SubTask
from ._work import Work

if TYPE_CHECKING:
    from ._agent import Agent

CONNECT = "try to connect to observer"


def fail(agent: Agent, dag: Dag, sub_task: SubTask, *, logs: tuple[str, ...] | None) -> Work:
    """The lines up to the failure, then those given, or the failure that was recorded for this sub-task."""
    version, observer = agent.version, agent.observer
    before: list[str] = []
    error = version.unexpected(f"{sub_task.name} failed")
    if sub_task.operator == "RUN":
        if sub_task.name == _dags.WORKDIR:
            before = [f"mkdir data_dir: {observer.data_dir}"]
            what = "Directory" if version.coded_errors else "dir"
            error = version.log_error("Common.DirNotEmpty", f"{what} '{observer.data_dir}' is not empty")
        elif sub_task.name == _dags.START:
            before = _start_lines(agent)
            error = version.unexpected("observer: cannot allocate memory_limit 6G: out of memory\n: exit status 1")
        elif sub_task.name == _dags.START_OBPROXY:
            before = [_obproxy_command(dag)]
            error = version.unexpected("failed to start obproxy, output: obproxy: bind port failed\n: exit status 1")
        elif sub_task.name in (_dags.BOOTSTRAP, _dags.MIGRATE_TABLE, _dags.MODIFY_PASSWORD):
            before = [CONNECT]
    return Work([*before, *(logs if logs is not None else (error,))], failed=True)


def create_workdir(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    home, data, redo = agent.spec.home, agent.observer.data_dir, agent.observer.redo_dir

    def created() -> None:
        agent.observer.workdir = True

    return Work(
        [
            f"mkdir data_dir: {data}",
            f"mkdir redo_dir: {redo}",
            f"mkdir clog_dir: {redo}/clog",
            f"mkdir slog_dir: {data}/slog",
            f"symlink {data}: {home}/store",
            f"symlink {redo}: {home}/store",
            f"symlink {redo}/clog: {home}/store/clog",
            f"symlink {data}/slog: {home}/store/slog",
            f"mkdir {home}/etc",
            f"mkdir {home}/log",
            f"mkdir {home}/store/sstable",
        ],
        effect=created,
    )


def _clear_store(agent: Agent) -> list[str]:
    if not agent.observer.workdir:
        return []
    home, data, redo = agent.spec.home, agent.observer.data_dir, agent.observer.redo_dir
    directories = (
        f"{home}/store",
        data,
        f"{home}/store",
        data,
        f"{home}/store/clog",
        f"{redo}/clog",
        f"{home}/store/slog",
        f"{data}/slog",
    )
    return [f"clear dir {directory}" for directory in directories]


def _clear_home(agent: Agent) -> list[str]:
    return [f"clear dir {agent.spec.home}/etc", f"clear dir {agent.spec.home}/log"]


def _destroyed(agent: Agent) -> None:
    agent.observer.workdir = False


def undo_workdir(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return Work([*_clear_store(agent), *_clear_home(agent)], effect=lambda: _destroyed(agent))


def destroy_workdir(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return Work([*_clear_home(agent), *_clear_store(agent)], effect=lambda: _destroyed(agent))


def _start_lines(agent: Agent) -> list[str]:
    home, quote, observer = agent.spec.home, agent.version.shell_quote, agent.observer
    cluster = (agent.master or agent).cluster
    options = {
        "-z": agent.zone,
        "-P": str(observer.rpc_port),
        "-n": cluster.name,
        "-d": f"{home}/store",
        "-I": agent.spec.ip,
        "-p": str(observer.mysql_port),
        "-c": str(cluster.number),
    }
    chosen = " ".join(f"{option} {quote(value)}" for option, value in options.items())
    command = f"export LD_LIBRARY_PATH='{home}/lib'; {home}/bin/observer  {chosen}  "
    return ["start observer", "check if first start", "generate start cmd", f"start cmd: {command}"]


def start(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    lines = _start_lines(agent)
    if not agent.spec.observer_version:
        missing = f"/bin/bash: line 1: {agent.spec.home}/bin/observer: No such file or directory\n: exit status 127"
        return Work([*lines, agent.version.unexpected(missing)], failed=True)

    def started() -> None:
        agent.observer.running = True

    last = ["observer health check, retry [1/300]", "update self OB port", "update OB port in all_agent"]
    return Work(lines, last, ticks=2, effect=started)


def stop(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    if not agent.observer.running:
        return Work(["Get observer Pid", "Observer is not running"])

    def stopped() -> None:
        agent.observer.running = False

    kill = f"Kill observer process {agent.process_id + 100}"
    last = ["Check observer process", "Successfully killed the observer process"]
    return Work(["Get observer Pid", kill], last, ticks=1, effect=stopped)


def _with_database(agent: Agent, *lines: str) -> Work:
    if agent.observer.running:
        return Work([CONNECT, *lines])
    refused = f"dial tcp {agent.spec.ip}:{agent.observer.mysql_port}: connect: connection refused"
    return Work([CONNECT, agent.version.unexpected(refused)], failed=True)


def bootstrap(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    servers = {member.zone: f"{member.spec.ip}:{member.observer.rpc_port}" for member in reversed(agent.members)}
    zones = ", ".join(f"ZONE '{zone}' SERVER '{servers[zone]}'" for zone in sorted(servers))
    return _with_database(agent, f"bootstrap cmd: ALTER SYSTEM BOOTSTRAP {zones}")


def migrate_table(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return _with_database(agent)


def modify_password(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return _with_database(
        agent,
        "Successfully connected to OceanBase. Try to modify password.",
        "Save root password",
        "Reload oceanbase connection",
        "Reload oceanbase connection successfully",
    )


def migrate_data(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return Work(["migrate all agents"])


def start_obproxy(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return Work([_obproxy_command(dag)])


def _obproxy_command(dag: Dag) -> str:
    asked = dag.parameters
    options = {
        "obproxy_config_server_url": asked.get("config_url", ""),
        "prometheus_listen_port": asked.get("exporter_port", 2884),
        "rpc_listen_port": asked.get("rpc_port", 2885),
        "obproxy_sys_password": hashlib.sha1(str(asked.get("obproxy_sys_password", "")).encode()).hexdigest(),
        "listen_port": asked.get("sql_port", 2883),
    }
    chosen = ",".join(f"{name}={value}" for name, value in options.items())
    home, name = asked.get("home_path", ""), asked.get("name", "")
    return f"start obproxy cmd: cd '{home}'; ./bin/obproxy -o '{chosen}' -n '{name}'"
