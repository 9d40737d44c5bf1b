# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The slices of a job of AWX, each on an execution node of its own: ansible-runner sends them and receives the results.

AWX sends a slice through a mesh of receptors, which start `ansible-runner worker` on the node. Here, pipes lead to the
same worker.
"""

from __future__ import annotations

import concurrent.futures
import subprocess
import typing as t

import ansible_runner
import pytest
from ansible_collections.oceanbase.obshell.tests.integration.clusters import at_one_port
from ansible_collections.oceanbase.obshell.tests.integration.conftest import BIN, ROOT_PASSWORD, SPEED, Ansible
from ansible_collections.oceanbase.obshell.tests.integration.docs.guides import files
from ansible_collections.oceanbase.obshell.tests.simulator import HoldTogether, Obstacle, Simulator

from .conftest import holders, posted

# A slice that fails would otherwise let the other one wait for an hour.
PLAY = files("docs/scaling.md")["rollback.yml"].replace("wait_timeout: 3600", "wait_timeout: 300")
NODE, SLICES, CLUSTERS = "Start observer", 2, 6
Events = list[dict[str, t.Any]]


@pytest.fixture(name="clusters")
def fixture_clusters() -> t.Iterator[dict[str, Simulator]]:
    """Clusters by the name of their host. Each has a failed initialisation; all rollbacks run at the same time."""
    addresses = [f"127.0.0.{number}" for number in range(1, CLUSTERS + 1)]
    simulators = at_one_port(*([address] for address in addresses), speed=SPEED)
    for simulator in simulators:
        simulator.fail_init(obstacle=Obstacle(node=NODE), root_password=ROOT_PASSWORD)
    HoldTogether(simulators, NODE, operator="ROLLBACK")
    yield dict(zip(addresses, simulators))
    for simulator in simulators:
        simulator.stop()


class Node:
    """An execution node that runs one slice, and what comes back from it."""

    def __init__(self, ansible: Ansible, number: int) -> None:
        self.sent, self.processed, self.home = (
            ansible.folder / f"{name}{number}" for name in ("sent", "processed", "node")
        )
        self.events: Events = []
        self._environment = ansible.environment

    def run(self, hosts: list[str], port: int) -> str:
        """Run the slice to its end, and return its status."""
        command = [str(BIN / "ansible-runner"), "worker", "--private-data-dir", str(self.home), "--delete"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment) as worker:
            assert worker.stdin
            with worker.stdin:
                self._transmit(worker.stdin, hosts, port)
            run = ansible_runner.run(
                streamer="process",
                _input=worker.stdout,
                private_data_dir=str(self.processed),
                event_handler=self._keep,
                quiet=True,
            )
        return str(run.status)

    def _transmit(self, stream: t.IO[bytes], hosts: list[str], port: int) -> None:
        """Send the project, the slice of the inventory, and the environment of the job."""
        (self.sent / "project").mkdir(parents=True)
        (self.sent / "project/rollback.yml").write_text(PLAY, encoding="utf-8")
        variables = {host: {"obshell_host": host, "ansible_connection": "local"} for host in hosts}
        ansible_runner.run(
            streamer="transmit",
            _output=stream,
            private_data_dir=str(self.sent),
            playbook="rollback.yml",
            inventory={"clusters": {"hosts": variables}},
            envvars={**self._environment, "OBSHELL_PORT": str(port), "OBSHELL_PASSWORD": ROOT_PASSWORD},
            suppress_env_files=True,
            quiet=True,
        )

    def _keep(self, event: dict[str, t.Any]) -> bool:
        self.events.append(event)
        return True

    def results(self) -> dict[str, list[tuple[bool, str]]]:
        """Of each host, what its tasks returned: whether they changed the DAG, and the state of it."""
        results: dict[str, list[tuple[bool, str]]] = {}
        for event in self.events:
            if event["event"] == "runner_on_ok":
                data = event["event_data"]
                results.setdefault(data["host"], []).append((data["res"]["changed"], data["res"]["dag"]["state"]))
        return results


def sliced(hosts: t.Iterable[str], number: int) -> list[str]:
    """The hosts of a slice, as AWX deals them out; the first slice has the number 1."""
    return sorted(hosts)[number - 1 :: SLICES]


def test_two_nodes_share_the_clusters(ansible: Ansible, clusters: dict[str, Simulator]) -> None:
    port = next(iter(clusters.values())).agents[0].port
    nodes = [Node(ansible, number) for number in range(1, SLICES + 1)]
    slices = [sliced(clusters, number) for number in range(1, SLICES + 1)]
    with concurrent.futures.ThreadPoolExecutor(SLICES) as pool:
        assert list(pool.map(lambda node, hosts: node.run(hosts, port), nodes, slices)) == ["successful"] * SLICES
    for node, hosts in zip(nodes, slices):
        results = node.results()
        assert sorted(results) == hosts
        assert all([changed for changed, _state in tasks] == [True, False] for tasks in results.values()), results
        assert all(tasks[-1][1] == "SUCCEED" for tasks in results.values()), results
    assert [posted(simulator) for simulator in clusters.values()] == [[("ROLLBACK", True)]] * CLUSTERS
    assert all(dag_of(simulator) == ("SUCCEED", "ROLLBACK") for simulator in clusters.values())


def dag_of(simulator: Simulator) -> tuple[str, str]:
    with simulator.lock:
        dag = simulator.agents[0].engine.dags[-1]
        return dag.state, dag.operator


def test_nothing_keeps_the_password(ansible: Ansible, clusters: dict[str, Simulator]) -> None:
    node = Node(ansible, 1)
    port = next(iter(clusters.values())).agents[0].port
    assert node.run(list(clusters), port) == "successful"
    # ansible-runner itself writes the environment of a job beside its events.
    assert holders(node.processed) == ["command"]
    assert not node.home.exists() and holders(node.sent) == []
    kept = list(node.processed.glob("artifacts/job_events/*.json"))
    assert len(kept) == len(node.events) > CLUSTERS
