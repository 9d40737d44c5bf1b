# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a DAG to its end, whichever agent can tell of it."""

from __future__ import annotations

import dataclasses

from ._blockers import owner
from ._client import ObshellClient
from ._cluster import SINGLE, View
from ._dag import Dag, OnChange
from ._follow import follow, watch
from ._members import Members
from ._part import Part
from ._wait import Deadline, Waited


def follow_to_end(
    dag: Dag,
    view: View,
    members: Members,
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None,
    part: Part | None,
) -> Waited[Dag]:
    """Follow a DAG until it is finished; its owner is asked first, and where that does not answer, the others.

    :param part: what this is a part of, if it is one; then it ends with it, done or not.
    :raises ObshellError: of a read, where the same kind came more often in a row than its `tolerance` allows.
    """
    own = next((member for member in view.members if member.address == owner(dag)), None)
    if own and own.identity == SINGLE:
        client = members.client(own.server)
        return _follow_single(client, dag, deadline=deadline, interval=interval, on_change=on_change, part=part)
    anyone = members.anyone(view, first=own.server if own else None)
    return follow(
        anyone,
        dag.id,
        lambda now: now.finished,
        deadline=deadline,
        interval=interval,
        on_change=on_change,
        part=part,
    )


def _follow_single(
    client: ObshellClient,
    dag: Dag,
    *,
    deadline: Deadline,
    interval: float,
    on_change: OnChange | None,
    part: Part | None,
) -> Waited[Dag]:
    """Read the DAG by which a single agent joins, until it is finished or the agent is single no more.

    A follower of a master with an agent password takes no password at all until the master is configured, but it says
    without one what it is.
    """
    last = dag

    def read() -> Dag:
        nonlocal last
        if client.info().get("identity") == SINGLE:
            last = Dag.from_api(client.get_dag(dag.id))
        else:
            last = dataclasses.replace(last, state="SUCCEED")
        return last

    return watch(
        dag.id,
        read,
        lambda now: now.finished,
        deadline=deadline,
        interval=interval,
        on_change=on_change,
        part=part,
    )
