# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `obshell_fleet_info` returns of each agent and of each cluster. Pure."""

from __future__ import annotations

from .._dag.model import Dag
from .._dag.operators import advice
from .._ids import Address
from .._operation.fleet import FleetCluster
from .._operation.survey import Survey
from .runner import Result


def present_agent(asked: Address, found: Survey) -> Result:
    """Return one agent. What it did not answer is null."""
    return {
        "host": asked.host,
        "port": asked.port,
        "reachable": found.reachable,
        "msg": found.error.message if found.error else "",
        "status": found.error.result.get("status") if found.error else None,
        **_identity(found),
        **_state(found),
        "dags": [_dag(dag, found) for dag in found.dags],
        "incomplete": found.incomplete,
        "unavailable": list(found.unavailable),
    }


def _identity(found: Survey) -> Result:
    info = found.info
    names = ("type", "identity", "version", "ob_version", "zone")
    address = str(info.address) if info else None
    return {"address": address, **{name: getattr(info, name) or None if info else None for name in names}}


def _state(found: Survey) -> Result:
    status = found.status
    return {
        "under_maintenance": status.under_maintenance if status else None,
        "observer_state": status.observer_state if status else None,
        "database_up": status.database_available if status else None,
    }


def present_cluster(cluster: FleetCluster) -> Result:
    """Return one cluster, with each of its DAGs once."""
    return {
        "name": cluster.name.name if cluster.name else None,
        "id": cluster.name.id if cluster.name else None,
        "addresses": [str(asked) for asked in cluster.surveys],
        "unreachable": [str(asked) for asked in cluster.unreachable],
        "identities": cluster.texts(lambda found: found.info.identity if found.info else ""),
        "versions": cluster.texts(lambda found: found.info.version if found.info else ""),
        "under_maintenance": cluster.under_maintenance,
        "database_up": cluster.database_up,
        "dags": [_dag(dag, found) for dag, found in cluster.dags],
        "incomplete": cluster.incomplete,
    }


def _dag(dag: Dag, found: Survey) -> Result:
    age = dag.age(found.agent_time)
    names = ("id", "name", "state", "operator", "stage", "max_stage", "start_time")
    return {
        **{name: getattr(dag, name) for name in names},
        "end_time": dag.raw.get("end_time"),
        "age": None if age is None else int(age),
        **advice(found.operators.get(dag.id, {})),
    }
