# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an event source has reported and requested, so that it does neither twice, also after a restart. Pure."""

from __future__ import annotations

import dataclasses
import json

HOUR = 3600.0
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
    :param gone: whether it ended because the agent had the DAG no more.
    :param requests: how many operators were requested, the last one at `requested_at` for `requested_attempt`.
    :param retries_counted: whether the retries that the agent had recorded before are among those of the cluster.
    :param cause: why people would have been asked at the last look; empty if not.
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
    gone: bool = False
    requests: int = 0
    requested_at: float = 0.0
    requested_attempt: list[str] = dataclasses.field(default_factory=list)
    retries_counted: bool = False
    cause: str = ""
    escalated: bool = False

    def count(self, event_type: str) -> int:
        """Count the events of one type."""
        return sum(event_id.startswith(f"{event_type}/") for event_id in self.reported)

    def begin_trouble(self) -> None:
        """Note that trouble begins: what was decided about trouble that has ended does not count."""
        if not self.open:
            self.open, self.gone, self.escalated, self.cause = True, False, False, ""
            self.requests, self.requested_at, self.requested_attempt = 0, 0.0, []


@dataclasses.dataclass
class Memory:
    """What one event source remembers.

    :param dags: by their keys.
    :param requests: when operators were requested, by cluster.
    :param unreachable: the agents of which it was reported that they do not answer.
    """

    dags: dict[str, DagRecord] = dataclasses.field(default_factory=dict)
    requests: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    unreachable: list[str] = dataclasses.field(default_factory=list)

    def find(self, dag_id: str, agent: str) -> DagRecord | None:
        """Find a DAG that an agent listed last."""
        found = (record for record in self.dags.values() if (record.dag_id, record.agent) == (dag_id, agent))
        return next(found, None)

    def find_in(self, cluster: str, members: frozenset[str], dag_id: str) -> DagRecord | None:
        """Find a DAG that a member of a cluster listed, also if the cluster has got other members since.

        :param cluster: its name and ID; empty if they are not known just now.
        """
        for record in self.dags.values():
            is_same = not (record.cluster and cluster) or record.cluster == cluster
            if record.dag_id == dag_id and is_same and not members.isdisjoint({record.agent, *record.members}):
                return record
        return None

    def recent_requests(self, cluster: str, now: float) -> int:
        """Count the requests of the last hour. If the clock was set back, a request in the future counts too."""
        return sum(now - moment < HOUR for moment in self.requests.get(cluster, ()))

    def record_request(self, cluster: str, moment: float) -> None:
        """Remember that an operator was requested."""
        self.requests.setdefault(cluster, []).append(moment)

    def forget(self, now: float) -> None:
        """Drop what no longer matters; never a DAG whose trouble has not ended, however long its agent is away."""
        self.dags = {
            key: record for key, record in self.dags.items() if record.open or now - record.seen_at < FORGET_AFTER
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
            return cls(dags, requests, [str(agent) for agent in raw["unreachable"]])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"it was not written by this event source: {error!r}") from error
