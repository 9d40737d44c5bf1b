# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worth an event in one look at an agent, compared with what is remembered. Pure, except that it remembers."""

from __future__ import annotations

import typing as t

from .._dag.model import Dag
from . import events
from .events import Event
from .healing import LIMIT, HandOver, Heal, HealRule, Verdicts, decide
from .look import Look
from .memory import DagRecord, Memory
from .trouble import began_at, is_being_recovered, moved_at, retries_of, waits_for_main

# A look that fails once may have met an agent that restarts.
FAILED_LOOKS = 2
# How many earlier retries of one DAG are counted; the number is the agent's.
MAX_COUNTED = 1000
Events = t.Iterator[Event]


class Observer:
    """Turns looks into events, each of them once. Not thread-safe.

    `failed_looks` counts for each agent how many looks in a row failed.
    """

    def __init__(self, memory: Memory, *, stuck_after: float, rule: HealRule | None = None) -> None:
        """Begin with what an earlier run remembered.

        :param stuck_after: after how many seconds without a movement a DAG is stuck.
        :param rule: what may be done without people; None: nothing.
        """
        self.memory = memory
        self.failed_looks: dict[str, int] = {}
        self._stuck_after = stuck_after
        self._rule = rule

    def watched(self, agent: str) -> list[str]:
        """List the IDs of the DAGs of which an agent must say what became of them."""
        records = self.memory.dags.values()
        return [record.dag_id for record in records if record.agent == agent and (record.open or not record.reported)]

    def observe(self, look: Look, now: float) -> list[Event]:
        """Compare one look with what is remembered, and remember it.

        :param now: seconds since 1970, by the clock of this host.
        """
        found: list[Event] = []
        for dag in look.survey.dags:
            if not waits_for_main(dag, look.survey.dags):
                found += self._listed(look, dag, now)
        for dag_id, ended in look.ended.items():
            found += self._ended(look, dag_id, ended, now)
        self.memory.forget(now)
        # Last: a look that fails above is not one that succeeded.
        return [*self._reachability(look, now), *found]

    def _reachability(self, look: Look, now: float) -> Events:
        agent, known = str(look.agent), self.memory.unreachable
        self.failed_looks[agent] = self.failed_looks.get(agent, 0) + 1 if look.failed else 0
        if look.failed and agent not in known and self.failed_looks[agent] >= FAILED_LOOKS:
            known.append(agent)
            why = look.survey.error.message if look.survey.error else ""
            yield events.about_agent(events.UNREACHABLE, f"{events.UNREACHABLE}/{agent}/{now:.0f}", look, why)
        if not look.failed and agent in known:
            known.remove(agent)
            msg = f"{agent} answers again"
            yield events.about_agent(events.REACHABLE, f"{events.REACHABLE}/{agent}/{now:.0f}", look, msg)

    def _listed(self, look: Look, dag: Dag, now: float) -> Events:
        record = self._record(look, dag, now)
        record.agent, record.seen_at = str(look.agent), now
        record.cluster, record.members = look.cluster_name or record.cluster, sorted(look.members) or record.members
        verdicts = look.survey.operators.get(dag.id, {})
        if dag.state == "FAILED":
            yield from self._failed(look, dag, verdicts, record, now)
            return
        if (record.open and record.count(events.FAILED)) or is_being_recovered(dag):
            since_failure = f"after-{record.count(events.FAILED)}"
            yield from self._report(events.RECOVERING, since_failure, look, dag, verdicts, record)
        if self._is_stuck(look, dag, record, now):
            since = f"{dag.operator}/{dag.start_time}"
            yield from self._report(events.STUCK, since, look, dag, verdicts, record)

    def _ended(self, look: Look, dag_id: str, ended: tuple[Dag, Verdicts] | None, now: float) -> Events:
        record = self.memory.find(dag_id, str(look.agent))
        if record is None:
            return
        if ended is None:
            if record.open:
                record.gone = True
                yield events.gone(f"{events.GONE}/{record.key}/{record.since:.0f}", look, record)
            self._close(record)
            return
        dag, verdicts = ended
        if dag.state == "FAILED":
            yield from self._failed(look, dag, verdicts, self._record(look, dag, now), now)
        elif dag.state == "SUCCEED":
            if record.open:
                moment = f"{dag.operator}/{dag.start_time}"
                yield from self._report(events.RECOVERED, moment, look, dag, verdicts, record)
            self._close(record)

    def _failed(self, look: Look, dag: Dag, verdicts: Verdicts, record: DagRecord, now: float) -> Events:
        attempt = f"{dag.operator}/{dag.start_time}"
        yield from self._report(events.FAILED, attempt, look, dag, verdicts, record)
        # Another agent has it still, or again.
        record.open, record.gone = record.open or record.gone, False
        if record.open and self._rule:
            yield from self._decide(self._rule, look, dag, verdicts, record, now)

    def _decide(
        self, rule: HealRule, look: Look, dag: Dag, verdicts: Verdicts, record: DagRecord, now: float
    ) -> Events:
        cluster = _cluster_of(look, record)
        if not cluster:
            return
        decision = decide(rule, dag, verdicts, record, self.memory.recent_requests(cluster, now), now)
        event_id = f"{record.key}/{dag.operator}/{dag.start_time}/{record.requests}"
        last_cause, record.cause = record.cause, decision.cause if isinstance(decision, HandOver) else ""
        if isinstance(decision, Heal):
            record.requests, record.requested_at, record.requested_attempt = record.requests + 1, now, record.attempt
            self.memory.record_request(cluster, now)
            yield events.heal(f"{events.HEAL}/{event_id}", look, dag, verdicts, decision)
        # A verdict can depend on a list that could not be read just now: it must be the same at two looks in a row.
        elif decision and decision.cause in (LIMIT, last_cause):
            record.escalated = True
            yield events.escalate(f"{events.ESCALATE}/{event_id}", look, dag, verdicts, decision, record)

    def _report(
        self, event_type: str, moment: str, look: Look, dag: Dag, verdicts: Verdicts, record: DagRecord
    ) -> Events:
        """Make an event about a DAG unless it was made before, and wait for the end of what it reports."""
        event_id = f"{event_type}/{record.key}/{moment}"
        if event_id not in record.reported:
            record.reported.append(event_id)
            record.begin_trouble()
            yield events.about_dag(event_type, event_id, look, dag, verdicts)

    def _record(self, look: Look, dag: Dag, now: float) -> DagRecord:
        """Find or begin the record of a DAG, and note its present attempt."""
        key = look.key_of(dag.id)
        record = (
            self.memory.find(dag.id, str(look.agent))
            or self.memory.dags.get(key)
            or self.memory.find_in(look.cluster_name, look.members | {str(look.agent)}, dag.id)
        )
        if record is None:
            record = DagRecord(key, dag.id, str(look.agent), [], now, now)
            self.memory.dags[key] = record
        cluster = _cluster_of(look, record)
        if cluster and not record.retries_counted:
            record.retries_counted = True
            self._count_earlier_retries(cluster, look, dag, now)
        if record.attempt != [*dag.attempt]:
            record.attempt, record.since = [*dag.attempt], now
        return record

    def _count_earlier_retries(self, cluster: str, look: Look, dag: Dag, now: float) -> None:
        """Count the retries that the agent has recorded, as of the last one: nothing may be remembered of them."""
        began, agent_time = began_at(dag), look.survey.agent_time
        age = 0.0 if began is None or agent_time is None else max(0.0, agent_time - began)
        for _retry in range(min(retries_of(dag), MAX_COUNTED)):
            self.memory.record_request(cluster, now - age)

    def _is_stuck(self, look: Look, dag: Dag, record: DagRecord, now: float) -> bool:
        """Whether nothing moved for long, by the agent's own times, or as long as it says no time, by this host's."""
        moved, agent_time = moved_at(dag), look.survey.agent_time
        idle = now - record.since if moved is None or agent_time is None else agent_time - moved
        return idle >= self._stuck_after

    def _close(self, record: DagRecord) -> None:
        """Stop watching a DAG; what was reported is kept for a day, since another agent may be a look behind."""
        record.open = False
        if not record.reported:
            del self.memory.dags[record.key]


def _cluster_of(look: Look, record: DagRecord) -> str:
    """The cluster for which the attempts at a DAG are counted; empty if it is not known."""
    return look.cluster_name or record.cluster or look.cluster
