# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a DAG while it moves."""

from __future__ import annotations

import typing as t

from ._client import ObshellClient
from ._dag import Dag, OnChange
from ._part import Part
from ._wait import Deadline, Waited, wait


def follow(
    client: ObshellClient,
    dag_id: str,
    done: t.Callable[[Dag], bool],
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None = None,
    part: Part | None = None,
) -> Waited[Dag]:
    """Read a DAG until it is done, with details then, and at each change where somebody is told of it.

    :param part: what this is a part of, if it is one; then it ends with it, done or not.
    :raises ObshellError: of a read, where the same kind came more often in a row than its `tolerance` allows.
    """
    position = part.position(dag_id) if part else ()

    def read() -> Dag:
        nonlocal position
        dag = Dag.from_api(client.get_dag(dag_id, details=False))
        if done(dag) or (on_change and dag.position != position):
            dag = Dag.from_api(client.get_dag(dag_id))
        position = dag.position
        return dag

    return watch(dag_id, read, done, deadline=deadline, interval=interval, on_change=on_change, part=part)


def watch(
    dag_id: str,
    read: t.Callable[[], Dag],
    done: t.Callable[[Dag], bool],
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None,
    part: Part | None,
) -> Waited[Dag]:
    """See :func:`wait` and :func:`follow`; what counts as a change is that the DAG moved on."""
    return wait(
        read,
        done,
        deadline=part.within(deadline) if part else deadline,
        interval=interval,
        changed=lambda last, now: last.position != now.position,
        on_change=on_change,
        quiet=part.quiet(dag_id) if part else 0.0,
    )
