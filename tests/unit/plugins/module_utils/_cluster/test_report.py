# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task returns of a cluster: before, after, and as it would be; and what can be done about a failure."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import ClusterInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    DesiredCluster,
    Member,
    ObservedCluster,
    Progressed,
    Server,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.report import (
    describe,
    expected_summary,
    present,
    recovery,
    summary,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address

S, M, F, C = "SINGLE", "MASTER", "FOLLOWER", "CLUSTER AGENT"
NAMED, UNNAMED = ClusterInfo((), "obdemo", 1), ClusterInfo(())
OWN, ALL = {"mysql_port": "1"}, {"memory_limit": "6G"}


def member(number: int, identity: str, *, password: str | None = None) -> Member:
    server = Server(f"db{number}", 2886, f"zone{number}", OWN if number == 2 else {}, password)
    return Member(server, Address(f"192.0.2.{number}", 2886) if identity else None, identity)


def view(*identities: str, cluster: ClusterInfo | None = None, **more: t.Any) -> ObservedCluster:
    members = tuple(member(number, identity) for number, identity in enumerate(identities, 1))
    return ObservedCluster(members, cluster, **more)


def desired(state: str = "initialized") -> DesiredCluster:
    return DesiredCluster(state, "obdemo", 1, (member(1, S).server, member(2, S).server), ALL)


CLUSTER = {"name": "obdemo", "id": 1}
EXPECTED: dict[str, tuple[str, ObservedCluster, list[str], t.Any, t.Any]] = {
    "fresh": ("initialized", view(S, S), [C, C], CLUSTER, {"all": ALL, "db2:2886": OWN}),
    "fresh, to be configured": ("configured", view(S, S), [M, F], CLUSTER, {"all": ALL, "db2:2886": OWN}),
    "the second is the master": ("configured", view(S, M), [F, M], CLUSTER, {"all": ALL, "db2:2886": OWN}),
    "initialised": ("initialized", view(C, C, cluster=NAMED), [C, C], CLUSTER, {}),
    "initialised, to be configured": ("configured", view(C, C, cluster=NAMED), [C, C], CLUSTER, {}),
    "to be absent": ("absent", view(M, F, cluster=NAMED), [S, S], None, {}),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_check_mode_expects(name: str) -> None:
    state, observed, identities, cluster, config = EXPECTED[name]
    after = expected_summary(observed, desired(state))
    assert after == {
        "identities": dict(zip(("db1:2886", "db2:2886"), identities)),
        "cluster": cluster,
        "config": config,
    }


@pytest.mark.parametrize(
    ("configured", "config"),
    [
        (set(), {}),
        ({""}, {"all": ALL}),
        ({"db2:2886"}, {"db2:2886": OWN}),
        ({"", "db2:2886"}, {"all": ALL, "db2:2886": OWN}),
    ],
)
@pytest.mark.parametrize(("cluster", "shown"), [(None, None), (UNNAMED, None), (NAMED, CLUSTER)])
def test_what_a_diff_shows(
    configured: set[str], config: dict[str, t.Any], cluster: ClusterInfo | None, shown: t.Any
) -> None:
    seen = summary(view(M, "", cluster=cluster), desired(), Progressed(configured=configured))
    assert seen == {"identities": {"db1:2886": M, "db2:2886": "UNREACHABLE"}, "cluster": shown, "config": config}


def test_members_as_results_have_them() -> None:
    full = dataclasses.replace(member(1, M), zone="zone1", version="4.5.0.0-1", under_maintenance=True)
    nothing = {"address": None, "identity": "UNREACHABLE", "zone": None, "version": None, "under_maintenance": False}
    assert present(ObservedCluster((full, member(2, "")), NAMED)) == {
        "members": [
            {
                "host": "db1",
                "port": 2886,
                "address": "192.0.2.1:2886",
                "identity": M,
                "zone": "zone1",
                "version": "4.5.0.0-1",
                "under_maintenance": True,
            },
            {"host": "db2", "port": 2886, **nothing},
        ],
        "cluster": CLUSTER,
    }


LEFT_OVER = Dag("19", "Initialize cluster", "FAILED", "RUN", "", 1, 1, (), {})


@pytest.mark.parametrize(
    ("state", "observed", "text"),
    [
        ("absent", view(S, S), "all agents are SINGLE"),
        ("initialized", view(C, C), "the cluster obdemo is initialized"),
        ("configured", view(M, F), "the cluster obdemo is configured"),
        ("initialized", view(C, ""), "the cluster obdemo is initialized; db2:2886 does not respond"),
        (
            "initialized",
            ObservedCluster((member(1, C), member(2, "", password="x"))),
            "the cluster obdemo is initialized; db2:2886 does not respond, so it is unknown whether its agent password "
            "is set",
        ),
        (
            "initialized",
            view(C, C, left_over=(LEFT_OVER,)),
            "the cluster obdemo is initialized; DAG 19 (Initialize cluster) failed beside its initialisation: leave it "
            "as it is",
        ),
    ],
)
def test_descriptions(state: str, observed: ObservedCluster, text: str) -> None:
    assert describe(desired(state), observed) == text


BOTH = ["retry", "rollback"]
FAILED = {"name": "Initialize cluster", "state": "FAILED"}


@pytest.mark.parametrize(
    ("dag", "observed", "policies", "server"),
    [
        (FAILED, view(M, F), BOTH, 0),
        (FAILED, view(F, M), BOTH, 1),
        (FAILED, view("", C), BOTH, 1),
        (FAILED, view(S, M), ["rollback"], 1),
        (FAILED, view("", ""), None, None),
        (None, view(M, F), None, None),
        ({**FAILED, "state": "RUNNING"}, view(M, F), None, None),
        ({**FAILED, "name": "Stop OB"}, view(M, F), None, None),
    ],
)
def test_how_a_failed_initialisation_can_be_recovered(
    dag: dict[str, t.Any] | None, observed: ObservedCluster, policies: list[str] | None, server: int | None
) -> None:
    advice = recovery(dag, observed)
    if server is None:
        assert advice is None
    else:
        assert advice == {"policies": policies, "server": server, "host": f"db{server + 1}", "port": 2886}
