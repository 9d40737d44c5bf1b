# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's API: one method for each route that this collection uses."""

from __future__ import annotations

import functools
import typing as t

from .._dag.model import Dag, Node
from .._errors import (
    BAD_REQUEST,
    NOT_FOUND,
    AgentError,
    DatabaseUnavailable,
    InvalidInput,
    NotFound,
    ObshellError,
    Unreachable,
)
from .._ids import Address, GenericId, unused_obproxy_id
from .info import CLUSTER_AGENT, AgentInfo, AgentStatus, ClusterInfo
from .session import Credentials, Session
from .transport import Transport

ROUTES_OF_ONE = ("dag/maintain/agent", "dag/maintain/ob")
Value = t.TypeVar("Value")


class ObshellClient:
    """One agent's API. Not thread-safe. Every method raises what :meth:`Session.call` does.

    `where` names the agent in messages; `trace_ids` holds the agent's IDs of calls that can change something and of
    errors; `last_status` is what :meth:`status` returned last.
    """

    def __init__(
        self,
        transport: Transport,
        credentials: Credentials | None = None,
        *,
        session: Session | None = None,
        known_dags: set[str] | None = None,
    ) -> None:
        """Prepare a client, over `session` if given; nothing is sent before the first call.

        :param known_dags: IDs of DAGs that exist, shared by the clients of one cluster.
        """
        self._session = session or Session(transport, credentials or Credentials())
        self._known_dags = set() if known_dags is None else known_dags
        self.last_status: AgentStatus | None = None
        self.transport = transport
        self.where = transport.where
        self.trace_ids = self._session.trace_ids

    def close(self) -> None:
        """Close the connection."""
        self.transport.close()

    def info(self) -> AgentInfo:
        """GET /info (no password): what the agent is. 4.2 returns an error and data if no observer is installed."""
        raw = self._session.call_unauthenticated("/info", data_despite_error=True)
        return self._read("/info", AgentInfo.from_api, self._dict("/info", raw))

    def status(self) -> AgentStatus:
        """GET /status (no password): states of the agent and its observer, and whether a maintenance DAG locks it."""
        raw = self._session.call_unauthenticated("/status")
        self.last_status = self._read("/status", AgentStatus.from_api, self._dict("/status", raw))
        return self.last_status

    @functools.cached_property
    def is_seekdb(self) -> bool:
        """Whether the agent says that it manages seekdb; GET /info is sent the first time."""
        try:
            return self.info().is_seekdb
        except AgentError:
            return False

    def cluster_info(self) -> ClusterInfo:
        """GET /ob/info: the agents of the cluster, at least the asked one, and the cluster's name and ID.

        Source: the agent's `obInfoHandler`, since 4.2.3.
        """
        raw = self._session.call("GET", "/ob/info")
        return self._read("/ob/info", ClusterInfo.from_api, self._dict("/ob/info", raw))

    def own_address(self) -> Address | None:
        """Return the agent's own address, which comes with its key; None through a socket.

        :raises Unreachable: the key could not be read.
        """
        if self._session.transport.trusted:
            return None
        self._session.ensure_key()
        return self._session.address

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        """GET /task/dag/{id}: one DAG, with its nodes if `details` is true.

        :raises InvalidInput: the ID is malformed; nothing was sent.
        :raises NotFound, DatabaseUnavailable: see :meth:`_check_read`; the DAG was not asked for.
        """
        route = f"/task/dag/{dag_id}{_query(details)}"
        generic_id = GenericId.parse(dag_id)
        self._check_read(generic_id)
        try:
            raw = self._session.call("GET", route, obproxy=generic_id.is_obproxy)
        except AgentError as error:
            if error.is_not_found:
                self._known_dags.discard(dag_id)
            raise
        dag = self._read_dag(route, raw, details=details)
        if dag.id != dag_id:
            raise self._other_dag(route, generic_id, dag)
        return dag

    def agent_time(self) -> float | None:
        """The agent's clock in seconds since 1970, None before the first call; nothing is sent."""
        return self._session.agent_time()

    def has_seen(self, dag_id: str) -> bool:
        """Whether a list, or a response to a POST, has shown that a DAG exists."""
        return dag_id in self._known_dags

    def remember_dag(self, dag_id: str) -> None:
        """Record that a DAG exists, as an earlier time slice has seen."""
        self._known_dags.add(dag_id)

    def _check_read(self, generic_id: GenericId) -> None:
        """Refuse a read that could bring down the agents of a cluster.

        From 4.2.6 on, agents of a cluster without a database ask each other without end for a cluster DAG, and for a
        DAG that does not exist. So an ID must come from a list or a response to a POST, unless the agent that it names
        has its database; and a cluster DAG is read only with a database. An agent of seekdb asks no other.

        :raises NotFound: no list has shown the ID.
        :raises DatabaseUnavailable: it is a cluster DAG, and the database is not available.
        """
        in_cluster = generic_id.agent is None
        if not in_cluster and generic_id.text in self._known_dags:
            return
        status = self.status()
        if status.never_floods or (status.database_available and generic_id.agent in (None, status.address)):
            return
        if status.identity == CLUSTER_AGENT and self.is_seekdb:
            return
        if in_cluster:
            raise DatabaseUnavailable(
                f"DAG {generic_id.text} was not read: the database of {self.where} is not available (obState "
                f"{status.observer_state}), and reading a cluster DAG without it can bring down the agents"
            )
        raise _not_found(
            f"DAG {generic_id.text} was not read: {self.where} lists no DAG with this ID, and asking for one that does "
            "not exist can bring down the agents of a cluster while its database is not available"
        )

    def _other_dag(self, route: str, generic_id: GenericId, dag: Dag) -> ObshellError:
        """Make the error that another DAG was returned: an agent of seekdb takes a cluster DAG for its own."""
        if generic_id.agent is not None or not self.is_seekdb:
            return self._unexpected_response(route)
        return _not_found(
            f"{self.where} has no cluster DAGs, so no DAG {generic_id.text}. It returned its own {dag.label}; to name "
            f"that one, use its ID {dag.id}"
        )

    def list_dags(self, route: str, *, details: bool, unreadable: list[dict[str, t.Any]] | None = None) -> list[Dag]:
        """GET a route below /task that returns several DAGs as `contents`, which is null for none, or at most one.

        :param unreadable: gets an entry for each DAG that cannot be read; without it such a DAG is an error.
        :param route: such as `dag/unfinish`, `dag/maintain/agent` or `dags/agent`.
        :raises AgentError: also if the agent is too old, or not of a cluster, and lacks the route (400, 404, 500).
        """
        data = self._session.call("GET", f"/task/{route}{_query(details)}")
        if isinstance(data, dict) and "contents" in data:
            data = data["contents"]
        elif route not in ROUTES_OF_ONE:
            raise self._unexpected_response(f"/task/{route}")
        raws = data if isinstance(data, list) else [data] if data else []
        dags: dict[str, Dag] = {}
        for raw in raws:
            try:
                dag = self._read_dag(f"/task/{route}", raw, details=details)
            except Unreachable as error:
                if unreadable is None:
                    raise
                unreadable.append(_unreadable(route, raw, error))
            else:
                dags[dag.id] = dag
        return list(dags.values())

    def operate_dag(self, dag_id: str, operator: str) -> None:
        """POST /task/dag/{id}: request an operator, once. The response says only that it was accepted.

        :param operator: ROLLBACK, RETRY, PASS or CANCEL.
        :raises AgentError: the agent refused; nothing was applied.
        :raises Unreachable: the response was lost; its `sent` says whether the operator may have been applied.
        """
        obproxy = GenericId.parse(dag_id).is_obproxy
        route = f"/task/dag/{dag_id}"
        if self._session.call("POST", route, {"operator": operator}, obproxy=obproxy) is not None:
            raise self._unexpected_response(route)

    def pass_node(self, dag: Dag, node: Node) -> None:
        """POST /task/node/{id} (4.3.2 and later): skip the failed node of a DAG, once. The DAG continues.

        :raises InvalidInput, Unreachable: the node has no ID, or one of another agent; nothing was sent.
        :raises AgentError: the agent refused; nothing was applied.
        :raises Unreachable: the response was lost; its `sent` says whether the node may have been passed.
        """
        own, generic_id = GenericId.parse(dag.id), GenericId.parse(node.id)
        route = f"/task/node/{node.id}"
        if (own.kind, own.agent) != (generic_id.kind, generic_id.agent):
            raise Unreachable(f"{dag.label} has the node {node.id} of another agent", sent=False)
        if self._session.call("POST", route, {"operator": "PASS"}, obproxy=own.is_obproxy) is not None:
            raise self._unexpected_response(route)

    def _dict(self, route: str, data: t.Any) -> dict[str, t.Any]:
        if not isinstance(data, dict):
            raise self._unexpected_response(route)
        return data

    def _read(self, route: str, read: t.Callable[[dict[str, t.Any]], Value], raw: dict[str, t.Any]) -> Value:
        try:
            return read(raw)
        except ValueError as error:
            raise self._unexpected_response(route, f": {error}") from error

    def _read_dag(self, route: str, raw: t.Any, *, details: bool) -> Dag:
        dag = self._read(route, lambda value: Dag.from_api(value, details=details), raw)
        try:
            GenericId.parse(dag.id)
        except InvalidInput as error:
            raise self._unexpected_response(route, f": {error.message}") from error
        self._known_dags.add(dag.id)
        return dag

    def _unexpected_response(self, route: str, reason: str = "") -> Unreachable:
        return Unreachable(f"{self.where} sent an unexpected response to {route}{reason}", sent=True)


