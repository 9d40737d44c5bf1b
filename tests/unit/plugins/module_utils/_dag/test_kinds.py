# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of kinds, row by row, with consent and without."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import (
    CONSEQUENCES,
    Kind,
    matches,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import OPERATORS, Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.operators import judge

from .kind_dags import context_of, make_dag, nodes_of

# Name | node | ROLLBACK | RETRY | PASS of the DAG that failed there | CANCEL of the DAG that runs there.
# A cell is "ok", "no", or the consequences that must be accepted.
TABLE = """
Initialize cluster | Integrate config | ok | ok | no | ok
Initialize cluster | Create observer workdir | data_removal | data_removal | no | ok
Initialize cluster | create  Observer Workdir | data_removal | data_removal | no | ok
Initialize cluster | Start observer | ok | ok | no | ok
Initialize cluster | Modify password | ok | ok | no | no
Initialize cluster | Create user | no | ok | no | no
Initialize cluster | Synchronize agent from cluster | no | ok | no | no
Create observer workdir | Create observer workdir | data_removal | data_removal | no | ok
Start observer | Start observer | ok | ok | no | ok
Stop observer | Stop observer | no | ok | no | ok
Destroy observer workdir | Destroy observer workdir | no | ok | no | ok
Synchronize agent from cluster | Synchronize agent from cluster | no | ok | no | half_done
Update observer config | Update observer config | no | ok | no | half_done
Update cluster config | Update cluster config | no | ok | no | half_done
Take over | Synchronize agent from cluster | no | ok | no | half_done
Take over | Convert follower to cluster agent | no | ok | no | no
Rebuild MASTER | Synchronize agent from cluster | no | ok | no | half_done
Take over agent update agent version | Upgrade to cluster agent version | ok | ok | half_done | ok
Join self | Join self | no | no | no | no
Join to master | Join to master | no | no | no | no
Follower remove self | Follower remove self | no | no | no | no
Agent to single | Agent to single | no | no | no | no
Remove follower agent 192.0.2.1:2886 | Remove follower | no | no | no | no
Remove all agents | Remove follower | no | no | no | no
Start OB | Inform all agents to start observer | no | no | no | half_done, job_continues
Start OB | Start Zone | no | half_done | no | half_done, job_continues
Stop OB | Minor freeze before stop server | no | half_done | no | half_done, job_continues
Stop OB | Wait for all agents to execute tasks successfully | no | no | no | half_done, job_continues
Start observer of 21 | Start preparations | no | half_done | ok | ok
Start observer of 21 | Wait for task to end | no | no | ok | ok
Stop observer of 21 | Stop observer | no | no | ok | ok
Start local observer | Start observer | no | ok | half_done | ok
Stop local observer | Stop observer | no | observer_kill | half_done | ok
Kill observer | Kill observer | no | observer_kill | half_done | ok
Start observer for scale in rollback | Start observer for scale in rollback | no | ok | half_done | ok
Cluster inspection | Inspection Task | no | ok | ok | ok
Cluster scale out | Integrate server config | data_removal | ok | no | no
Cluster scale out | Wait remote deploy finish | data_removal | data_removal | no | no
Cluster scale out | Add server for scale_out | data_removal | ok | no | no
Local scale out of 11 | Create observer workdir | no | no | no | no
Cluster scale in | Delete observer | ok | ok | half_done | half_done
Cluster scale in | Wait delete observer success | ok | ok | half_done | half_done
Cluster scale in | Delete agent | no | ok | half_done | half_done
Delete zone | Stop zone zone1 | ok | ok | half_done | half_done
Delete zone | Delete zone zone1 | no | ok | half_done | half_done
Upgrade check obshell 4.5.0.0-1 | Check the python environment | ok | ok | ok | ok
Upgrade check obshell 4.5.0.0-1 | Create upgrade dir | data_removal | data_removal | ok | ok
Upgrade check OB 4.3.5.4-1 | Unpack all required packages | data_removal | ok | ok | ok
Upgrade check OB 4.3.5.4-1 | Remove upgrade check task dir | no | ok | ok | ok
Upgrade obshell 4.5.0.0-1 | Create upgrade dir | data_removal | data_removal | no | half_done
Upgrade obshell 4.5.0.0-1 | Install new obshell | data_removal | ok | no | half_done
Upgrade obshell 4.5.0.0-1 | Restart obshell | no | ok | no | half_done
Upgrade obshell 4.5.0.0-1 | Remove upgrade check task dir | no | ok | half_done | half_done
OB stop service upgrade 4.3.5.4-1 | Unpack all required packages | data_removal | ok | no | half_done
OB stop service upgrade 4.3.5.4-1 | Restart obshell | no | ok | no | no
OB rolling upgrade 4.3.5.4-1 | Backup parameters | no | ok | no | no
OB rolling upgrade 4.3.5.4-1 | Execute upgrade checker script | no | ok | no | no
OB rolling upgrade 4.3.5.4-1 | Reinstall and restart observer | no | observer_kill | no | no
OB rolling upgrade 4.3.5.4-1 | Start zone1 | no | ok | no | no
Create tenant t1 | Create tenant | tenant_drop | tenant_drop | no | half_done, job_continues
Create tenant t1 | Modify tenant whitelist | tenant_drop | ok | no | half_done
Create tenant t1 | Import script for tenant | no | ok | no | half_done
Drop tenant | Drop tenant | no | tenant_drop | half_done | job_continues
Drop tenant | Drop resource pools | no | ok | half_done | job_continues
Drop tenant | Recycle tenant | no | tenant_drop | half_done | job_continues
Wait tenant purge finished | Wait tenant purge finished | no | tenant_drop | no | job_continues
Wait tenant purge finished | Drop resource pools | no | ok | half_done | job_continues
Scale out tenant replicas | Create and attach resource pools | data_removal | ok | no | job_continues
Scale out tenant replicas | Alter tenant locality | data_removal, job_continues | ok | half_done | job_continues
Scale in tenant replicas | Alter tenant locality | no | ok | half_done | job_continues
Scale in tenant replicas | Drop resource pools | no | data_removal | half_done | job_continues
Modify tenant replicas | Alter resource pool unit num | no | ok | half_done | job_continues
Modify tenant primary zone | Modify tenant primary zone | no | ok | half_done | job_continues
Set obcluster backup config | Check backup config | ok | archiving_off | half_done | archiving_off
Set obcluster backup config for t1 | Set backup config | no | archiving_off | archiving_off | archiving_off
Obcluster start full backup | Start backup | job_continues | second_backup | half_done | job_continues
Obcluster start full backup for t1 | Open archive log | job_continues | ok | half_done | job_continues
Obcluster start increment backup | Check destination | job_continues | ok | half_done | job_continues
Obcluster start increment backup for t1 | Wait backup Finish | job_continues | ok | half_done | job_continues
Restore backup_t1 | Start restore | tenant_drop | tenant_drop | half_done | job_continues
Restore backup_t1 | Wait restore task finish | tenant_drop | ok | half_done | job_continues
Restore backup_t1 | Active tenant | no | ok | half_done | job_continues
Cancel restore t1 | Drop resource pool | no | ok | half_done | half_done
Add obproxy | Start obproxy | no | ok | half_done | ok
Start obproxy | Start obproxy | no | ok | ok | ok
Stop obproxy | Stop obproxy | no | observer_kill | ok | ok
Delete obproxy | Clean obproxy dir | no | data_removal | half_done | half_done
Upgrade obproxy | Reinstall obproxy bin | ok | ok | half_done | no
Upgrade obproxy | Download obproxy pkg from sqlite | ok | ok | no | no
Upgrade obproxy | Hot restart obproxy | half_done | ok | half_done | no
Start seekdb | Start seekdb | no | no | half_done | ok
Start local seekdb | Start seekdb | no | no | half_done | ok
Stop seekdb | Stop seekdb | no | ok | half_done | ok
Stop local seekdb | Stop seekdb | no | ok | half_done | ok
Restart seekdb | Start seekdb | no | ok | half_done | half_done
Switchover | SwitchoverStandbyToPrimary | no | ok | half_done | half_done
Activate | Activate | no | may_be_in_use | may_be_in_use | half_done
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
CELLS = [(name, node, operator, cell) for name, node, *cells in ROWS for operator, cell in zip(OPERATORS, cells)]


@pytest.mark.parametrize(("name", "node", "operator", "cell"), CELLS)
def test_each_row(name: str, node: str, operator: str, cell: str) -> None:
    state = "RUNNING" if operator == "CANCEL" else "FAILED"
    dag = make_dag(name, node, state=state)
    verdict = judge(dag, operator, context_of(dag))
    asked = tuple(sorted(verdict.accept))
    assert (verdict.verdict, asked) == {
        "ok": ("allowed", ()),
        "no": ("refused", ()),
    }.get(cell, ("needs_consent", tuple(cell.split(", ")))), verdict.reason
    assert set(verdict.missing(())) == set(asked)
    assert verdict.missing(asked) == ()
    assert verdict.reason and "{" not in verdict.reason


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.names[0])
def test_each_kind_has_a_row_for_each_name(kind: Kind) -> None:
    names = [name.split(" of ")[0] for name, *_cells in ROWS if kind.is_part == (" of " in name)]
    assert [pattern for pattern in kind.names if not any(matches(name, (pattern,)) for name in names)] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.names[0])
def test_each_operator_has_a_last_rule_that_applies_always(kind: Kind) -> None:
    for operator in OPERATORS:
        last = [rule for rule in kind.rules if rule.operator == operator][-1]
        assert (last.at, last.since, last.when) == ((), (), None)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.names[0])
def test_rules_name_nodes_and_consequences_that_exist(kind: Kind) -> None:
    for rule in kind.rules:
        assert not rule.at or set(rule.at) & set(kind.nodes)
        assert not rule.since or set(rule.since) & set(kind.nodes)
        assert set(rule.accept) <= set(CONSEQUENCES)
        assert (rule.verdict == "needs_consent") == bool(rule.accept)


def test_a_row_begins_at_a_node_of_its_kind() -> None:
    missing = [(name, node) for name, node, *_cells in ROWS if not matches(node, tuple(nodes_of(name)))]
    assert missing == []


def test_a_restart_that_had_nothing_to_stop_fails_each_time() -> None:
    """Only a node that stops seekdb knows the process ID that a RETRY needs."""
    whole = make_dag("Restart seekdb", "Start seekdb")
    alone = Dag.from_api({**whole.raw, "stage": 1, "max_stage": 1, "nodes": whole.raw["nodes"][-1:]})
    assert [node.name for node in alone.nodes] == ["Start seekdb"]
    verdicts = [judge(dag, "RETRY", context_of(dag)) for dag in (whole, alone)]
    assert [verdict.verdict for verdict in verdicts] == ["allowed", "refused"]
    assert "each time" in verdicts[1].reason


def test_a_part_is_distinguished_from_a_step_of_an_initialisation_by_its_main_dag() -> None:
    part, step = (make_dag(name, "Stop observer") for name in ("Stop observer of 21", "Stop observer"))
    judged: list[t.Any] = [judge(dag, "RETRY", context_of(dag)).verdict for dag in (part, step)]
    assert judged == ["refused", "allowed"]
