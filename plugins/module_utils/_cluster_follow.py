# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a DAG to its end, whichever agent can tell of it."""

from __future__ import annotations

import dataclasses
import typing as t

from ._client import ObshellClient
from ._cluster import SINGLE
from ._dag import Dag
from ._wait import Deadline, Waited, wait

OnChange = t.Callable[[Dag], None]


class Follower:
    """Follows DAGs until `deadline`, looking every `interval` seconds or sooner, and tells of each change."""

    def __init__(self, *, deadline: Deadline, interval: float, on_change: OnChange | None) -> None:
        """Prepare; nothing is sent."""
        self._deadline = deadline
        self._interval = interval
        self._on_change = on_change

    def follow(self, client: ObshellClient, dag: Dag) -> Waited[Dag]:
        """Read a DAG until it is finished, with details at its end, and at each change where somebody is told of it.

        :raises ObshellError: of a read, where the same kind came more often in a row than its `tolerance` allows.
        """
        position: tuple[str, ...] = ()

        def read() -> Dag:
            nonlocal position
            now = Dag.from_api(client.get_dag(dag.id, details=False))
            if now.finished or (self._on_change and now.position != position):
                now = Dag.from_api(client.get_dag(dag.id))
            position = now.position
            return now

        return self._wait(read)

    def follow_single(self, client: ObshellClient, dag: Dag) -> Waited[Dag]:
        """Read the DAG by which a single agent joins, until it is finished or the agent is single no more.

        A follower of a master with an agent password takes no password at all until the master is configured, but it
        says without one what it is.
        """
        last = dag

        def read() -> Dag:
            nonlocal last
            if client.info().get("identity") == SINGLE:
                last = Dag.from_api(client.get_dag(dag.id))
            else:
                last = dataclasses.replace(last, state="SUCCEED")
            return last

        return self._wait(read)

    def _wait(self, read: t.Callable[[], Dag]) -> Waited[Dag]:
        return wait(
            read,
            lambda now: now.finished,
            deadline=self._deadline,
            interval=self._interval,
            changed=lambda last, now: last.position != now.position,
            on_change=self._on_change,
        )
