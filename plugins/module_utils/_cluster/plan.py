# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps from a cluster as observed to the cluster as desired: the one place where that is decided. Pure."""

from __future__ import annotations

from .._agent.info import CLUSTER_AGENT, FOLLOWER, MASTER, SINGLE
from .._dag.failures import explain
from .._dag.model import INITIALIZE, WITHOUT_OPERATORS, Dag
from .._errors import Ended, Refused
from .model import (
    ABSENT,
    AWAIT_AGENTS,
    AWAIT_DAG,
    CONFIGURE_ALL,
    CONFIGURE_CLUSTER,
    CONFIGURE_SERVER,
    CONFIGURED,
    INIT,
    INITIALIZED,
    JOIN,
    REMOVE,
    RETRY,
    ROLLBACK,
    SET_PASSWORD,
    DesiredCluster,
    Member,
    ObservedCluster,
    Progressed,
    Step,
)
from .preconditions import check_preconditions


def plan_cluster(desired: DesiredCluster, observed: ObservedCluster, progressed: Progressed) -> list[Step]:
    """List the steps that remain, in order; none if the cluster is as desired.

    The agent does not return observer options that were set. So an initialisation always begins with setting them. A
    cluster that has its name and ID counts as configured, unless options were set later: the name is set last, and if
    it was set already, no agent joins before options are set again.

    :raises Refused: it would do harm, or needs a decision of a person; says who and why.
    :raises Ended: the initialisation that this run started has failed.
    """
    check_preconditions(desired, observed)
    if observed.initialized:
        return [*_set_passwords(observed, CLUSTER_AGENT), *_await_unreachable(observed, progressed)]
    running = [dag for dag in observed.dags if not dag.finished]
    if running:
        return [_await(running[0], observed)]
    failed = [dag for dag in observed.dags if dag.state == "FAILED"]
    inits = sorted((dag for dag in failed if dag.name == INITIALIZE), key=lambda dag: dag.number, reverse=True)
    if inits:
        recovery = _recover(desired, inits, progressed)
        return recovery if recovery[0].kind == RETRY else [*recovery, *_begin(desired, observed, progressed)]
    locked = [member for member in observed.members if member.under_maintenance]
    if failed and locked:
        return _unlock(desired, observed, locked, failed)
    if locked:
        return [Step(AWAIT_AGENTS, f"wait until no DAG locks {', '.join(map(str, locked))}")]
    if observed.with_identity(CLUSTER_AGENT):
        return [Step(AWAIT_AGENTS, "wait until all agents are cluster agents")]
    return _begin(desired, observed, progressed)


def _await(dag: Dag, observed: ObservedCluster) -> Step:
    """A follower may not accept a password yet, but says without one whether a DAG locks it."""
    of_follower = dag.owner in {member.address for member in observed.with_identity(FOLLOWER)}
    return Step(AWAIT_AGENTS if of_follower else AWAIT_DAG, f"wait for {dag.label}", dag=dag)


def _unlock(desired: DesiredCluster, observed: ObservedCluster, locked: list[Member], failed: list[Dag]) -> list[Step]:
    """Roll back what followers have left of an initialisation that no longer exists; a person judges anything else."""
    followers = {member.address for member in observed.with_identity(FOLLOWER)}
    left = [dag for dag in failed if dag.owner in followers and observed.with_identity(MASTER)]
    if left and (desired.state == ABSENT or desired.recover == "rollback"):
        return [Step(ROLLBACK, f"roll back {dag.label}", dag=dag) for dag in left]
    dag = failed[0]
    advice = (
        "It accepts no operator: set its agent up again" if dag.name in WITHOUT_OPERATORS else "Use obshell_dag on it"
    )
    raise Refused(
        f"{', '.join(map(str, locked))}: locked by a failed DAG: {dag}: {explain(dag)}. {advice}, then run this "
        "task again"
    )


