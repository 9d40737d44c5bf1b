# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at an agent that exist only in a test."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo, ClusterInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import Context
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.operators import operators
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import ObshellError, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.survey import COMPLETENESS_UNKNOWN, Survey
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.healing import Verdicts
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.look import Look

AGENT = Address("10.0.0.1", 2886)
OTHER = Address("10.0.0.2", 2886)
NOW = 1_795_000_000.0
NODES = ("Integrate config", "Create observer workdir", "Start observer", "Cluster boostrap")
DEAD = Unreachable("10.0.0.1:2886 refused the connection", sent=False)


def stamp(seconds: float) -> str:
    """A time as the agent writes it."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.5Z")


def make_dag(
    state: str = "FAILED",
    *,
    operator: str = "RUN",
    node: str = "Start observer",
    node_operator: str = "RUN",
    start: float = NOW,
    number: int = 1,
    times: int = 1,
    **raw: t.Any,
) -> Dag:
    """An initialisation whose present node began with the attempt; the agent gives a READY one no time after RETRY."""
    begun = "1970-01-01T00:00:00Z" if state == "READY" else stamp(start)
    place = NODES.index(node)
    nodes = []
    for index, name in enumerate(NODES):
        is_present = index == place
        now = "PENDING" if state == "READY" else state
        node_state = "SUCCEED" if index < place or state == "SUCCEED" else now if is_present else "PENDING"
        common = {
            "name": name,
            "state": node_state,
            "operator": node_operator if is_present else "RUN",
            "start_time": begun if is_present else stamp(start - 60),
            "end_time": begun if is_present else stamp(start - 60),
        }
        agent = {"ip": AGENT.host, "port": AGENT.port}
        logs = ["ERROR: no space left"] if node_state == "FAILED" else []
        count = times if is_present else int(index < place)
        nodes.append(
            {**common, "sub_tasks": [{**common, "execute_times": count, "execute_agent": agent, "task_logs": logs}]}
        )
    return Dag.from_api(
        {
            "id": f"2016777216102886{number}",
            "dag_id": number,
            "name": "Initialize cluster",
            "state": state,
            "operator": operator,
            "start_time": begun,
            "end_time": begun,
            "stage": place + 1,
            "max_stage": len(NODES),
            "nodes": nodes,
            **raw,
        },
        details=True,
    )


def make_look(
    *dags: Dag,
    agent: Address = AGENT,
    name: str = "prod",
    error: ObshellError | None = None,
    incomplete: str = "",
    agent_time: float | None = NOW,
    ended: t.Mapping[str, Dag | None] | None = None,
    unavailable: t.Iterable[dict[str, t.Any]] = (),
    peers: t.Iterable[Address] = (AGENT, OTHER),
) -> Look:
    """An agent of a cluster that lists DAGs; with an error it does not say which cluster, and without DAGs nothing."""
    cluster = {
        "agent_info": [{"ip": one.host, "port": one.port, "zone": "zone1", "identity": "MASTER"} for one in peers],
        "obcluster_info": {"name": name, "id": 7},
    }
    survey = Survey(
        str(agent),
        error=error,
        info=None if error and not dags else AgentInfo.from_api({"identity": "MASTER", "version": "4.5.0.0"}),
        cluster=None if error else ClusterInfo.from_api(cluster),
        dags=dags,
        unavailable=tuple(unavailable),
        operators={dag.id: operators(dag, Context(others=(dag,), now=agent_time)) for dag in dags},
        incomplete=COMPLETENESS_UNKNOWN if error and not dags else incomplete,
        agent_time=agent_time,
    )
    return Look(agent, survey, {dag_id: _judged(dag) for dag_id, dag in (ended or {}).items()})


def _judged(dag: Dag | None) -> tuple[Dag, Verdicts] | None:
    return None if dag is None else (dag, operators(dag, Context(others=(dag,))))
