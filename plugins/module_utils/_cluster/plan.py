# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is missing between a cluster as it is declared and as it is: the one place where that is decided. Pure."""

from __future__ import annotations

from .._dag.failures import explain
from .._dag.model import INITIALIZE, WITHOUT_OPERATORS, Dag
from .._errors import Ended, Refused
from .._operation.conflicts import owner
from .model import (
    ABSENT,
    CLUSTER_AGENT,
    CONFIGURE_ALL,
    CONFIGURE_CLUSTER,
    CONFIGURE_SERVER,
    CONFIGURED,
    FOLLOWER,
    INIT,
    INITIALIZED,
    JOIN,
    MASTER,
    REMOVE,
    RETRY,
    ROLLBACK,
    SET_PASSWORD,
    SETTLE,
    SINGLE,
    WAIT,
    Declared,
    Done,
    Member,
    Step,
    View,
)
from .preconditions import refuse_strangers


def plan_cluster(declared: Declared, view: View, done: Done) -> list[Step]:
    """List what is missing, in the order in which it is to be done; nothing where all is as declared.

    The agent does not tell the observers' options that were set. So an initialisation is always preceded by setting
    them, whatever was set before; and a cluster that knows its name and ID has been configured, unless options were
    set since: the name is told last, and where it was told already, no agent joins before options are set.

    :raises Refused: it cannot be brought about without harm, or only by another's decision; says who and why.
    :raises Ended: the initialisation that this run started has failed.
    """
    refuse_strangers(declared, view)
    if view.initialized:
        return [*_set_passwords(view, CLUSTER_AGENT), *_await_answers(view, done)]
    running = [dag for dag in view.dags if not dag.finished]
    if running and owner(running[0]) in {member.address for member in view.of(FOLLOWER)}:
        # A follower may take no password yet; whether a DAG locks it, it says without one.
        return [Step(SETTLE, f"wait for {running[0]}", dag=running[0])]
    if running:
        return [Step(WAIT, f"wait for {running[0]}", dag=running[0])]
    failed = [dag for dag in view.dags if dag.state == "FAILED"]
    inits = sorted((dag for dag in failed if dag.name == INITIALIZE), key=lambda dag: dag.number, reverse=True)
    if inits:
        recovery = _recover(declared, inits, done)
        return recovery if recovery[0].kind == RETRY else [*recovery, *_begin(declared, view, done)]
    locked = [member for member in view.members if member.maintained]
    if failed and locked:
        return _unlock(declared, view, locked, failed)
    if locked:
        return [Step(SETTLE, f"wait until no DAG locks {', '.join(map(str, locked))}")]
    if view.of(CLUSTER_AGENT):
        return [Step(SETTLE, "wait until all agents are cluster agents")]
    return _begin(declared, view, done)


def _unlock(declared: Declared, view: View, locked: list[Member], failed: list[Dag]) -> list[Step]:
    """Roll back what followers have left of an initialisation that is no more; anything else is another's to judge."""
    followers = {member.address for member in view.of(FOLLOWER)}
    left = [dag for dag in failed if owner(dag) in followers and view.of(MASTER)]
    if left and (declared.state == ABSENT or declared.recover == "rollback"):
        return [Step(ROLLBACK, f"roll back {dag}", dag=dag) for dag in left]
    dag = failed[0]
    advice = (
        "It takes no operator: set its agent up anew"
        if dag.name in WITHOUT_OPERATORS
        else "Operate it with obshell_dag"
    )
    raise Refused(
        f"{', '.join(map(str, locked))}: under maintenance by a DAG that failed: {dag}: {explain(dag)}. {advice}, then "
        "run this again"
    )


def _begin(declared: Declared, view: View, done: Done) -> list[Step]:
    """List what agents need that no initialisation has touched, or none is left of."""
    if declared.state == ABSENT:
        return [Step(REMOVE, f"remove {member} and its followers", member) for member in view.of(MASTER)]
    single, options = view.of(SINGLE), _configure(declared, view, done)
    # Of all, or of one that has joined: it takes back what makes the cluster count as configured.
    first = [step for step in options if step.kind in (CONFIGURE_ALL, CONFIGURE_SERVER) and step.member not in single]
    first = first[:1] if single and _told(declared, view) else []
    rest = [step for step in options if step not in first]
    return [*_set_passwords(view, SINGLE), *first, *_join(view), *rest, *_init(declared)]


def _told(declared: Declared, view: View) -> bool:
    told = view.cluster
    return bool(told and not told.stale and (told.name, told.cluster_id) == (declared.name, declared.cluster_id))


def _recover(declared: Declared, inits: list[Dag], done: Done) -> list[Step]:
    why = f"{inits[0]}: {explain(inits[0])}"
    if done.init:
        raise Ended(f"the initialisation has failed: {why}")
    rollback = [Step(ROLLBACK, f"roll back {dag}", dag=dag) for dag in inits]
    if declared.state == ABSENT or declared.recover == "rollback":
        return rollback
    advice = (
        "A second one is never started beside it. Let the role oceanbase.obshell.recover_init recover it, or this task "
        "with recover set to "
    )
    names = " and ".join(dag.id for dag in inits)
    if declared.recover == "none":
        raise Refused(f"an earlier initialisation has failed: {why}. {advice}retry or rollback")
    if len(inits) > 1:
        raise Refused(
            f"several initialisations have failed, {names}; a retry of one would run over what is left of the others. "
            f"{advice}rollback"
        )
    if declared.state == CONFIGURED:
        raise Refused(f"an earlier initialisation has failed, and a retry would initialise: {why}. {advice}rollback")
    return [Step(RETRY, f"retry {inits[0]}", dag=inits[0])]


def _set_passwords(view: View, identity: str) -> list[Step]:
    return [
        Step(SET_PASSWORD, f"set the agent password of {member}", member)
        for member in view.of(identity)
        if member.server.agent_password is not None and not member.secured
    ]


def _await_answers(view: View, done: Done) -> list[Step]:
    """Agents restart while they are initialised; of one that is down at any other time it is only told."""
    names = ", ".join(map(str, view.unsure))
    return [Step(SETTLE, f"wait until {names} answers, to see its agent password")] if names and done.followed else []


def _join(view: View) -> list[Step]:
    masters = view.of(MASTER)
    singles = view.of(SINGLE)
    if not singles:
        return []
    steps = [] if masters else [Step(JOIN, f"join {singles[0]} as the master, in {singles[0].server.zone}", singles[0])]
    others = singles if masters else singles[1:]
    master = (masters or singles)[0]
    return steps + [Step(JOIN, f"join {member} to {master}, in {member.server.zone}", member) for member in others]


def _configure(declared: Declared, view: View, done: Done) -> list[Step]:
    if (
        declared.state == CONFIGURED
        and _told(declared, view)
        and not (view.of(SINGLE) or done.joined or done.configured)
    ):
        return []
    steps = []
    if declared.config and "" not in done.configured:
        steps.append(Step(CONFIGURE_ALL, "set the options of all observers"))
    for member in view.members:
        if member.server.config and str(member) not in done.configured:
            steps.append(Step(CONFIGURE_SERVER, f"set the options of the observer of {member}", member))
    if not done.cluster:
        what = f"set the cluster's password, its name {declared.name} and ID {declared.cluster_id}"
        steps.append(Step(CONFIGURE_CLUSTER, what))
    return steps


def _init(declared: Declared) -> list[Step]:
    return [Step(INIT, "initialise the cluster")] if declared.state == INITIALIZED else []
