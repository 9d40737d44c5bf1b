# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of an event source, as dictionaries. Pure.

All events have `type`, `id`, `agent`, `cluster` and `msg`; those about a DAG have the fields of :func:`about_dag` too.
"""

from __future__ import annotations

import typing as t

from .._dag.failures import MAX_EXPLAINED, failures, reason
from .._dag.model import Dag
from .._dag.operators import advice
from .._dag.recovery import outcome
from .healing import HandOver, Heal, Verdicts
from .look import Look
from .memory import DagRecord
from .trouble import retries_of

FAILED, STUCK, RECOVERING, RECOVERED, GONE = "failed", "stuck", "recovering", "recovered", "gone"
UNREADABLE = "unreadable"
UNREACHABLE, REACHABLE = "unreachable", "reachable"
HEAL, ESCALATE = "heal", "escalate"
MAX_REASON = 500
DAG_FIELDS = ("id", "name", "state", "operator", "start_time", "end_time", "stage", "max_stage")
Event = dict[str, t.Any]


def about_agent(event_type: str, event_id: str, look: Look, msg: str) -> Event:
    """Make an event about an agent."""
    info, cluster = look.survey.info, look.survey.cluster
    return {
        "type": event_type,
        "id": event_id,
        "agent": {
            "address": str(look.agent),
            "host": look.agent.host,
            "port": look.agent.port,
            "identity": info.identity if info else "",
            "version": info.version if info else "",
        },
        "cluster": {"name": cluster.name if cluster else "", "id": cluster.cluster_id if cluster else 0},
        "msg": msg,
    }


def about_dag(event_type: str, event_id: str, look: Look, dag: Dag, verdicts: Verdicts, why: str = "") -> Event:
    """Make an event about a DAG, with why it failed and what each operator would do."""
    reasons = [reason(failure) for failure in failures(dag)[:MAX_EXPLAINED]]
    return {
        **about_agent(event_type, event_id, look, ". ".join([f"{dag} on {look.agent}", *([why] if why else [])])),
        "dag": {name: dag.raw.get(name) for name in DAG_FIELDS},
        "outcome": outcome(dag),
        "retries": retries_of(dag),
        "reasons": reasons,
        **advice(verdicts),
    }


def heal(event_id: str, look: Look, dag: Dag, verdicts: Verdicts, decision: Heal) -> Event:
    """Make the event that asks for an operator."""
    event = about_dag(HEAL, event_id, look, dag, verdicts, f"{decision.operator} is requested")
    return {**event, "heal": {"operator": decision.operator, "accept": list(decision.accept)}}


def escalate(event_id: str, look: Look, dag: Dag, verdicts: Verdicts, decision: HandOver, record: DagRecord) -> Event:
    """Make the event that hands a DAG over to people; :func:`complete` adds all that they need to decide."""
    event = about_dag(ESCALATE, event_id, look, dag, verdicts)
    msg = f"{dag} on {look.agent}. It is not recovered automatically: {decision.why}"
    return {**event, "cause": decision.cause, "requests": record.requests, "msg": msg}


def unreadable(event_id: str, look: Look, entry: t.Mapping[str, t.Any]) -> Event:
    """Make the event that the agent lists a DAG that cannot be read, so nobody knows whether it has failed."""
    msg = f"{look.agent} lists a DAG that cannot be read: {entry['error']['message']}"
    return {
        **about_agent(UNREADABLE, event_id, look, msg),
        "dag": {name: entry.get(name) for name in ("id", "name")},
    }


def gone(event_id: str, look: Look, record: DagRecord) -> Event:
    """Make the event that the agent has a DAG no more."""
    event = about_agent(GONE, event_id, look, f"DAG {record.dag_id} is no longer listed by {look.agent}")
    return {**event, "dag": {"id": record.dag_id}}


def complete(event: Event) -> Event:
    """Cut the reasons of an event, and explain a hand-over.

    :param event: masked. In a text that was cut before, the beginning of a password would not be recognised.
    """
    if "reasons" not in event:
        return event
    event = {**event, "reasons": [text[:MAX_REASON] for text in event["reasons"]]}
    if event["type"] != ESCALATE:
        return event
    effects = [f"{operator}: {found['verdict']}, {found['reason']}" for operator, found in event["operators"].items()]
    msg = ". ".join([event["msg"], *(f"Failed: {text}" for text in event["reasons"]), *effects])
    return {**event, "msg": msg}
