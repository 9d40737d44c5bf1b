# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds: nodes that run until a client has read that they run, or has operated every cluster, however late it does."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..core.dag import Json
from ..core.obstacles import FOREVER, Delay
from .journal import JournalEntry
from .network import ServedNetwork


class Hold:
    """Keeps nodes of DAGs running, each until a number of answers to GET said that its stage is the current one.

    It counts while the DAG runs, from the first answer that lists the nodes of the DAG.
    """

    def __init__(self, network: ServedNetwork, *nodes: str, operator: str = "RUN", reads: int = 1) -> None:
        self._required = reads
        self._reads: Counter[tuple[str, int]] = Counter()
        self._nodes_of_dag: dict[str, list[str]] = {}
        self._delays = {node: Delay(node=node, operator=operator, ticks=FOREVER) for node in nodes}
        network.delays.extend(self._delays.values())
        network.journal.watchers.append(self._watch)

    @property
    def released(self) -> list[str]:
        """The nodes that are no longer held."""
        return [node for node, delay in self._delays.items() if not delay.ticks]

    def release(self) -> None:
        """Stop holding all nodes."""
        for delay in self._delays.values():
            delay.ticks = 0

    def _watch(self, entry: JournalEntry, envelope: Any) -> None:
        data = envelope.get("data") if isinstance(envelope, dict) and entry.method == "GET" else None
        if isinstance(data, dict):
            data = data.get("contents") or [data]
        for dag in data if isinstance(data, list) else ():
            if isinstance(dag, dict) and "stage" in dag:
                self._count_read(dag)

    def _count_read(self, dag: Json) -> None:
        dag_id, stage = str(dag["id"]), int(dag["stage"])
        self._reads[dag_id, stage] += dag["state"] in ("READY", "RUNNING")
        if dag.get("nodes"):
            self._nodes_of_dag[dag_id] = [node["name"] for node in dag["nodes"]]
        names = self._nodes_of_dag.get(dag_id)
        delay = self._delays.get(names[stage - 1]) if names else None
        if delay and self._reads[dag_id, stage] >= self._required:
            delay.ticks = 0


class HoldTogether:
    """Keeps a node of several networks running until each network has applied a POST, so that all run at once."""

    def __init__(self, networks: Sequence[ServedNetwork], node: str, *, operator: str = "RUN") -> None:
        self._delay = Delay(node=node, operator=operator, ticks=FOREVER)
        self._waited_for = set(range(len(networks)))
        for number, network in enumerate(networks):
            network.delays.append(self._delay)
            network.journal.watchers.append(functools.partial(self._watch, number))

    @property
    def released(self) -> bool:
        return not self._delay.ticks

    def _watch(self, number: int, entry: JournalEntry, _envelope: Any) -> None:
        if entry.method == "POST" and entry.applied:
            self._waited_for.discard(number)
        if not self._waited_for:
            self._delay.ticks = 0
