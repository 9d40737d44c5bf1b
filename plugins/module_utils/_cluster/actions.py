# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each step of a cluster's plan as the one request that it is."""

from __future__ import annotations

import typing as t

from .._agent.client import ApiDag
from .._errors import Unreachable
from .model import (
    CONFIGURE_ALL,
    CONFIGURE_CLUSTER,
    CONFIGURE_SERVER,
    JOIN,
    MASTER,
    REMOVE,
    SET_PASSWORD,
    Address,
    Declared,
    Member,
    Step,
    View,
    show,
)
from .observe import Members


class Secrets(t.NamedTuple):
    """The passwords of root@sys and, if that user shall be created, of proxyro."""

    root_password: str
    proxyro_password: str | None = None

    def __repr__(self) -> str:
        """Keep them out of any message."""
        return "Secrets(...)"


def send(step: Step, view: View, members: Members, declared: Declared, *, secrets: Secrets) -> ApiDag | None:
    """Send the request of a step that changes something, and return the DAG that it started, if any.

    :raises AgentError: the agent refused it, or failed at it.
    :raises Unreachable: the answer was lost; its `sent` tells whether the request may have arrived.
    """
    member = step.member
    if step.kind == SET_PASSWORD and member:
        members.client(member.server).set_agent_password(member.server.agent_password or "")
        return None
    if step.kind == JOIN and member:
        return _join(member, view, members)
    master = view.of(MASTER)[0]
    client = members.client(master.server)
    if step.kind == CONFIGURE_ALL:
        return client.configure_observers(declared.config)
    if step.kind == CONFIGURE_SERVER and member:
        return client.configure_observers(member.server.config, server=show(_address(member)))
    if step.kind == CONFIGURE_CLUSTER:
        return client.configure_cluster(
            name=declared.name, cluster_id=declared.cluster_id, root_password=secrets.root_password
        )
    if step.kind == REMOVE:
        return client.remove(_address(master))
    return client.initialize(proxyro_password=secrets.proxyro_password)


def _join(member: Member, view: View, members: Members) -> ApiDag:
    master = (view.of(MASTER) or [member])[0]
    password = master.server.agent_password if master is not member and master.secured else None
    client = members.client(member.server)
    return client.join(_address(master), zone=member.server.zone, master_password=password)


def _address(member: Member) -> Address:
    if member.address is None:
        raise Unreachable(f"{member} does not answer", sent=False)
    return member.address
