# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a thousand agents, each with a failed initialisation, in one task."""

from __future__ import annotations

import pathlib

import yaml

from .fleet import ROOT_PASSWORD
from .measure import BIN, Cost, Fleet, Row, of_processes, run, value_row

AGENTS = 1000
TURNS = 3


def survey(folder: pathlib.Path) -> list[Row]:
    """Wall time, CPU and memory of a playbook with one task that reads all agents."""
    with Fleet(AGENTS) as fleet:
        ports = [cluster["port"] for cluster in fleet.clusters]
        costs = [_read(folder, ports) for _turn in range(TURNS)]
    name = f"{AGENTS} agents read"
    return [
        value_row(f"{name}: wall", [cost.wall for cost in costs], "one task", 20, "s"),
        value_row(f"{name}: CPU", [cost.cpu for cost in costs], "controller", None, "s"),
        value_row(f"{name}: memory", [cost.memory for cost in costs], "peak", 300, "MiB"),
    ]


def _read(folder: pathlib.Path, ports: list[int]) -> Cost:
    options = {"agents": [f"127.0.0.1:{port}" for port in ports], "password": ROOT_PASSWORD}
    tasks = [
        {"oceanbase.obshell.obshell_fleet_info": options, "register": "fleet"},
        {
            "ansible.builtin.assert": {
                "that": [
                    f"fleet.clusters | map(attribute='dags') | map('length') | sum == {len(ports)}",
                    "fleet.agents | rejectattr('msg', 'eq', '') | length == 0",
                ]
            }
        },
    ]
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    return run([str(BIN / "ansible-playbook"), "play.yml"], folder, memory=of_processes)
