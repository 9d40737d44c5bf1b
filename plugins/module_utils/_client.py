# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's API: one method for each route that this collection uses."""

from __future__ import annotations

import typing as t

from ._credentials import Credentials
from ._errors import Unreachable
from ._ids import GenericId
from ._session import Session
from ._shape import is_dag
from ._transport import Transport

ApiDag = dict[str, t.Any]


class ObshellClient:
    """One agent's API. Not thread-safe. Every method raises what :meth:`Session.call` does.

    `where` names the agent for people; `trace_ids` are the agent's IDs of what could change something, and of errors.
    """

    def __init__(
        self, transport: Transport, credentials: Credentials | None = None, *, session: Session | None = None
    ) -> None:
        """Prepare a client, over a `session` if there is one; nothing is sent before the first call."""
        self._session = session or Session(transport, credentials or Credentials())
        self.transport = transport
        self.where = transport.where
        self.trace_ids = self._session.trace_ids

    def info(self) -> dict[str, t.Any]:
        """GET /info (open): what the agent is. 4.2 answers it with an error and data where no observer is installed."""
        return self._dict("/info", self._session.open_call("/info", data_despite_error=True))

    def status(self) -> dict[str, t.Any]:
        """GET /status (open): state of the agent and of its observer, and whether a maintenance DAG locks it."""
        return self._dict("/status", self._session.open_call("/status"))

    def members(self) -> list[tuple[str, t.Any]]:
        """GET /ob/info: (address, port) of each agent of the cluster, the asked one's own at least.

        Source: the agent's `obInfoHandler`, there since 4.2.3.
        """
        return [(str(agent.get("ip")), agent.get("port")) for agent in self.ob_info()["agent_info"]]

    def ob_info(self) -> dict[str, t.Any]:
        """GET /ob/info: `agent_info`, a list of agents, and `obcluster_info` with the `id` and `name` told so far."""
        data = self._dict("/ob/info", self._session.call("GET", "/ob/info"))
        agents = data.get("agent_info") or []
        cluster = data.get("obcluster_info") or {}
        if not isinstance(agents, list) or not all(isinstance(item, dict) for item in (*agents, cluster)):
            raise self._strange("/ob/info")
        return {"agent_info": agents, "obcluster_info": cluster}

    def own_address(self) -> tuple[str, t.Any] | None:
        """Tell (address, port) as the agent says beside its key, which any call reads first; None through a socket.

        :raises Unreachable: the key could not be read.
        """
        if self._session.transport.trusted:
            return None
        self._session.meet()
        return self._session.address

    def get_dag(self, dag_id: str, *, details: bool = True) -> ApiDag:
        """GET /task/dag/{id}: one DAG as the API returns it, with its nodes where `details` is true.

        :raises InvalidInput: the ID is malformed; nothing was sent.
        """
        route = f"/task/dag/{dag_id}{_query(details)}"
        dag = self._session.call("GET", route, obproxy=GenericId.parse(dag_id).is_obproxy)
        if not is_dag(dag, details=details) or dag["id"] != dag_id:
            raise self._strange(route)
        return t.cast(ApiDag, dag)

    def list_dags(self, route: str, *, details: bool) -> list[ApiDag]:
        """GET a route below /task that answers one DAG, or several as `contents`, of which null is none.

        :param route: such as `dag/unfinish`, `dag/maintain/agent` or `dags/agent`.
        :raises AgentError: also where the agent is too old, or is no cluster's, to have the route (400, 404, 500).
        """
        data = self._session.call("GET", f"/task/{route}{_query(details)}")
        if isinstance(data, dict) and "contents" in data:
            data = data["contents"]
        dags = data if isinstance(data, list) else [data] if data else []
        if not all(is_dag(dag, details=details) for dag in dags):
            raise self._strange(f"/task/{route}")
        return dags

    def operate_dag(self, dag_id: str, operator: str) -> None:
        """POST /task/dag/{id}: ask for an operator, once. The answer says no more than that it was accepted.

        :param operator: ROLLBACK, RETRY, PASS or CANCEL.
        :raises AgentError: the agent refused; nothing was applied.
        :raises Unreachable: the answer was lost; its `sent` tells whether the operator may have been applied.
        """
        obproxy = GenericId.parse(dag_id).is_obproxy
        route = f"/task/dag/{dag_id}"
        if self._session.call("POST", route, {"operator": operator}, obproxy=obproxy) is not None:
            raise self._strange(route)

    def close(self) -> None:
        """Close the connection."""
        self.transport.close()

    def _dict(self, route: str, data: t.Any) -> dict[str, t.Any]:
        if not isinstance(data, dict):
            raise self._strange(route)
        return data

    def _strange(self, route: str) -> Unreachable:
        return Unreachable(f"{self.where} answered {route} with what is no answer to it", sent=True)


def _query(details: bool) -> str:
    return f"?show_details={str(details).lower()}"
