# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: each function returns rows of the table."""

from __future__ import annotations

import concurrent.futures
import json
import pathlib
import sys
import tempfile
import time
import tracemalloc
import typing as t

import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.dag_info import TASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.masking import Masker
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.runner import Context
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import Waiter

from .fleet import ROOT_PASSWORD
from .measure import BIN, ROOT, Cost, Fleet, Row, ratio_row, run, value_row

TURNS = 9
MANY_TASKS, FEW_TASKS = 41, 1
SDK_PYTHON = ROOT / ".build/nox/bench/bin/python"
LATE_NODE = "Convert follower to cluster agent"


def ad_hoc(folder: pathlib.Path) -> list[Row]:
    """An ad hoc read over `ping`, in turn, and the requests of an unchanged and of an applied call."""
    with Fleet(1) as fleet:
        cluster = fleet.clusters[0]
        port = str(cluster["port"])

        def ansible(module: str, arguments: str) -> Cost:
            command = [str(BIN / "ansible"), "localhost", "-m", module, "-a", arguments]
            return run(command, folder, OBSHELL_PORT=port, OBSHELL_PASSWORD=ROOT_PASSWORD)

        reads, pings = [], []
        ansible("ansible.builtin.ping", "")
        for _turn in range(TURNS):
            pings.append(ansible("ansible.builtin.ping", "").wall)
            reads.append(ansible("oceanbase.obshell.obshell_dag_info", f"id={cluster['id']}").wall)
        fleet.requests()
        ansible("oceanbase.obshell.obshell_dag", f"id={cluster['id']} operator=CANCEL")
        unchanged = fleet.requests()[0]
        ansible("oceanbase.obshell.obshell_dag", f"id={cluster['id']} operator=ROLLBACK wait=false")
        applied = fleet.requests()[0]
    return [
        ratio_row("ad hoc read", reads, pings, "ansible.builtin.ping", 0.65),
        value_row("requests, unchanged", [unchanged], "one call", 2),
        value_row("requests, applied without wait", [applied], "one call", 3),
    ]


