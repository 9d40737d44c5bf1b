# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a DAG while it moves."""

from __future__ import annotations

import typing as t

from ._client import ObshellClient
from ._dag import Dag, OnChange
from ._wait import Deadline, Waited, wait


def follow(
    client: ObshellClient,
    dag_id: str,
    done: t.Callable[[Dag], bool],
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None = None,
    seen: tuple[str, ...] = (),
) -> Waited[Dag]:
    """Read a DAG until it is done, with details then, and at each change where somebody is told of it.

    :param seen: the position in which the DAG was told of last.
    :raises ObshellError: of a read, where the same kind came more often in a row than its `tolerance` allows.
    """
    position = seen

    def read() -> Dag:
        nonlocal position
        dag = Dag.from_api(client.get_dag(dag_id, details=False))
        if done(dag) or (on_change and dag.position != position):
            dag = Dag.from_api(client.get_dag(dag_id))
        position = dag.position
        return dag

    return watch(read, done, deadline=deadline, interval=interval, on_change=on_change)


def watch(
    read: t.Callable[[], Dag],
    done: t.Callable[[Dag], bool],
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None,
) -> Waited[Dag]:
    """See :func:`wait`; what counts as a change is that the DAG moved on."""
    return wait(
        read,
        done,
        deadline=deadline,
        interval=interval,
        changed=lambda last, now: last.position != now.position,
        on_change=on_change,
    )
