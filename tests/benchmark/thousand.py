# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand clusters rolled back by one play with few forks: it sends all requests, then waits for the ends."""

from __future__ import annotations

import pathlib
import re

import yaml

from .fleet import ROOT_PASSWORD
from .measure import BIN, Cost, Fleet, Row, of_processes, run, value_row
from .rows import LATE_NODE

CLUSTERS, FORKS = 1000, 50
ROLLED_BACK_ONCE = ["ROLLBACK", "SUCCEED/ROLLBACK"]
# One task has sent the request, and the other one has seen the end.
RECAP = re.compile(r"^cluster(\d+) +: ok=2 +changed=1 +unreachable=0 +failed=0 ", re.MULTILINE)


def thousand(folder: pathlib.Path, clusters: int = CLUSTERS, forks: int = FORKS) -> list[Row]:
    """All clusters roll back at the same time; nothing may be lost, and the controller has limits."""
    with Fleet(clusters, node=LATE_NODE, together=True) as fleet:
        cost = _send_then_wait(folder, fleet, forks)
        operated = fleet.operated()
    reported = set(map(int, RECAP.findall(cost.output)))
    lost = [number for number in range(clusters) if operated[number] != ROLLED_BACK_ONCE or number not in reported]
    name = f"{clusters} clusters, {forks} forks"
    return [
        value_row(f"{name}: lost", [len(lost)], "rolled back once", 0, "hosts"),
        value_row(f"{name}: wall", [cost.wall], "the play", unit="s"),
        value_row(f"{name}: CPU each", [cost.cpu / clusters], "controller", 0.15, "s"),
        value_row(f"{name}: memory", [cost.memory], "all processes (PSS)", 1024, "MiB"),
    ]


def _send_then_wait(folder: pathlib.Path, fleet: Fleet, forks: int) -> Cost:
    hosts = {
        f"cluster{number}": {"obshell_port": cluster["port"], "dag_id": cluster["id"]}
        for number, cluster in enumerate(fleet.clusters)
    }
    inventory = {"all": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}
    options = {"port": "{{ obshell_port }}", "password": ROOT_PASSWORD, "id": "{{ dag_id }}", "operator": "ROLLBACK"}
    tasks = [{"oceanbase.obshell.obshell_dag": {**options, "wait": wait}} for wait in (False, True)]
    play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    command = [str(BIN / "ansible-playbook"), "-i", "hosts.yml", "-f", str(forks), "play.yml"]
    return run(command, folder, memory=of_processes)
