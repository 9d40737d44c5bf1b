# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result of `obshell_fleet_info`, for tests of what shows it."""

from __future__ import annotations

import typing as t

VERDICTS: dict[str, dict[str, t.Any]] = {
    "ROLLBACK": {"verdict": "needs_consent", "accept": ["data_removal"], "reason": "deletes"},
    "RETRY": {"verdict": "allowed", "accept": [], "reason": "repeats"},
    "PASS": {"verdict": "refused", "accept": [], "reason": "cannot be passed"},
    "CANCEL": {"verdict": "refused", "accept": [], "reason": "it has ended"},
}


def make_agent(number: int, **changes: t.Any) -> dict[str, t.Any]:
    """An agent that answered."""
    return {"host": f"192.0.2.{number}", "port": 2886, "reachable": True, "msg": "", **changes}


def make_dag(**changes: t.Any) -> dict[str, t.Any]:
    """A failed initialisation."""
    return {
        "id": "23221225985028864",
        "name": "Initialize cluster",
        "state": "FAILED",
        "operator": "RUN",
        "stage": 2,
        "max_stage": 11,
        "age": 7500,
        "operators": VERDICTS,
        "allowed_operators": ["ROLLBACK", "RETRY"],
        **changes,
    }


def make_cluster(number: int, *dags: dict[str, t.Any], **changes: t.Any) -> dict[str, t.Any]:
    """A cluster of the agent of that number."""
    return {
        "name": f"cluster{number}",
        "id": number,
        "addresses": [f"192.0.2.{number}:2886"],
        "unreachable": [],
        "identities": ["CLUSTER AGENT"],
        "versions": ["4.5.0.0-1"],
        "under_maintenance": False,
        "database_up": True,
        "dags": list(dags),
        "incomplete": "",
        **changes,
    }


REFUSED = "GET http://192.0.2.4:2886/api/v1/info failed: ConnectionRefusedError: [Errno 111] Connection refused"
FLEET: dict[str, t.Any] = {
    "agents": [
        make_agent(1),
        make_agent(2),
        make_agent(3, host="2001:db8::3"),
        make_agent(4, reachable=False, msg=REFUSED),
    ],
    "clusters": [
        make_cluster(1),
        make_cluster(
            2,
            make_dag(),
            make_dag(id="110", name="Create tenant orders", state="RUNNING", age=None, allowed_operators=[]),
            name="a_name_of_more_than_twenty_characters",
            addresses=["192.0.2.2:2886", "[2001:db8::3]:2886"],
            identities=["FOLLOWER", "MASTER"],
            database_up=False,
            incomplete="the database is not available",
        ),
        make_cluster(
            4,
            name=None,
            addresses=["192.0.2.4:2886"],
            unreachable=["192.0.2.4:2886"],
            identities=[],
            versions=[],
            database_up=None,
            incomplete="it is not known whether the agent has other DAGs",
        ),
    ],
}
