# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent that answers from memory, for tests of surveys."""

from __future__ import annotations

import typing as t

from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo, AgentStatus, ClusterInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag

NOW = 1_795_000_000.0
# As the client notes a DAG that it cannot read.
UNREADABLE_DAG = {
    "route": "dag/unfinish",
    "id": "22130706433028869",
    "name": "Scale out",
    "status": -1,
    "error": {"message": "it has no state"},
    "trace_id": "",
}


class SurveyedAgent:
    """A member of a cluster. It journals each request; a request whose name is in `errors` raises that error."""

    where = "http://192.0.2.1:2886"

    def __init__(
        self,
        *dags: Dag,
        number: int = 1,
        identity: str = "MASTER",
        type: str = "oceanbase",
        observer_state: int = 0,
        peers: t.Iterable[int] = (1, 2),
        name: str = "prod",
        errors: t.Mapping[str, Exception] | None = None,
        unreadable: t.Iterable[dict[str, t.Any]] = (),
    ) -> None:
        self.dags = list(dags)
        self.own = {"ip": f"192.0.2.{number}", "port": 2886, "identity": identity, "zone": f"zone{number}"}
        self.type, self.observer_state, self.name = type, observer_state, name
        self.peers = [{**self.own, "ip": f"192.0.2.{peer}", "zone": f"zone{peer}"} for peer in peers]
        self.errors = dict(errors or {})
        self.unreadable = list(unreadable)
        self.requests: list[str] = []
        self.closed = False

    @property
    def is_seekdb(self) -> bool:
        return self.type == "seekdb"

    def info(self) -> AgentInfo:
        self._request("info")
        return AgentInfo.from_api({**self.own, "version": "4.5.0.0-1", "type": self.type})

    def status(self) -> AgentStatus:
        self._request("status")
        return AgentStatus.from_api(
            {"agent": self.own, "version": "4.5.0.0-1", "obState": self.observer_state, "underMaintenance": True}
        )

    def cluster_info(self) -> ClusterInfo:
        self._request("cluster_info")
        return ClusterInfo.from_api({"agent_info": self.peers, "obcluster_info": {"id": 7, "name": self.name}})

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        self._request(route)
        if unreadable is not None:
            unreadable += self.unreadable
        return list(self.dags)

    def has_seen(self, dag_id: str) -> bool:
        return False

    def agent_time(self) -> float | None:
        return NOW if self.requests else None

    def close(self) -> None:
        self.closed = True

    def _request(self, name: str) -> None:
        self.requests.append(name)
        if name in self.errors:
            raise self.errors[name]
