# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one request of each step: to which agent it goes, and with which values and passwords."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.actions import Secrets, send
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    CONFIGURE_ALL,
    CONFIGURE_CLUSTER,
    CONFIGURE_SERVER,
    INIT,
    JOIN,
    REMOVE,
    SET_PASSWORD,
    DesiredCluster,
    Member,
    ObservedCluster,
    Server,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address

FIRST, SECOND = (
    Server(f"db{number}", 2886, f"zone{number}", {"mysql_port": str(number)}, f"agent {number}") for number in (1, 2)
)
OWN = {FIRST: Address("192.0.2.1", 2886), SECOND: Address("192.0.2.2", 2886)}
DESIRED = DesiredCluster("initialized", "obdemo", 7, (FIRST, SECOND), {"memory_limit": "6G"})
SECRETS = Secrets("root", "proxyro")


def member(server: Server, identity: str, **options: t.Any) -> Member:
    return Member(server, OWN[server], identity, **options)


MASTER, SINGLE = member(SECOND, "MASTER", has_agent_password=True), member(FIRST, "SINGLE", has_agent_password=True)
OPEN_MASTER, FRESH = member(SECOND, "MASTER"), member(SECOND, "SINGLE", has_agent_password=True)
# The step, who the agents are, and the only request.
REQUESTS: dict[str, tuple[Step, tuple[Member, ...], t.Any]] = {
    "an agent password": (
        Step(SET_PASSWORD, "", SINGLE),
        (SINGLE, MASTER),
        (FIRST, mock.call.set_agent_password("agent 1")),
    ),
    "a follower of a master with an agent password": (
        Step(JOIN, "", SINGLE),
        (SINGLE, MASTER),
        (FIRST, mock.call.join(OWN[SECOND], zone="zone1", master_password="agent 2")),
    ),
    "a follower of a master without one": (
        Step(JOIN, "", SINGLE),
        (SINGLE, OPEN_MASTER),
        (FIRST, mock.call.join(OWN[SECOND], zone="zone1", master_password=None)),
    ),
    "the first one becomes the master": (
        Step(JOIN, "", FRESH),
        (SINGLE, FRESH),
        (SECOND, mock.call.join(OWN[SECOND], zone="zone2", master_password=None)),
    ),
    "options of all": (
        Step(CONFIGURE_ALL, ""),
        (SINGLE, MASTER),
        (SECOND, mock.call.configure_observers({"memory_limit": "6G"})),
    ),
    "options of one": (
        Step(CONFIGURE_SERVER, "", SINGLE),
        (SINGLE, MASTER),
        (SECOND, mock.call.configure_observers({"mysql_port": "1"}, server="192.0.2.1:2886")),
    ),
    "the cluster": (
        Step(CONFIGURE_CLUSTER, ""),
        (SINGLE, MASTER),
        (SECOND, mock.call.configure_cluster(name="obdemo", cluster_id=7, root_password="root")),
    ),
    "the initialisation": (
        Step(INIT, ""),
        (SINGLE, MASTER),
        (SECOND, mock.call.initialize(proxyro_password="proxyro")),
    ),
    "the removal": (Step(REMOVE, "", MASTER), (SINGLE, MASTER), (SECOND, mock.call.remove(OWN[SECOND]))),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_requests(name: str) -> None:
    step, members, (asked, request) = REQUESTS[name]
    clients = {server: mock.Mock(name=server.host) for server in (FIRST, SECOND)}
    started = send(step, ObservedCluster(members), mock.Mock(clients=clients), DESIRED, secrets=SECRETS)
    assert {server: client.mock_calls for server, client in clients.items() if client.mock_calls} == {asked: [request]}
    assert (started is None) == (step.kind == SET_PASSWORD)


def test_nothing_is_sent_about_an_agent_whose_address_is_unknown() -> None:
    clients = {SECOND: mock.Mock()}
    observed = ObservedCluster((Member(FIRST), MASTER))
    with pytest.raises(Unreachable, match="db1:2886 does not respond") as caught:
        send(Step(CONFIGURE_SERVER, "", Member(FIRST)), observed, mock.Mock(clients=clients), DESIRED, secrets=SECRETS)
    assert not caught.value.sent and not clients[SECOND].mock_calls


def test_secrets_are_not_shown() -> None:
    assert str(SECRETS) == "Secrets(...)"


@pytest.mark.parametrize("form", ["{}", "{!r}", "{!s}"])
def test_secrets_do_not_show_their_passwords(form: str) -> None:
    text = form.format(Secrets("first-word", "second-word"))
    assert "Secrets" in text and "word" not in text
