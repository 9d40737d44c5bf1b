# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one request of each step that changes something."""

from __future__ import annotations

import typing as t

from .._agent.info import MASTER
from .._dag.model import Dag
from .._errors import Unreachable
from .._ids import Address
from .model import (
    CONFIGURE_ALL,
    CONFIGURE_CLUSTER,
    CONFIGURE_SERVER,
    JOIN,
    REMOVE,
    SET_PASSWORD,
    DesiredCluster,
    Member,
    ObservedCluster,
    Step,
)
from .sessions import AgentPool


class Secrets(t.NamedTuple):
    """The password of root@sys and, if that user is to be created, the one of proxyro."""

    root_password: str
    proxyro_password: str | None = None

    def __repr__(self) -> str:
        """Keep them out of any message."""
        return "Secrets(...)"


def send(
    step: Step, observed: ObservedCluster, pool: AgentPool, desired: DesiredCluster, *, secrets: Secrets
) -> Dag | None:
    """Send the request of a step, and return the DAG that it started, if any.

    :raises AgentError: the agent refused it, or failed at it.
    :raises Unreachable: the response was lost; its `sent` says whether the request may have arrived.
    """
    member = step.member
    if step.kind == SET_PASSWORD and member:
        pool.clients[member.server].set_agent_password(member.server.agent_password or "")
        return None
    if step.kind == JOIN and member:
        return _join(member, observed, pool)
    master = observed.with_identity(MASTER)[0]
    client = pool.clients[master.server]
    if step.kind == CONFIGURE_ALL:
        return client.configure_observers(desired.config)
    if step.kind == CONFIGURE_SERVER and member:
        return client.configure_observers(member.server.config, server=str(_address(member)))
    if step.kind == CONFIGURE_CLUSTER:
        return client.configure_cluster(
            name=desired.name, cluster_id=desired.cluster_id, root_password=secrets.root_password
        )
    if step.kind == REMOVE:
        return client.remove(_address(master))
    return client.initialize(proxyro_password=secrets.proxyro_password)


def _join(member: Member, observed: ObservedCluster, pool: AgentPool) -> Dag:
    master = (observed.with_identity(MASTER) or [member])[0]
    needs_password = master is not member and master.has_agent_password
    password = master.server.agent_password if needs_password else None
    client = pool.clients[member.server]
    return client.join(_address(master), zone=member.server.zone, master_password=password)


def _address(member: Member) -> Address:
    if member.address is None:
        raise Unreachable(f"{member} does not respond", sent=False)
    return member.address
