# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of `obshell_fleet_info` in the words that people read, for a table of text and for a page. Pure."""

from __future__ import annotations

import typing as t

from ..module_utils._dag.moments import duration

DATABASE = {True: "up", False: "down", None: "unknown"}
Result = dict[str, t.Any]


class DagRow(t.NamedTuple):
    """One DAG; `operators` are those that it allows, with the consequences that must be accepted first."""

    id: str
    name: str
    state: str
    operator: str
    stage: str
    age: str
    operators: str


class ClusterRow(t.NamedTuple):
    """One cluster: a text for each column, its DAGs, and what could not be read."""

    name: str
    agents: str
    identity: str
    version: str
    database: str
    dag_count: str
    dags: list[DagRow]
    problems: list[str]


def cluster_rows(fleet: Result) -> list[ClusterRow]:
    """Describe each cluster.

    :param fleet: the result of `obshell_fleet_info`.
    """
    messages = {_address(agent): agent["msg"] for agent in fleet["agents"]}
    return [_cluster_row(cluster, messages) for cluster in fleet["clusters"]]


def summary(fleet: Result) -> str:
    """Count clusters and agents, and those that need attention."""
    clusters, agents = fleet["clusters"], fleet["agents"]
    failed = sum(any(dag["state"] == "FAILED" for dag in cluster["dags"]) for cluster in clusters)
    down = sum(cluster["database_up"] is False for cluster in clusters)
    unreachable = sum(not agent["reachable"] for agent in agents)
    return (
        f"Clusters: {len(clusters)}, with failed DAGs: {failed}, without a database: {down}. "
        f"Agents: {len(agents)}, unreachable: {unreachable}"
    )


def _cluster_row(cluster: Result, messages: t.Mapping[str, str]) -> ClusterRow:
    addresses = cluster["addresses"]
    return ClusterRow(
        name=cluster["name"] or addresses[0],
        agents=f"{len(addresses) - len(cluster['unreachable'])} of {len(addresses)}",
        identity=", ".join(cluster["identities"]) or "unknown",
        version=", ".join(cluster["versions"]) or "unknown",
        database=DATABASE[cluster["database_up"]],
        dag_count=_count(cluster["dags"], cluster["incomplete"]),
        dags=[_dag_row(dag) for dag in cluster["dags"]],
        problems=[*_problems(cluster, messages)],
    )


def _dag_row(dag: Result) -> DagRow:
    return DagRow(
        **{name: dag[name] for name in ("id", "name", "state", "operator")},
        stage=f"{dag['stage']} of {dag['max_stage']}",
        age="unknown" if dag["age"] is None else duration(dag["age"]),
        operators=", ".join(_operator(dag, name) for name in dag["allowed_operators"]) or "none",
    )


def _operator(dag: Result, name: str) -> str:
    accept = ", ".join(dag["operators"][name]["accept"])
    return f"{name} (accept {accept})" if accept else name


def _count(dags: t.Sequence[Result], incomplete: str) -> str:
    """Count failed and running DAGs; a question mark says that there may be more."""
    failed = sum(dag["state"] == "FAILED" for dag in dags)
    counts = ((failed, "failed"), (len(dags) - failed, "running"))
    known = ", ".join(f"{count} {word}" for count, word in counts if count)
    if not incomplete:
        return known or "none"
    return f"{known}?" if known else "unknown"


def _problems(cluster: Result, messages: t.Mapping[str, str]) -> t.Iterator[str]:
    failed = [f"{address}: {messages[address]}" for address in cluster["addresses"] if messages[address]]
    yield from failed
    if cluster["incomplete"] and not failed:
        yield f"DAGs may be missing: {cluster['incomplete']}"


def _address(agent: Result) -> str:
    host = f"[{agent['host']}]" if ":" in agent["host"] else agent["host"]
    return f"{host}:{agent['port']}"
