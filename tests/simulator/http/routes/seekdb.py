# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of an agent of seekdb that differ from those of an agent of OceanBase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.dag import Json
from ...core.errors import ApiError
from ...core.kinds.seekdb import PROCESS_ID, START_SEEKDB, restart_kind, stop_kind
from ..call import Call, Contents, DataWithError
from . import agent as agent_routes
from . import dag_lists

if TYPE_CHECKING:
    from ...core.agent import AgentModel


def info(call: Call) -> Json:
    """Without a zone and an OBProxy. While seekdb runs, the version is that of the database, without its release."""
    agent = call.agent
    data = agent_routes.describe(agent)
    for name in ("zone", "isObproxyAgent"):
        del data[name]
    version = agent.spec.observer_version
    return {
        **data,
        "obVersion": version.partition("-")[0] if agent.database_available else version,
        "type": "seekdb",
        "systemdUnit": "",
    }


def unfinished(call: Call) -> Contents:
    """Once as the agent's own DAGs and once as those of the cluster, which are the same."""
    return Contents(2 * (dag_lists.unfinished_of_agent(call).contents or []))


def last_of_cluster(call: Call) -> Json:
    if call.agent.last_dag() is None:
        raise ApiError("not_found", "Cluster is not under maintenance")
    return dag_lists.last_of_agent(call)


def start(call: Call) -> Json:
    return call.agent.render(call.agent.submit(START_SEEKDB))


def stop(call: Call) -> Json | None:
    """If seekdb does not run, there is nothing to stop, and no DAG."""
    agent = call.agent
    if not agent.observer.running:
        return None
    kind = stop_kind(terminate=bool(call.body.get("terminate")))
    return agent.render(agent.submit(kind, parameters=_process_of(agent)))


def restart(call: Call) -> Json:
    agent, running = call.agent, call.agent.observer.running
    kind = restart_kind(running=running, terminate=bool(call.body.get("terminate")))
    return agent.render(agent.submit(kind, parameters=_process_of(agent) if running else {}))


def _process_of(agent: AgentModel) -> Json:
    return {PROCESS_ID: agent.process_id + 100}


def check_upgrade(call: Call) -> DataWithError:
    """No package was uploaded."""
    version, release = (call.required(name, structure="UpgradeCheckParam") for name in ("version", "release"))
    return DataWithError(None, ApiError("no_obshell_package", version, release))
