# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that last until a client has been told of them, however late it looks."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ._journal import Entry
from ._model import Json
from ._obstacles import HELD, Pace
from ._simulator import Simulator


class Hold:
    """Holds nodes of DAGs, each until so many answers to GET have told that its stage is the present one.

    They count from the first answer on that names the nodes of the DAG. `looks` are the answers, by ID and stage.
    """

    def __init__(self, simulator: Simulator, *nodes: str, operator: str = "RUN", least: int = 1) -> None:
        self.looks: Counter[tuple[str, int]] = Counter()
        self._least = least
        self._nodes: dict[str, list[str]] = {}
        self._paces = {node: Pace(node=node, operator=operator, ticks=HELD) for node in nodes}
        simulator.paces.extend(self._paces.values())
        simulator.journal.watchers.append(self._answered)

    @property
    def released(self) -> list[str]:
        """The nodes that are held no more."""
        return [node for node, pace in self._paces.items() if not pace.ticks]

    def release(self) -> None:
        """Let all go on."""
        for pace in self._paces.values():
            pace.ticks = 0

    def _answered(self, entry: Entry, answer: Any) -> None:
        data = answer.get("data") if isinstance(answer, dict) and entry.method == "GET" else None
        if isinstance(data, dict):
            data = data.get("contents") or [data]
        for dag in data if isinstance(data, list) else ():
            if isinstance(dag, dict) and "stage" in dag:
                self._told(dag)

    def _told(self, dag: Json) -> None:
        place = str(dag["id"]), int(dag["stage"])
        self.looks[place] += 1
        if dag.get("nodes"):
            self._nodes[place[0]] = [node["name"] for node in dag["nodes"]]
        names = self._nodes.get(place[0])
        pace = self._paces.get(names[place[1] - 1]) if names else None
        if pace and self.looks[place] >= self._least:
            pace.ticks = 0