def _begin(desired: DesiredCluster, observed: ObservedCluster, progressed: Progressed) -> list[Step]:
    """List the steps for agents without an initialisation."""
    if desired.state == ABSENT:
        masters = observed.with_identity(MASTER)
        return [Step(REMOVE, f"remove {member} and its followers", member) for member in masters]
    single, options = observed.with_identity(SINGLE), _configure(desired, observed, progressed)
    # Options of all observers, or of one that has joined: once set, the cluster no longer counts as configured.
    first = [step for step in options if step.kind in (CONFIGURE_ALL, CONFIGURE_SERVER) and step.member not in single]
    first = first[:1] if single and _is_configured(desired, observed) else []
    rest = [step for step in options if step not in first]
    init = [Step(INIT, "initialise the cluster")] if desired.state == INITIALIZED else []
    return [*_set_passwords(observed, SINGLE), *first, *_join(observed), *rest, *init]


def _is_configured(desired: DesiredCluster, observed: ObservedCluster) -> bool:
    cluster = observed.cluster
    same = cluster and (cluster.name, cluster.cluster_id) == (desired.name, desired.cluster_id)
    return bool(same) and not observed.options_set_later


def _recover(desired: DesiredCluster, inits: list[Dag], progressed: Progressed) -> list[Step]:
    why = f"{inits[0]}: {explain(inits[0])}"
    if progressed.init:
        raise Ended(f"the initialisation failed: {why}")
    rollback = [Step(ROLLBACK, f"roll back {dag.label}", dag=dag) for dag in inits]
    if desired.state == ABSENT or desired.recover == "rollback":
        return rollback
    advice = (
        "This task never starts a second one beside it. Recover it with the role oceanbase.obshell.recover_init, or "
        "set recover to "
    )
    if desired.recover == "none":
        raise Refused(f"an earlier initialisation failed: {why}. {advice}retry or rollback")
    if len(inits) > 1:
        raise Refused(
            f"several initialisations failed: {' and '.join(dag.id for dag in inits)}. A retry of one would run over "
            f"what the others left. {advice}rollback"
        )
    if desired.state == CONFIGURED:
        raise Refused(f"an earlier initialisation failed, and a retry would initialise: {why}. {advice}rollback")
    return [Step(RETRY, f"retry {inits[0].label}", dag=inits[0])]


def _set_passwords(observed: ObservedCluster, identity: str) -> list[Step]:
    return [
        Step(SET_PASSWORD, f"set the agent password of {member}", member)
        for member in observed.with_identity(identity)
        if member.server.agent_password is not None and not member.has_agent_password
    ]


def _await_unreachable(observed: ObservedCluster, progressed: Progressed) -> list[Step]:
    """Agents restart during an initialisation; one that is down at any other time is only reported."""
    names = ", ".join(map(str, observed.password_unknown))
    if not names or not progressed.waited_for_dag:
        return []
    return [Step(AWAIT_AGENTS, f"wait until {names} responds, to check its agent password")]


def _join(observed: ObservedCluster) -> list[Step]:
    masters, singles = observed.with_identity(MASTER), observed.with_identity(SINGLE)
    if not singles:
        return []
    first = [] if masters else [Step(JOIN, f"join {singles[0]} as the master, in {singles[0].server.zone}", singles[0])]
    others = singles if masters else singles[1:]
    master = (masters or singles)[0]
    return first + [Step(JOIN, f"join {member} to {master}, in {member.server.zone}", member) for member in others]


def _configure(desired: DesiredCluster, observed: ObservedCluster, progressed: Progressed) -> list[Step]:
    begun = observed.with_identity(SINGLE) or progressed.joined or progressed.configured
    if desired.state == CONFIGURED and _is_configured(desired, observed) and not begun:
        return []
    steps = []
    if desired.config and "" not in progressed.configured:
        steps.append(Step(CONFIGURE_ALL, "set the options of all observers"))
    for member in observed.members:
        if member.server.config and str(member) not in progressed.configured:
            steps.append(Step(CONFIGURE_SERVER, f"set the options of the observer of {member}", member))
    if not progressed.cluster:
        text = f"set the cluster's password, its name {desired.name} and ID {desired.cluster_id}"
        steps.append(Step(CONFIGURE_CLUSTER, text))
    return steps
