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

from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator

ROOT_PASSWORD = "benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clusters", type=int)
    parser.add_argument("--node", default="Start observer", help="where each initialisation fails, again and again")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        clusters = []
        for _cluster in range(options.clusters):
            simulator = stack.enter_context(Simulator([AgentSpec(version="4.5.0.0")], speed=1))
            dag_id = simulator.fail_init(obstacle=Obstacle(node=options.node), root_password=ROOT_PASSWORD)
            simulator.journal.clear()
            clusters.append((simulator, dag_id))
        ready = [{"port": simulator.agents[0].port, "id": dag_id} for simulator, dag_id in clusters]
        print(json.dumps(ready), flush=True)
        for line in sys.stdin:
            if line.strip() == "requests":
                print(json.dumps([len(simulator.journal.entries) for simulator, _id in clusters]), flush=True)
                for simulator, _id in clusters:
                    simulator.journal.clear()


if __name__ == "__main__":
    main()