def further_task(folder: pathlib.Path) -> list[Row]:
    """Each further task of a playbook over `uri` that reads the same agent."""
    with Fleet(1) as fleet:
        cluster = fleet.clusters[0]
        tasks = {
            "ours": {
                "oceanbase.obshell.obshell_dag_info": {
                    "port": cluster["port"],
                    "password": ROOT_PASSWORD,
                    "id": cluster["id"],
                }
            },
            "uri": {"ansible.builtin.uri": {"url": f"http://127.0.0.1:{cluster['port']}/api/v1/status"}},
        }

        def further(kind: str) -> float:
            walls = []
            for count in (FEW_TASKS, MANY_TASKS):
                play = [{"hosts": "localhost", "gather_facts": False, "tasks": [tasks[kind]] * count}]
                (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
                walls.append(run([str(BIN / "ansible-playbook"), "play.yml"], folder).wall)
            return (walls[1] - walls[0]) / (MANY_TASKS - FEW_TASKS)

        ours, uri = [], []
        for _turn in range(3):
            uri.append(further("uri"))
            ours.append(further("ours"))
    return [ratio_row("a further task", ours, uri, "ansible.builtin.uri", 0.10)]


def sdk(folder: pathlib.Path) -> list[Row]:
    """One read, one refused operation and one rollback with wait, each a process, over the official SDK's."""
    rows: list[Row] = []
    with Fleet(2 * TURNS) as fleet:

        def probe(who: str, action: str, number: int) -> tuple[float, int, float]:
            cluster = fleet.clusters[number]
            python = sys.executable if who == "ours" else str(SDK_PYTHON)
            fleet.requests()
            script = str(pathlib.Path(__file__).with_name("probe.py"))
            cost = run([python, script, who, action, str(cluster["port"]), cluster["id"]], folder)
            return cost.wall, fleet.requests()[number], json.loads(cost.output)["lag"] or 0.0

        for action in ("read", "refused", "rollback"):
            series: dict[str, list[tuple[float, int, float]]] = {"ours": [], "sdk": []}
            for turn in range(TURNS):
                series["sdk"].append(probe("sdk", action, 2 * turn))
                series["ours"].append(probe("ours", action, 2 * turn + 1))
            ours, theirs = series["ours"], series["sdk"]
            rows.append(ratio_row(f"SDK {action}: time", [a[0] for a in ours], [b[0] for b in theirs], "the SDK"))
            rows.append(ratio_row(f"SDK {action}: requests", [a[1] for a in ours], [b[1] for b in theirs], "the SDK"))
            if action == "rollback":
                lags = [a[2] for a in ours], [b[2] for b in theirs]
                rows.append(ratio_row("SDK rollback: lag after the end", *lags, "the SDK"))
    return rows


def lag(folder: pathlib.Path) -> list[Row]:
    """How long after the agent's end a waiting call returns: of many rollbacks the 95th percentile, seconds."""
    with Fleet(40) as fleet, concurrent.futures.ThreadPoolExecutor(4) as pool:

        def one(cluster: dict[str, t.Any]) -> float:
            with tempfile.TemporaryDirectory(dir=folder) as place:
                script = str(pathlib.Path(__file__).with_name("probe.py"))
                command = [sys.executable, script, "ours", "rollback", str(cluster["port"]), cluster["id"]]
                return float(json.loads(run(command, pathlib.Path(place)).output)["lag"])

        lags = sorted(pool.map(one, fleet.clusters))
    return [Row("lag after the end, p95", lags[int(0.95 * len(lags))], lags[0], lags[-1], "40 rollbacks", 0.3, "s")]


def fleets(folder: pathlib.Path, sizes: t.Sequence[int] = (10, 50, 200)) -> list[Row]:
    """Clusters rolled back at once by one playbook: wall over one cluster's, CPU of the controller for each, memory."""
    turns = [{size: _roll_back(folder, size) for size in (1, *sizes)} for _turn in range(3)]
    ones = [costs[1].wall for costs in turns]
    rows = []
    for size in sizes:
        costs, strict = [costs[size] for costs in turns], size == max(sizes)
        walls, cpus = [cost.wall for cost in costs], [cost.cpu / size for cost in costs]
        rows.append(ratio_row(f"{size} clusters: wall", walls, ones, "one cluster", 1.3 if strict else None))
        rows.append(value_row(f"{size} clusters: CPU each", cpus, "controller", 0.10 if strict else None, "s"))
        rows.append(value_row(f"{size} clusters: memory", [cost.memory for cost in costs], "peak", unit="MiB"))
    return rows


def _roll_back(folder: pathlib.Path, size: int) -> Cost:
    with Fleet(size, node=LATE_NODE) as fleet:
        hosts = {
            f"cluster{number}": {"obshell_port": cluster["port"], "dag_id": cluster["id"]}
            for number, cluster in enumerate(fleet.clusters)
        }
        inventory = {"all": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}
        (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        options = {
            "port": "{{ obshell_port }}",
            "password": ROOT_PASSWORD,
            "id": "{{ dag_id }}",
            "operator": "ROLLBACK",
        }
        play = [{"hosts": "all", "gather_facts": False, "tasks": [{"oceanbase.obshell.obshell_dag": options}]}]
        (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
        command = [str(BIN / "ansible-playbook"), "-i", "hosts.yml", "-f", str(size), "play.yml"]
        return run(command, folder, memory=True)


class _Canned:
    """A transport that lists one DAG of some size."""

    where, trusted = "canned", True

    def __init__(self, dag: dict[str, t.Any]) -> None:
        self._body = json.dumps({"successful": True, "status": 200, "data": {"contents": [dag]}}).encode()

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        return Response(200, self._body)

    def close(self) -> None:
        pass


def sizes(_folder: pathlib.Path) -> list[Row]:
    """Reading all of a DAG of 10 to 10,000 sub-tasks with 200 lines of log each: time and memory for each sub-task."""
    times: dict[int, float] = {}
    memories: dict[int, float] = {}
    results: dict[int, int] = {}
    for count in (10, 100, 1000, 10000):
        client = ObshellClient(_Canned(_dag(count)))
        times[count] = min(_timed(client) for _turn in range(5 if count < 10000 else 3))
        results[count] = len(json.dumps(_read(client, "failed")))
        tracemalloc.start()
        _read(client, "all")
        memories[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    rows = []
    for count in (10, 100, 10000):
        for what, values in (("time", times), ("memory", memories)):
            each = (values[count] / count) / (values[1000] / 1000)
            # The collector of garbage looks at large heaps more than once.
            limit = 1.5 if count > 1000 else None
            rows.append(Row(f"{count} sub-tasks: {what} for each", each, each, each, "1000 sub-tasks", limit))
    size = max(results.values()) / 2**20
    rows.append(Row("10000 sub-tasks: result", size, size, size, "details: failed", 1.0, "MiB"))
    return rows


def _read(client: ObshellClient, details: str) -> t.Any:
    params = {
        "id": "22130706433028864",
        "details": details,
        "scope": "unfinished",
        "members": None,
        "allow_foreign_agent": False,
        "name": None,
        "state": None,
        "operator": None,
    }
    context = Context(False, Waiter.start(timeout=60, interval=10))
    return Masker([ROOT_PASSWORD]).mask(TASK.run(client, params, context))


def _timed(client: ObshellClient) -> float:
    begin = time.process_time()
    _read(client, "all")
    return time.process_time() - begin


def _dag(count: int) -> dict[str, t.Any]:
    """A DAG of nodes of up to 20 sub-tasks, of which the last node's failed."""
    nodes = max(1, count // 20)
    per_node = count // nodes

    def task(number: int, state: str) -> dict[str, t.Any]:
        logs = [f"step {line} of task {number}: start observer with memory_limit=6G" for line in range(199)]
        return {
            "id": str(number),
            "name": "Start observer",
            "state": state,
            "operator": "RUN",
            "execute_times": 1,
            "execute_agent": {"ip": "127.0.0.1", "port": 2886},
            "task_logs": [*logs, "ERROR: out of memory"],
        }

    def node(number: int) -> dict[str, t.Any]:
        state = "FAILED" if number == nodes - 1 else "SUCCEED"
        tasks = [task(number * per_node + index, state) for index in range(per_node)]
        return {"id": str(number), "name": "Start observer", "state": state, "operator": "RUN", "sub_tasks": tasks}

    return {
        "id": "22130706433028864",
        "dag_id": 4,
        "name": "Initialize cluster",
        "state": "FAILED",
        "operator": "RUN",
        "start_time": "2026-11-24T05:59:39Z",
        "stage": nodes,
        "max_stage": nodes,
        "nodes": [node(number) for number in range(nodes)],
    }
