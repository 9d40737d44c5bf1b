# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent says of itself and of its cluster, as values. Pure."""

from __future__ import annotations

import re
import typing as t

from .._ids import Address

SINGLE, MASTER, FOLLOWER, CLUSTER_AGENT = "SINGLE", "MASTER", "FOLLOWER", "CLUSTER AGENT"
# What an agent manages: its `type` in /info, which an agent of OceanBase does not return.
OCEANBASE, SEEKDB = "oceanbase", "seekdb"
# obState in /status.
DATABASE_AVAILABLE = 3
# From this version on, while the database is not available, agents ask each other without end for a DAG that none of
# them has, until they are out of file descriptors.
FLOODING_SINCE = (4, 2, 6)
STATES = ("UNKNOWN", "STARTING", "RUNNING", "STOPPING", "STOPPED")
Raw = dict[str, t.Any]


class AgentInfo(t.NamedTuple):
    """GET /info. Texts are empty if the agent's version does not return them.

    `has_agent_password` is None if the agent's version (before 4.2.6) does not know agent passwords.
    """

    address: Address
    type: str
    identity: str
    zone: str
    version: str
    ob_version: str
    home_path: str
    architecture: str
    pid: int | None
    supported_auth: tuple[str, ...]
    has_agent_password: bool | None
    is_obproxy_agent: bool

    @classmethod
    def from_api(cls, raw: Raw) -> AgentInfo:
        """Read the API's dict of an agent."""
        texts = {
            name: str(raw.get(key) or "")
            for name, key in (
                ("identity", "identity"),
                ("zone", "zone"),
                ("version", "version"),
                ("ob_version", "obVersion"),
                ("home_path", "homePath"),
                ("architecture", "architecture"),
            )
        }
        return cls(
            **texts,
            type=str(raw.get("type") or OCEANBASE),
            address=Address.from_api(raw),
            pid=_number(raw.get("pid")),
            supported_auth=_texts(raw.get("supportedAuth")),
            has_agent_password=bool(raw["security"]) if "security" in raw else None,
            is_obproxy_agent=bool(raw.get("isObproxyAgent")),
        )

    @property
    def is_seekdb(self) -> bool:
        """Whether the agent manages seekdb: it belongs to no cluster, and keeps all its DAGs itself."""
        return self.type == SEEKDB

    def is_older_than(self, version: tuple[int, ...]) -> bool:
        """Whether the agent is older than a version such as (4, 2, 6); an unknown version counts as the newest."""
        return _is_older(self.version, version)

    @property
    def needs_auth_v1(self) -> bool:
        """Whether the agent accepts only authentication v1; before 4.2.5 agents do not say what they accept."""
        return bool(self.supported_auth) and "v2" not in self.supported_auth


class AgentStatus(t.NamedTuple):
    """GET /status. `observer_state` is the agent's `obState`, `state` a word of STATES or a number."""

    address: Address
    identity: str
    version: str
    state: str
    under_maintenance: bool
    observer_state: int | None
    sql_port: int | None

    @classmethod
    def from_api(cls, raw: Raw) -> AgentStatus:
        """Read the API's dict of an agent's status."""
        state = raw.get("state") or 0
        is_known = isinstance(state, int) and 0 <= state < len(STATES)
        agent = raw["agent"] if isinstance(raw.get("agent"), dict) else {}
        return cls(
            address=Address.from_api(agent),
            identity=str(agent.get("identity") or ""),
            version=str(raw.get("version") or ""),
            state=STATES[state] if is_known else str(state),
            under_maintenance=bool(raw.get("underMaintenance")),
            observer_state=_number(raw.get("obState")),
            sql_port=_number(raw.get("sqlPort")),
        )

    @property
    def database_available(self) -> bool:
        """Whether the agent's connection to its database is available."""
        return self.observer_state == DATABASE_AVAILABLE

    def is_older_than(self, version: tuple[int, ...]) -> bool:
        """Whether the agent is older than a version such as (4, 2, 6); an unknown version counts as the newest."""
        return _is_older(self.version, version)

    @property
    def never_floods(self) -> bool:
        """Whether this agent never asks others for a DAG that it does not have: before 4.2.6, or if it is SINGLE."""
        return self.is_older_than(FLOODING_SINCE) or self.identity == SINGLE


class Peer(t.NamedTuple):
    """An agent as another agent of its cluster knows it."""

    address: Address
    zone: str
    identity: str


class ClusterInfo(t.NamedTuple):
    """GET /ob/info: the agents of a cluster, including the asked one. `name` is empty until it is configured."""

    peers: tuple[Peer, ...]
    name: str = ""
    cluster_id: int = 0

    @classmethod
    def from_api(cls, raw: Raw) -> ClusterInfo:
        """Read the API's dict of a cluster.

        :raises ValueError: it is not one.
        """
        agents, cluster = raw.get("agent_info") or [], raw.get("obcluster_info") or {}
        if not isinstance(agents, list) or not all(isinstance(item, dict) for item in (*agents, cluster)):
            raise ValueError("agent_info is not a list of agents")
        peers = (Peer(Address.from_api(one), str(one.get("zone")), str(one.get("identity"))) for one in agents)
        return cls(tuple(peers), str(cluster.get("name") or ""), _number(cluster.get("id")) or 0)


def _number(value: t.Any) -> int | None:
    return value if isinstance(value, int) else None


def _texts(value: t.Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _is_older(version: str, than: tuple[int, ...]) -> bool:
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    return numbers is not None and tuple(map(int, numbers[0].split("."))) < than
