# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-tasks about who belongs to the cluster, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._errors import ApiError
from ._model import Dag, SubTask
from ._work import Work

if TYPE_CHECKING:
    from ._agent import Agent


def join_self(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    def joined() -> None:
        agent.identity, agent.zone = "MASTER", str(dag.parameters["zone"])

    return Work(["set agent identity to master"], effect=joined)


def join_master(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    master = agent.simulator.at(dag.parameters["master"])

    def joined() -> None:
        agent.zone = str(dag.parameters["zone"])
        if master and agent not in master.cluster.followers:
            master.cluster.followers.append(agent)

    lines = ["creating token", "token created", "send join rpc to master"]
    return Work([*lines, f"join to master success, master agent info: {dag.parameters['master']}"], effect=joined)


def be_follower(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    def become() -> None:
        agent.identity, agent.master = "FOLLOWER", agent.simulator.at(dag.parameters["master"])

    return Work(["set agent identity to follower"], effect=become)


def observer_config(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    config, scope = dag.parameters["config"], dag.parameters["scope"]

    def configured() -> None:
        kind = scope.get("type", "GLOBAL").upper()
        for target in [""] if kind == "GLOBAL" else scope.get("target", []):
            agent.cluster.options[target] = dict(config)
        for member in agent.members:
            _tell_observer(member, agent.cluster.options)

    return Work(effect=configured)


def _tell_observer(member: Agent, told: dict[str, dict[str, str]]) -> None:
    observer = member.observer
    observer.options = {
        key: value for of in ("", member.zone, member.address) for key, value in told.get(of, {}).items()
    }
    observer.mysql_port = int(observer.options.get("mysql_port", observer.mysql_port))
    observer.rpc_port = int(observer.options.get("rpc_port", observer.rpc_port))
    observer.data_dir = observer.options.get("data_dir", member.spec.data_dir)
    observer.redo_dir = observer.options.get("redo_dir", member.spec.redo_dir)


def cluster_config(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    asked = dag.parameters

    def configured() -> None:
        agent.cluster.name, agent.cluster.number = asked["name"], asked["number"]
        if asked["password"] is not None:
            agent.root_password = asked["password"]

    return Work(effect=configured)


def integrate(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    zones = sorted({member.zone for member in agent.members})
    known = " ".join(
        f"{member.address}:{{{member.spec.ip} {member.location.port} {member.identity} {member.version.release} linux "
        f"x86_64 {member.zone} 0 0 {member.spec.home} {member.key.public_key}}}"
        for member in agent.members
    )
    lines = ["get all agents"]
    if agent.version.coded_errors:
        lines.append(f"agents: map[{known}]")
    lines += ["get global config", "set root password", "init all zone config"]
    for zone in zones:
        lines += [f"build {zone} zone config", f"merge {zone} zone config"]
    for address in (member.address for member in agent.members):
        lines.append(f"Integrating {address} agent config")
        lines += [f"{verb} {address} agent config" for verb in ("get", "merge", "fill")]
    return Work([*lines, "setting bootstrap config"])


def convert_followers(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    return Work([f"convert agent {follower.address} to cluster agent" for follower in agent.cluster.followers])


def synchronize(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    def synchronized() -> None:
        if agent.identity == "FOLLOWER":
            agent.identity = "CLUSTER AGENT"
            agent.root_password = agent.master.root_password if agent.master else agent.root_password

    lines = ["try to connect", "connect succeed, dump password", "synchronize agent from oceanbase", "sync agent data"]
    return Work(lines, effect=synchronized)


def convert_master(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    def converted() -> None:
        agent.identity = "CLUSTER AGENT"

    lines = ["convert self to cluster agent", "sync agent binary", "synchronize agent from oceanbase"]
    return Work(lines, effect=converted)


def to_single(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    if agent.identity == "SINGLE":
        return Work(["Agent is aready single agent"])
    lines = ["clearing ob config", "change agent to single agent", "set agent to single agent success"]
    return Work(lines, effect=agent.become_single)


def remove_master(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    lines = ["clearing ob config", "clearing global config", "change agent to single agent"]
    return Work([*lines, "set agent to single agent success"], effect=agent.become_single)


def remove_follower(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    lines = [f"send remove agent request to follower, agent: {sub_task.agent}"]
    follower = agent.simulator.at(sub_task.agent)
    if follower is None or follower.down:
        return Work([*lines, agent.version.unexpected(f"{sub_task.agent}: connection refused")], failed=True)
    try:
        created = follower.submit("Agent to single", on_behalf_of=dag.name)
    except ApiError as error:
        return Work(
            [*lines, agent.version.unexpected(follower.version.error(error.kind, *error.values)[1]["message"])],
            failed=True,
        )

    def removed() -> None:
        if follower in agent.cluster.followers:
            agent.cluster.followers.remove(follower)

    done = f"send remove agent request succeed, remote dag id: &{{{follower.identify('ob', created.id)}}}"
    return Work([*lines, done], effect=removed)


def remove_self(agent: Agent, dag: Dag, sub_task: SubTask) -> Work:
    def removed() -> None:
        if agent.master and agent in agent.master.cluster.followers:
            agent.master.cluster.followers.remove(agent)

    return Work(["sending remove this agent request to master agent"], effect=removed)
