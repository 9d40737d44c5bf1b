# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which remembered DAG one of a look is, of which cluster, and how far it has come. Pure, except that it remembers."""

from __future__ import annotations

from .._dag.model import Dag
from .look import Look
from .memory import DagRecord, Memory
from .trouble import attempt_of, began_at, earliest_at, is_first_attempt, moved_at, retries_of

# How many earlier retries of one DAG are counted; the number is the agent's.
MAX_COUNTED = 1000


def find_record(memory: Memory, look: Look, dag_id: str) -> DagRecord | None:
    """Find the record of a DAG."""
    found = memory.find(dag_id, str(look.agent), look.cluster_name, look.members)
    return found or memory.dags.get(look.key_of(dag_id))


def record_of(memory: Memory, look: Look, dag: Dag, now: float) -> DagRecord:
    """Find or begin the record of a DAG, and note its present attempt."""
    record = find_record(memory, look, dag.id)
    if record is None:
        record = DagRecord(look.key_of(dag.id), dag.id, str(look.agent), [], now, now)
        memory.dags[record.key] = record
    _note_cluster(record, look)
    attempt = [dag.state, attempt_of(dag)]
    if record.attempt != attempt:
        record.attempt, record.since, record.refused = attempt, now, False
        if dag.state == "FAILED":
            _note_failure(record, dag)
    clusters = clusters_of(look, record)
    if clusters and not record.retries_counted:
        record.retries_counted = True
        _count_earlier_retries(memory, clusters[0], look, dag, now)
    return record


def clusters_of(look: Look, record: DagRecord) -> list[str]:
    """The names by which the attempts at DAGs of a cluster may have been counted, the present one first.

    Empty if it is not known which cluster it is.
    """
    known = look.cluster_name or record.cluster or look.cluster
    return [*dict.fromkeys((known, *look.masters, str(look.agent)))] if known else []


def _note_cluster(record: DagRecord, look: Look) -> None:
    """Note the cluster and its members. A list of members may be short, so only another cluster replaces it."""
    is_other = bool(record.cluster and look.cluster_name) and record.cluster != look.cluster_name
    record.members = sorted({*look.members, *(() if is_other else record.members)})
    record.cluster = look.cluster_name or record.cluster


def _note_failure(record: DagRecord, dag: Dag) -> None:
    """Note when a DAG failed. One with the same ID may be another: an agent that was installed again counts from 1."""
    if earliest_at(dag) > record.failed_at > 0 and is_first_attempt(dag):
        record.end_trouble()
        record.retries_counted = False
    record.failed_at = moved_at(dag) or 0.0


def _count_earlier_retries(memory: Memory, cluster: str, look: Look, dag: Dag, now: float) -> None:
    """Count the retries that the agent has recorded, as of the last one: nothing may be remembered of them."""
    began, agent_time = began_at(dag), look.survey.agent_time
    age = 0.0 if began is None or agent_time is None else max(0.0, agent_time - began)
    for _retry in range(min(retries_of(dag), MAX_COUNTED)):
        memory.record_request(cluster, now - age)