class SetupClient(ObshellClient):
    """One agent's API with the routes that change which cluster the agent belongs to.

    Each method sends one request and returns the DAG that the agent started, without details. Every method raises what
    :meth:`Session.call` does.
    """

    def join(self, master: Address, *, zone: str, master_password: str | None) -> Dag:
        """POST /agent/join: become the master if `master` is the agent's own address, or a follower of it.

        :param master_password: the master's agent password, if it has one.
        """
        body: dict[str, t.Any] = {"agentInfo": _agent(master), "zoneName": zone}
        if master_password:
            body["masterPassword"] = master_password
        return self._start("POST", "/agent/join", body)

    def configure_observers(self, config: dict[str, str], *, server: str | None = None) -> Dag:
        """PUT /observer/config: replace the options of all observers, or of that of one server (`ip:port`)."""
        scope = {"type": "SERVER", "target": [server]} if server else {"type": "GLOBAL"}
        return self._start("PUT", "/observer/config", {"observerConfig": config, "scope": scope})

    def configure_cluster(self, *, name: str, cluster_id: int, root_password: str) -> Dag:
        """PUT /obcluster/config: set the cluster's name, ID and password of root@sys, which is encrypted once more."""
        secret = self._session.encrypt(root_password) if root_password else ""
        body = {"clusterId": cluster_id, "clusterName": name, "rootPwd": secret}
        return self._start("PUT", "/obcluster/config", body)

    def initialize(self, *, proxyro_password: str | None) -> Dag:
        """POST /ob/init: deploy, start and bootstrap the observers; create the user `proxyro` if its password is given.

        Source of the two names: the agent's `ObInitParam`.
        """
        proxyro = {"create_proxyro_user": True, "proxyro_password": proxyro_password} if proxyro_password else {}
        return self._start("POST", "/ob/init", proxyro)

    def remove(self, agent: Address) -> Dag | None:
        """DELETE /agent: remove an agent from its cluster, all agents if it is the master. None: it has no cluster."""
        data = self._session.call("DELETE", "/agent", _agent(agent))
        return None if data is None else self._read_dag("/agent", data, details=False)

    def set_agent_password(self, password: str) -> None:
        """POST /agent/password (4.2.6 and later): set the agent password of an agent that has none."""
        self._session.call("POST", "/agent/password", {"password": password})

    def check_agent_password(self, agent: Address) -> None:
        """GET /task/node/{id} of an OBProxy task that does not exist: for that each agent checks its own password.

        A follower forwards any other request to its master. Source: the agent's `VerifyTaskRoutes`, since 4.2.6.

        :raises Unauthorized: the agent has another agent password.
        """
        try:
            self._session.call("GET", f"/task/node/{unused_obproxy_id(agent)}", obproxy=True)
        except AgentError as error:
            # The password comes first: then the ID is not found, or, if it holds ::1, invalid.
            if error.status not in (BAD_REQUEST, NOT_FOUND):
                raise

    def _start(self, method: str, route: str, body: dict[str, t.Any]) -> Dag:
        return self._read_dag(route, self._session.call(method, route, body), details=False)


def _not_found(message: str) -> NotFound:
    return NotFound(message, status=-1, error={"message": "not asked"}, trace_id="")


def _unreadable(route: str, raw: t.Any, error: Unreachable) -> dict[str, t.Any]:
    known = {name: raw.get(name) for name in ("id", "name")} if isinstance(raw, dict) else {}
    return {"route": route, **known, "status": -1, "error": {"message": error.message}, "trace_id": ""}


def _query(details: bool) -> str:
    return f"?show_details={str(details).lower()}"


def _agent(address: Address) -> dict[str, t.Any]:
    return {"ip": address.host, "port": address.port}
