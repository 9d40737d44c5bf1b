# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve simulated clusters, each with a failed initialisation, until standard input ends. Prints JSON when ready.

Runs in a process of its own, so that its time and memory are not the controller's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import typing as t

from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, HoldTogether, Obstacle, Simulator

ROOT_PASSWORD = "benchmark"
Clusters = list[tuple[Simulator, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clusters", type=int)
    parser.add_argument("--node", default="Start observer", help="where each initialisation fails, again and again")
    parser.add_argument("--together", action="store_true", help="no rollback passes this node before all have begun")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        clusters: Clusters = []
        for _cluster in range(options.clusters):
            simulator = stack.enter_context(Simulator([AgentSpec(version="4.5.0.0")], speed=1))
            dag_id = simulator.fail_init(obstacle=Obstacle(node=options.node), root_password=ROOT_PASSWORD)
            simulator.journal.clear()
            clusters.append((simulator, dag_id))
        if options.together:
            HoldTogether([simulator for simulator, _id in clusters], options.node, operator="ROLLBACK")
        ready = [{"port": simulator.agents[0].port, "id": dag_id} for simulator, dag_id in clusters]
        print(json.dumps(ready), flush=True)
        for line in sys.stdin:
            print(json.dumps(ANSWERS[line.strip()](clusters)), flush=True)


def requests(clusters: Clusters) -> list[int]:
    """The number of requests that each cluster has had since the last call."""
    counts = [len(simulator.journal.entries) for simulator, _id in clusters]
    for simulator, _id in clusters:
        simulator.journal.clear()
    return counts


def operated(clusters: Clusters) -> list[list[str]]:
    """The operators that each cluster has applied, and the state and operator of its DAG now."""
    return [[*applied(simulator), end(simulator, dag_id)] for simulator, dag_id in clusters]


def applied(simulator: Simulator) -> list[str]:
    return [entry.body["operator"] for entry in simulator.journal.posts(path_contains="/task/dag/") if entry.applied]


def end(simulator: Simulator, dag_id: str) -> str:
    dag = simulator.agents[0].dag(dag_id, details=False)
    return f"{dag['state']}/{dag['operator']}"


ANSWERS: dict[str, t.Callable[[Clusters], t.Any]] = {"requests": requests, "operated": operated}


if __name__ == "__main__":
    main()
