# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source, at 500 agents that each have a failed initialisation, for two looks at each."""

from __future__ import annotations

import asyncio
import json
import os
import pathlib
import runpy
import sys
import typing as t

from .fleet import ROOT_PASSWORD
from .measure import ROOT, Fleet, Row, run, value_row

AGENTS = 500
INTERVAL = 30.0
SECONDS = 2 * INTERVAL
TURNS = 3
SOURCE = ROOT / ".build/ansible_collections/oceanbase/obshell/extensions/eda/plugins/event_source/dag.py"


def watch(folder: pathlib.Path) -> list[Row]:
    """CPU of a process that watches all agents, as a share of one core."""
    with Fleet(AGENTS) as fleet:
        agents = [f"127.0.0.1:{cluster['port']}" for cluster in fleet.clusters]
        (folder / "agents.json").write_text(json.dumps(agents), encoding="utf-8")
        command = [sys.executable, "-m", __name__, str(folder / "agents.json")]
        costs = [run(command, folder, OBSHELL_PASSWORD=ROOT_PASSWORD) for _turn in range(TURNS)]
    return [value_row(f"{AGENTS} agents watched: CPU", [cost.cpu / cost.wall for cost in costs], "one core", 0.2)]


async def main(agents: list[str]) -> None:
    """Run the event source for some time; each agent must have been read."""
    events: asyncio.Queue[dict[str, t.Any]] = asyncio.Queue()
    source = runpy.run_path(os.fspath(SOURCE))["main"](events, {"agents": agents, "interval": INTERVAL})
    try:
        await asyncio.wait_for(source, SECONDS)
    except asyncio.TimeoutError:
        found = [events.get_nowait()["type"] for _event in range(events.qsize())]
        if found != ["failed"] * len(agents):
            raise RuntimeError(f"{len(found)} events of {len(agents)}: {sorted(set(found))}") from None


if __name__ == "__main__":
    asyncio.run(main(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))))
