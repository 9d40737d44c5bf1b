# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worth an event in one look at an agent, compared with what is remembered. Pure, except that it remembers."""

from __future__ import annotations

import typing as t

from .._dag.model import Dag
from .._errors import ObshellError, wrap_unexpected
from .._ids import GenericId
from . import events
from .events import Event
from .healing import LIMIT, HandOver, Heal, HealRule, Verdicts, decide
from .look import Look
from .memory import DagRecord, Memory
from .records import clusters_of, find_record, record_of
from .trouble import attempt_of, is_being_recovered, moved_at, waits_for_main

# A look that fails once may have met an agent that restarts.
FAILED_LOOKS = 2
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
        """List the IDs of the DAGs of which an agent must say what became of them, also in place of one that is off."""
        return [
            record.dag_id
            for record in self.memory.dags.values()
            if (record.open or not record.reported) and (record.agent == agent or self._answers_for(agent, record))
        ]

    def _answers_for(self, agent: str, record: DagRecord) -> bool:
        """Whether an agent can be asked for a cluster DAG in place of the one that listed it last."""
        is_member = agent in record.members and record.agent in self.memory.unreachable
        return is_member and GenericId.parse(record.dag_id).agent is None

    def observe(self, look: Look, now: float) -> list[Event]:
        """Compare one look with what is remembered, and remember it.

        An answer that nobody expected is a failure of its agent, and hides no other DAG.

        :param now: seconds since 1970, by the clock of this host.
        """
        found: list[Event] = []
        error = look.survey.error if look.failed else None
        dags = [dag for dag in look.survey.dags if not waits_for_main(dag, look.survey.dags)]
        of_each = [self._unreadable(look, now), *(self._listed(look, dag, now) for dag in dags)]
        for events_of_one in [*of_each, *(self._ended(look, *ended, now) for ended in look.ended.items())]:
            try:
                with wrap_unexpected():
                    found.extend(events_of_one)
            except ObshellError as unexpected:
                error = error or unexpected
        self.memory.forget(now)
        return [*self._reachability(look, error, now), *found]

    def _reachability(self, look: Look, error: ObshellError | None, now: float) -> Events:
        agent, known = str(look.agent), self.memory.unreachable
        self.failed_looks[agent] = self.failed_looks.get(agent, 0) + 1 if error else 0
        if error and agent not in known and self.failed_looks[agent] >= FAILED_LOOKS:
            known.append(agent)
            event_id = f"{events.UNREACHABLE}/{agent}/{now:.0f}"
            yield events.about_agent(events.UNREACHABLE, event_id, look, error.message)
        if not error and agent in known:
            known.remove(agent)
            msg = f"{agent} answers again"
            yield events.about_agent(events.REACHABLE, f"{events.REACHABLE}/{agent}/{now:.0f}", look, msg)

    def _unreadable(self, look: Look, now: float) -> Events:
        """Report each DAG that cannot be read once, until it can be."""
        present = {f"{look.agent}/{entry.get('id')}": entry for entry in look.survey.unreadable}
        known = self.memory.unreadable
        if not look.failed:
            known[:] = [key for key in known if key in present or not key.startswith(f"{look.agent}/")]
        for key in [key for key in present if key not in known]:
            known.append(key)
            yield events.unreadable(f"{events.UNREADABLE}/{key}/{now:.0f}", look, present[key])

    def _listed(self, look: Look, dag: Dag, now: float) -> Events:
        record = record_of(self.memory, look, dag, now)
        record.agent, record.seen_at = str(look.agent), now
        verdicts = look.survey.operators.get(dag.id, {})
        if dag.state == "FAILED":
            yield from self._failed(look, dag, verdicts, record, now)
            return
        record.refused = False
        if (record.open and record.count(events.FAILED)) or is_being_recovered(dag):
            since_failure = f"after-{record.count(events.FAILED)}"
            yield from self._report(events.RECOVERING, since_failure, look, dag, verdicts, record)
        if self._is_stuck(look, dag, record, now):
            yield from self._report(events.STUCK, attempt_of(dag), look, dag, verdicts, record)

    def _ended(self, look: Look, dag_id: str, ended: tuple[Dag, Verdicts] | None, now: float) -> Events:
        record = find_record(self.memory, look, dag_id)
        if record is None:
            return
        if ended is None:
            if record.open:
                record.gone += 1
                event_id = f"{events.GONE}/{record.key}/{record.since:.0f}/{record.gone}"
                yield events.gone(event_id, look, record)
            # Another agent may still have it: what was decided about it counts.
            self._close(record)
            return
        dag, verdicts = ended
        if dag.state == "FAILED":
            yield from self._failed(look, dag, verdicts, record_of(self.memory, look, dag, now), now)
        elif dag.state == "SUCCEED":
            if record.open:
                yield from self._report(events.RECOVERED, attempt_of(dag), look, dag, verdicts, record)
            record.end_trouble()
            self._close(record)

    def _failed(self, look: Look, dag: Dag, verdicts: Verdicts, record: DagRecord, now: float) -> Events:
        again = f"/{record.gone}" if record.gone else ""
        yield from self._report(events.FAILED, f"{attempt_of(dag)}{again}", look, dag, verdicts, record)
        # Otherwise it has ended, and this agent is a look behind.
        if record.open and self._rule:
            yield from self._decide(self._rule, look, dag, verdicts, record, now)

    def _decide(
        self, rule: HealRule, look: Look, dag: Dag, verdicts: Verdicts, record: DagRecord, now: float
    ) -> Events:
        clusters = clusters_of(look, record)
        recent = self.memory.recent_requests(clusters, now)
        decision = decide(rule, dag, verdicts, record, recent, now) if clusters else None
        was_refused, record.refused = record.refused, isinstance(decision, HandOver)
        event_id = f"{record.key}/{attempt_of(dag)}/{record.requests}"
        if isinstance(decision, Heal):
            record.requests, record.requested_at, record.requested_attempt = record.requests + 1, now, record.attempt
            self.memory.record_request(clusters[0], now)
            yield events.heal(f"{events.HEAL}/{event_id}", look, dag, verdicts, decision)
        # A verdict can depend on a list that could not be read just now: two looks in a row must find none.
        elif decision and (was_refused or decision.cause == LIMIT):
            record.escalated = True
            yield events.escalate(f"{events.ESCALATE}/{event_id}", look, dag, verdicts, decision, record)

    def _report(
        self, event_type: str, moment: str, look: Look, dag: Dag, verdicts: Verdicts, record: DagRecord
    ) -> Events:
        """Make an event about a DAG unless it was made before, and wait for the end of what it reports."""
        event_id = f"{event_type}/{record.key}/{moment}"
        if event_id not in record.reported:
            record.report(event_id)
            yield events.about_dag(event_type, event_id, look, dag, verdicts)

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
