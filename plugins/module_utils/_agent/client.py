# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's API: one method for each route that this collection uses.

The requests by which agents become a cluster, and single ones again.
"""

from __future__ import annotations

import typing as t

from .._dag.model import is_dag
from .._errors import Unreachable
from .._ids import GenericId
from .session import Credentials, Session
from .transport import Transport

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


Address = tuple[str, int]


class SetupClient(ObshellClient):
    """One agent's API with the routes that change what the agent belongs to.

    Each method sends one request; what it returns is the DAG that the agent started, without details. Every method
    raises what :meth:`Session.call` does.
    """

    def join(self, master: Address, *, zone: str, master_password: str | None) -> ApiDag:
        """POST /agent/join: become the master, where `master` is the agent's own address, or its follower.

        :param master_password: the master's agent password, where it has one.
        """
        body: dict[str, t.Any] = {"agentInfo": _agent(master), "zoneName": zone}
        return self._start("POST", "/agent/join", {**body, **_given(masterPassword=master_password)})

    def configure_observers(self, config: dict[str, str], *, server: str | None = None) -> ApiDag:
        """PUT /observer/config: replace the options of all observers, or of that of one server (`ip:port`)."""
        scope = {"type": "SERVER", "target": [server]} if server else {"type": "GLOBAL"}
        return self._start("PUT", "/observer/config", {"observerConfig": config, "scope": scope})

    def configure_cluster(self, *, name: str, cluster_id: int, root_password: str) -> ApiDag:
        """PUT /obcluster/config: tell the cluster's name, ID and password of root@sys, encrypted once more."""
        secret = self._session.encrypt(root_password) if root_password else ""
        body = {"clusterId": cluster_id, "clusterName": name, "rootPwd": secret}
        return self._start("PUT", "/obcluster/config", body)

    def initialize(self, *, proxyro_password: str | None) -> ApiDag:
        """POST /ob/init: deploy, start and bootstrap the observers; create the user `proxyro` if its password is given.

        Source of the two names: the agent's `ObInitParam`.
        """
        proxyro = {"create_proxyro_user": True, "proxyro_password": proxyro_password} if proxyro_password else {}
        return self._start("POST", "/ob/init", proxyro)

    def remove(self, agent: Address) -> ApiDag | None:
        """DELETE /agent: take an agent out of its cluster, all of them where it is the master. None: it is in none."""
        data = self._session.call("DELETE", "/agent", _agent(agent))
        return None if data is None else self._checked("/agent", data)

    def set_agent_password(self, password: str) -> None:
        """POST /agent/password (4.3 and later): give an agent that has no password of its own one."""
        self._session.call("POST", "/agent/password", {"password": password})

    def prove_agent_password(self) -> None:
        """GET /task/dag/agent/unfinish with the agent's own password alone."""
        self._session.call("GET", "/task/dag/agent/unfinish", obproxy=True)

    def _start(self, method: str, route: str, body: dict[str, t.Any]) -> ApiDag:
        return self._checked(route, self._session.call(method, route, body))

    def _checked(self, route: str, data: t.Any) -> ApiDag:
        if not is_dag(data, details=False):
            raise self._strange(route)
        return t.cast(ApiDag, data)


def _agent(address: Address) -> dict[str, t.Any]:
    return {"ip": address[0], "port": address[1]}


def _given(**fields: str | None) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
