# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an event source has reported and requested, so that it does neither twice, also after a restart. Pure."""

from __future__ import annotations

import dataclasses
import json
import typing as t

HOUR = 3600.0
MAX_REPORTED = 200
# After this time a DAG that no agent lists is forgotten, unless it is in trouble.
FORGET_AFTER = 86400.0


@dataclasses.dataclass
class DagRecord:
    """What is known of one DAG. Times are seconds since 1970 of this host.

    :param key: tells it apart from the DAGs of all clusters.
    :param dag_id: its ID; `agent` is the address of the agent that listed it last, at `seen_at`.
    :param cluster: the name and ID of its cluster, empty as long as no agent said them; `members` are its members at
        that time.
    :param attempt: its present attempt, first seen at `since`.
    :param reported: the IDs of the events about it.
    :param open: whether trouble was reported, and its end was not.
    :param gone: how many times an agent had the DAG no more.
    :param requests: how many operators were requested, the last one at `requested_at` for `requested_attempt`.
    :param retries_counted: whether the retries that the agent had recorded before are among those of the cluster.
    :param failed_at: when it moved last before its last failure, by the agent's clock.
    :param refused: whether the last look found no operator that can be sent.
    :param escalated: whether it was handed over to people.
    """

    key: str
    dag_id: str
    agent: str
    attempt: list[str]
    since: float
    seen_at: float
    cluster: str = ""
    members: list[str] = dataclasses.field(default_factory=list)
    reported: list[str] = dataclasses.field(default_factory=list)
    open: bool = False
    gone: int = 0
    requests: int = 0
    requested_at: float = 0.0
    requested_attempt: list[str] = dataclasses.field(default_factory=list)
    retries_counted: bool = False
    failed_at: float = 0.0
    refused: bool = False
    escalated: bool = False

    def count(self, event_type: str) -> int:
        """Count the events of one type."""
        return sum(event_id.startswith(f"{event_type}/") for event_id in self.reported)

    def report(self, event_id: str) -> None:
        """Note an event: there is trouble."""
        self.reported = [*self.reported[-MAX_REPORTED:], event_id]
        self.open = True

    def end_trouble(self) -> None:
        """Note that the trouble has ended: what was decided about it does not count for the next one."""
        self.open = self.escalated = self.refused = False
        self.requests, self.requested_at, self.requested_attempt = 0, 0.0, []

    def merge(self, other: DagRecord) -> None:
        """Take over what is known of the same DAG by another record."""
        self.reported = sorted({*self.reported, *other.reported})
        self.members = sorted({*self.members, *other.members})
        self.open, self.escalated = self.open or other.open, self.escalated or other.escalated
        self.requests = max(self.requests, other.requests)
        self.requested_at = max(self.requested_at, other.requested_at)


@dataclasses.dataclass
class Memory:
    """What one event source remembers.

    :param dags: by their keys.
    :param requests: when operators were requested, by cluster.
    :param unreachable: the agents of which it was reported that they do not answer.
    :param unreadable: the DAGs of which it was reported that they cannot be read, each with its agent.
    """

    dags: dict[str, DagRecord] = dataclasses.field(default_factory=dict)
    requests: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    unreachable: list[str] = dataclasses.field(default_factory=list)
    unreadable: list[str] = dataclasses.field(default_factory=list)

    def find(self, dag_id: str, agent: str, cluster: str, members: frozenset[str]) -> DagRecord | None:
        """Find a DAG that an agent listed last, or else another member of its cluster, which may have others since.

        Several records of it, from a time when its agents did not say their cluster, become one.

        :param cluster: the name and ID of the cluster; empty if they are not known just now.
        """
        found = [
            record
            for record in self.dags.values()
            if record.dag_id == dag_id
            and (record.agent == agent or record.cluster == cluster or not (record.cluster and cluster))
            and not {agent, *members}.isdisjoint({record.agent, *record.members})
        ]
        found.sort(key=lambda record: record.agent != agent)
        for other in found[1:]:
            found[0].merge(other)
            del self.dags[other.key]
        return found[0] if found else None

    def recent_requests(self, clusters: t.Iterable[str], now: float) -> int:
        """Count the requests of the last hour. If the clock was set back, a request in the future counts too.

        :param clusters: all names by which one cluster was counted.
        """
        return sum(now - moment < HOUR for cluster in clusters for moment in self.requests.get(cluster, ()))

    def record_request(self, cluster: str, moment: float) -> None:
        """Remember that an operator was requested."""
        self.requests.setdefault(cluster, []).append(moment)

    def forget(self, now: float) -> None:
        """Drop what no longer matters; never a DAG whose trouble has not ended, however long its agent is away."""
        self.dags = {
            key: record
            for key, record in self.dags.items()
            if record.open or record.escalated or now - record.seen_at < FORGET_AFTER
        }
        recent = {name: [at for at in moments if now - at < HOUR] for name, moments in self.requests.items()}
        self.requests = {name: moments for name, moments in recent.items() if moments}

    def to_json(self) -> str:
        """Write it as text."""
        return json.dumps(dataclasses.asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str, now: float) -> Memory:
        """Read what :meth:`to_json` wrote. Each DAG has a full day again until it is forgotten.

        :raises ValueError: it is something else.
        """
        try:
            raw = json.loads(text)
            dags = {key: DagRecord(**{**record, "seen_at": now}) for key, record in raw["dags"].items()}
            requests = {name: [float(at) for at in moments] for name, moments in raw["requests"].items()}
            unreachable, unreadable = ([str(item) for item in raw[name]] for name in ("unreachable", "unreadable"))
            return cls(dags, requests, unreachable, unreadable)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"it was not written by this event source: {error!r}") from error
