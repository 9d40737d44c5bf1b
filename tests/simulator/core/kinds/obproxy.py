# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind "Add obproxy": an agent starts an OBProxy and manages it from then on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..errors import unexpected_error_line
from ..work import Work
from .definition import (
    ALL_OPERATORS,
    OBPROXY_MAINTENANCE,
    RETRY_CANCEL_PASS,
    DagKind,
    FailureLog,
    Maintenance,
    NodeKind,
)

if TYPE_CHECKING:
    from ..agent import AgentModel
    from ..dag import Dag, SubTask


def start_obproxy(_agent: AgentModel, dag: Dag, _sub_task: SubTask) -> Work:
    return Work([_start_line(dag)])


def bind_port_failed(agent: AgentModel, dag: Dag) -> FailureLog:
    error = "failed to start obproxy, output: obproxy: bind port failed\n: exit status 1"
    return FailureLog([_start_line(dag)], unexpected_error_line(agent.version, error))


def _start_line(dag: Dag) -> str:
    requested = dag.parameters
    password = str(requested.get("obproxy_sys_password", ""))
    options = {
        "obproxy_config_server_url": requested.get("config_url", ""),
        "prometheus_listen_port": requested.get("exporter_port", 2884),
        "rpc_listen_port": requested.get("rpc_port", 2885),
        "obproxy_sys_password": hashlib.sha1(password.encode()).hexdigest(),
        "listen_port": requested.get("sql_port", 2883),
    }
    formatted = ",".join(f"{name}={value}" for name, value in options.items())
    home, name = requested.get("home_path", ""), requested.get("name", "")
    return f"start obproxy cmd: cd '{home}'; ./bin/obproxy -o '{formatted}' -n '{name}'"


ADD_OBPROXY = DagKind(
    "Add obproxy",
    (
        NodeKind("Check obproxy status", ALL_OPERATORS),
        NodeKind("Start obproxy", ALL_OPERATORS, start_obproxy, failure=bind_port_failed),
        NodeKind("Set proxyro password for connect", RETRY_CANCEL_PASS),
        NodeKind("Persist obproxy info", RETRY_CANCEL_PASS),
    ),
    id_kind="obproxy",
    maintenance=Maintenance(OBPROXY_MAINTENANCE),
)
