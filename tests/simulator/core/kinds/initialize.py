# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind "Initialize cluster": the master makes a database cluster of itself and its followers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import unexpected_error_line
from ..work import Work
from .definition import RETRY_ROLLBACK, RETRY_ROLLBACK_CANCEL, DagKind, FailureLog, NodeKind, run_on_each_agent
from .observer_process import START_OBSERVER, STOP_OBSERVER
from .observer_workdir import CREATE_WORKDIR, DESTROY_WORKDIR
from .synchronize import SYNCHRONIZE

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask

CONNECT = "try to connect to observer"


def integrate_config(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    lines = ["get all agents"]
    if agent.version.agents_in_integrate_log:
        lines.append(f"agents: map[{' '.join(map(_describe, agent.members))}]")
    lines += ["get global config", "set root password", "init all zone config"]
    for zone in sorted({member.zone for member in agent.members}):
        lines += [f"build {zone} zone config", f"merge {zone} zone config"]
    for address in (member.address for member in agent.members):
        lines.append(f"Integrating {address} agent config")
        lines += [f"{verb} {address} agent config" for verb in ("get", "merge", "fill")]
    return Work([*lines, "setting bootstrap config"])


def _describe(member: AgentModel) -> str:
    fields = (
        *(member.spec.ip, member.location.port, member.identity, member.version.release, "linux", "x86_64"),
        *(member.zone, 0, 0, member.spec.home, member.key.public_key),
    )
    return f"{member.address}:{{{' '.join(map(str, fields))}}}"


def bootstrap(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    servers = {member.zone: f"{member.spec.ip}:{member.observer.rpc_port}" for member in reversed(agent.members)}
    zones = ", ".join(f"ZONE '{zone}' SERVER '{servers[zone]}'" for zone in sorted(servers))
    return _in_database(agent, f"bootstrap cmd: ALTER SYSTEM BOOTSTRAP {zones}")


def undo_bootstrap(_agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work(["clear db Instance"])


def migrate_table(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return _in_database(agent)


def modify_password(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return _in_database(
        agent,
        "Successfully connected to OceanBase. Try to modify password.",
        "Save root password",
        "Reload oceanbase connection",
        "Reload oceanbase connection successfully",
    )


def _in_database(agent: AgentModel, *lines: str) -> Work:
    """Work that fails if the observer does not run."""
    if agent.observer.running:
        return Work([CONNECT, *lines])
    refused = f"dial tcp {agent.spec.ip}:{agent.observer.mysql_port}: connect: connection refused"
    return Work([CONNECT, unexpected_error_line(agent.version, refused)], failed=True)


def fail_after_connect(_agent: AgentModel, _dag: Dag) -> FailureLog:
    return FailureLog([CONNECT])


def migrate_data(_agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work(["migrate all agents"])


def convert_followers(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    return Work([f"convert agent {follower.address} to cluster agent" for follower in agent.cluster.followers])


def convert_master(agent: AgentModel, _dag: Dag, _sub_task: SubTask) -> Work:
    def converted() -> None:
        agent.identity = "CLUSTER AGENT"

    lines = ["convert self to cluster agent", "sync agent binary", "synchronize agent from oceanbase"]
    return Work(lines, on_success=converted)


_SYNCHRONIZE_ALL = run_on_each_agent(SYNCHRONIZE, undo=SYNCHRONIZE, first_line="encrypt password for agent")

INITIALIZE_CLUSTER = DagKind(
    "Initialize cluster",
    (
        NodeKind("Integrate config", RETRY_ROLLBACK_CANCEL, integrate_config),
        run_on_each_agent(CREATE_WORKDIR, undo=DESTROY_WORKDIR),
        run_on_each_agent(START_OBSERVER, undo=STOP_OBSERVER, first_line="start observer"),
        # The agent itself spells it so.
        NodeKind("Cluster boostrap", RETRY_ROLLBACK_CANCEL, bootstrap, undo_bootstrap, fail_after_connect),
        NodeKind("Migrate table", RETRY_ROLLBACK_CANCEL, migrate_table, failure=fail_after_connect),
        NodeKind("Modify password", RETRY_ROLLBACK, modify_password, failure=fail_after_connect),
        NodeKind("Migrate data", RETRY_ROLLBACK_CANCEL, migrate_data),
        NodeKind("Convert follower to cluster agent", RETRY_ROLLBACK, convert_followers),
        _SYNCHRONIZE_ALL,
        NodeKind("Convert master to cluster agent", RETRY_ROLLBACK, convert_master),
        _SYNCHRONIZE_ALL,
    ),
)
