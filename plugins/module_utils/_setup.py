# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests by which agents become a cluster, and single ones again."""

from __future__ import annotations

import typing as t

from ._client import ApiDag, ObshellClient
from ._shape import is_dag

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
