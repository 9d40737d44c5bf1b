# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of clusters as text: aligned, narrow enough, and complete."""

from __future__ import annotations

from ansible_collections.oceanbase.obshell.plugins.plugin_utils._fleet_table import WIDTH, fleet_table

from .fleet_result import FLEET, make_agent, make_cluster, make_dag

TABLE = """\
Clusters: 3, with failed DAGs: 1, without a database: 1. Agents: 4, unreachable: 1

CLUSTER                          AGENTS  IDENTITY          VERSION    DATABASE  DAGS
cluster1                         1 of 1  CLUSTER AGENT     4.5.0.0-1  up        none
a_name_of_more_than_twenty_c...  2 of 2  FOLLOWER, MASTER  4.5.0.0-1  down      1 failed, 1 running?
  Initialize cluster (23221225985028864): FAILED/RUN at stage 2 of 11, age 2 h 5 min, allowed
    operators: ROLLBACK (accept data_removal), RETRY
  Create tenant orders (110): RUNNING/RUN at stage 2 of 11, age unknown, allowed operators: none
  DAGs may be missing: the database is not available
192.0.2.4:2886                   0 of 1  unknown           unknown    unknown   unknown
  192.0.2.4:2886: GET http://192.0.2.4:2886/api/v1/info failed: ConnectionRefusedError: [Errno 111]
    Connection refused"""


def test_a_row_for_each_cluster_and_below_it_its_dags_and_problems() -> None:
    assert fleet_table(FLEET) == TABLE


def test_no_line_is_too_wide() -> None:
    dag = make_dag(name="x" * 300, allowed_operators=["ROLLBACK"])
    cluster = make_cluster(
        1,
        *[dag] * 1000,
        name="n" * 100,
        addresses=[f"192.0.2.1:{port}" for port in range(1, 10001)],
        versions=["4.5.0.0-1", "4.3.2.0-1"],
        identities=["CLUSTER AGENT", "SCALING OUT"],
    )
    agents = [make_agent(1, port=port) for port in range(1, 10001)]
    lines = fleet_table({"agents": agents, "clusters": [cluster]}).splitlines()
    assert max(map(len, lines)) == WIDTH


def test_counts_are_not_cut_and_a_name_has_what_the_other_columns_leave() -> None:
    dags = [make_dag(state=state) for state in ("FAILED", "RUNNING") for _number in range(100)]
    many = {
        "addresses": [f"192.0.2.1:{port}" for port in range(1, 1001)],
        "identities": ["CLUSTER AGENT", "SCALING OUT"],
        "versions": ["4.5.0.0-1", "4.3.2.0-1"],
        "incomplete": "the database is not available",
    }
    agents = [make_agent(1, port=port) for port in range(1, 1001)]
    large = fleet_table({"agents": agents, "clusters": [make_cluster(1, *dags, name="n" * 30, **many)]}).splitlines()[3]
    small = fleet_table({"agents": [make_agent(1)], "clusters": [make_cluster(1, name="n" * 30)]}).splitlines()[3]
    assert f"{'n' * 15}...  1000 of 1000  " in large and large.endswith("  100 failed, 100 running?")
    assert len(large) == WIDTH and small.startswith("n" * 30 + "  1 of 1")


def test_no_cluster_is_a_table_too() -> None:
    assert (
        fleet_table({"agents": [], "clusters": []}).splitlines()[-1]
        == "CLUSTER  AGENTS  IDENTITY  VERSION  DATABASE  DAGS"
    )


def test_a_name_is_never_a_row_of_its_own() -> None:
    lines = fleet_table({"agents": [make_agent(1)], "clusters": [make_cluster(1, name="a\nb\t9 of 9")]}).splitlines()
    assert len(lines) == 4 and lines[3].startswith(r"a\nb\t9 of 9 ")
