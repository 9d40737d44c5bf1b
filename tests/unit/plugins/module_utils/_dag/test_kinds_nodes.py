# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PASS of one node: the table of kinds row by row, and against each one that was sent to a real agent."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import (
    HALF_DONE,
    MAY_BE_IN_USE,
    PASS_NODE,
    REFUSED,
    Context,
    Kind,
    matches,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, parse_time
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.operators import judge_by_kind
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.requested import Requested

from .kind_dags import context_of, make_dag

FOLDER = next(path for path in pathlib.Path(__file__).parents if path.name == "tests") / "recordings/kinds/nodes"
# Name | node that failed | PASS of this node: "no", or the consequences that must be accepted.
TABLE = """
Initialize cluster | Integrate config | no
Initialize cluster | Create observer workdir | no
Initialize cluster | create  Observer Workdir | no
Initialize cluster | Start observer | no
Initialize cluster | Modify password | no
Initialize cluster | Create user | no
Initialize cluster | Synchronize agent from cluster | no
Create observer workdir | Create observer workdir | no
Start observer | Start observer | no
Stop observer | Stop observer | no
Destroy observer workdir | Destroy observer workdir | no
Synchronize agent from cluster | Synchronize agent from cluster | no
Update observer config | Update observer config | no
Update cluster config | Update cluster config | no
Take over | Synchronize agent from cluster | no
Take over | Convert follower to cluster agent | no
Rebuild MASTER | Synchronize agent from cluster | no
Take over agent update agent version | Upgrade to cluster agent version | half_done
Join self | Join self | no
Join to master | Join to master | no
Follower remove self | Follower remove self | no
Agent to single | Agent to single | no
Remove follower agent 192.0.2.1:2886 | Remove follower | half_done
Remove all agents | Remove follower | half_done
Start OB | Inform all agents to start observer | no
Start OB | Start Zone | no
Stop OB | Minor freeze before stop server | no
Stop OB | Wait for all agents to execute tasks successfully | no
Start observer of 21 | Start preparations | no
Start observer of 21 | Wait for task to end | no
Stop observer of 21 | Stop observer | no
Start local observer | Start observer | half_done
Stop local observer | Stop observer | half_done
Kill observer | Kill observer | half_done
Start observer for scale in rollback | Start observer for scale in rollback | half_done
Cluster inspection | Inspection Task | half_done
Cluster scale out | Integrate server config | no
Cluster scale out | Wait remote deploy finish | no
Cluster scale out | Add server for scale_out | no
Local scale out of 11 | Create observer workdir | no
Cluster scale in | Delete observer | no
Cluster scale in | Wait delete observer success | no
Cluster scale in | Delete agent | half_done
Delete zone | Stop zone zone1 | no
Delete zone | Delete zone zone1 | half_done
Upgrade check obshell 4.5.0.0-1 | Check the python environment | half_done
Upgrade check obshell 4.5.0.0-1 | Create upgrade dir | half_done
Upgrade check OB 4.3.5.4-1 | Unpack all required packages | half_done
Upgrade check OB 4.3.5.4-1 | Remove upgrade check task dir | half_done
Upgrade obshell 4.5.0.0-1 | Create upgrade dir | no
Upgrade obshell 4.5.0.0-1 | Install new obshell | no
Upgrade obshell 4.5.0.0-1 | Restart obshell | no
Upgrade obshell 4.5.0.0-1 | Remove upgrade check task dir | half_done
OB stop service upgrade 4.3.5.4-1 | Unpack all required packages | no
OB stop service upgrade 4.3.5.4-1 | Restart obshell | no
OB rolling upgrade 4.3.5.4-1 | Backup parameters | no
OB rolling upgrade 4.3.5.4-1 | Execute upgrade checker script | no
OB rolling upgrade 4.3.5.4-1 | Reinstall and restart observer | no
OB rolling upgrade 4.3.5.4-1 | Start zone1 | no
OB rolling upgrade 4.3.5.4-1 | Minor freeze before stop server | half_done
Create tenant t1 | Create tenant | no
Create tenant t1 | Modify tenant whitelist | no
Create tenant t1 | Import script for tenant | half_done
Drop tenant | Drop tenant | half_done
Drop tenant | Drop resource pools | half_done
Drop tenant | Recycle tenant | half_done
Wait tenant purge finished | Wait tenant purge finished | no
Wait tenant purge finished | Drop resource pools | half_done
Scale out tenant replicas | Create and attach resource pools | no
Scale out tenant replicas | Alter tenant locality | half_done
Scale in tenant replicas | Alter tenant locality | no
Scale in tenant replicas | Drop resource pools | half_done
Modify tenant replicas | Alter resource pool unit num | half_done
Modify tenant primary zone | Modify tenant primary zone | half_done
Set obcluster backup config | Check backup config | archiving_off, half_done
Set obcluster backup config for t1 | Set backup config | archiving_off, half_done
Obcluster start full backup | Start backup | half_done
Obcluster start full backup for t1 | Open archive log | half_done
Obcluster start increment backup | Check destination | half_done
Obcluster start increment backup for t1 | Wait backup Finish | half_done
Restore backup_t1 | Start restore | no
Restore backup_t1 | Wait restore task finish | no
Restore backup_t1 | Active tenant | half_done
Cancel restore t1 | Drop resource pool | half_done
Cancel restore t1 | Cancel restore | no
Add obproxy | Start obproxy | half_done
Start obproxy | Start obproxy | half_done
Stop obproxy | Stop obproxy | half_done
Stop obproxy | Check obproxy status | half_done, observer_kill
Delete obproxy | Clean obproxy dir | half_done
Delete obproxy | Stop obproxy | data_removal, half_done
Upgrade obproxy | Reinstall obproxy bin | half_done
Upgrade obproxy | Download obproxy pkg from sqlite | no
Upgrade obproxy | Hot restart obproxy | half_done
Start seekdb | Start seekdb | half_done
Start local seekdb | Start seekdb | half_done
Stop seekdb | Stop seekdb | half_done
Stop local seekdb | Stop seekdb | half_done
Restart seekdb | Start seekdb | half_done
Switchover | SwitchoverStandbyToPrimary | no
Switchover | SwitchoverPostCheck | half_done
Activate | Activate | no
Activate | ActivatePreCheck | half_done, may_be_in_use
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("name", "node", "cell"), ROWS)
def test_each_row(name: str, node: str, cell: str) -> None:
    dag = make_dag(name, node)
    verdict = judge_by_kind(dag, PASS_NODE, context_of(dag))
    asked = tuple(sorted(verdict.accept))
    expected = ("refused", ()) if cell == "no" else ("needs_consent", tuple(cell.split(", ")))
    assert (verdict.verdict, asked) == expected, verdict.reason
    assert verdict.reason and "{" not in verdict.reason


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.names[0])
def test_each_kind_has_a_row_and_a_last_rule_that_applies_always(kind: Kind) -> None:
    names = [name.split(" of ")[0] for name, *_cells in ROWS if kind.is_part == (" of " in name)]
    assert [pattern for pattern in kind.names if not any(matches(name, (pattern,)) for name in names)] == []
    last = [rule for rule in kind.rules if rule.operator == PASS_NODE][-1]
    assert (last.at, last.since, last.when) == ((), (), None)


def test_a_skipped_node_always_stays_undone() -> None:
    rules = [rule for kind in KINDS for rule in kind.rules if rule.operator == PASS_NODE and rule.verdict != REFUSED]
    assert len(rules) > 20 and all(HALF_DONE in rule.accept for rule in rules)


def test_a_locality_may_be_skipped_if_no_later_step_drops_its_pools() -> None:
    raw = make_dag("Modify tenant replicas", "Alter tenant locality").raw
    nodes = [node for node in raw["nodes"] if node["name"] != "Drop resource pools"]
    dag = Dag.from_api({**raw, "nodes": nodes, "max_stage": len(nodes)})
    assert judge_by_kind(dag, PASS_NODE, context_of(dag)).accept == (HALF_DONE,)


def test_locks_and_age_count_as_for_a_retry() -> None:
    dag = make_dag("Create tenant t1", "Set tenant parameter")
    known = context_of(dag)
    running = make_dag("Upgrade obshell 4.5.0.0-1", "Install new obshell", number=13, state="RUNNING")
    locked = judge_by_kind(dag, PASS_NODE, known._replace(others=(dag, running)))
    assert locked.verdict == REFUSED and running.id in locked.reason
    assert judge_by_kind(dag, PASS_NODE, known._replace(now=None)).accept == (HALF_DONE, MAY_BE_IN_USE)
    assert judge_by_kind(dag, PASS_NODE, known._replace(others=None)).accept == (HALF_DONE, MAY_BE_IN_USE)


class Case(t.NamedTuple):
    """PASS of one node, or another operator, as it was sent to a real agent."""

    file: str
    step: int
    title: str
    operator: str
    node: str
    accepted: bool
    dag: Dag
    context: Context


def cases_of(path: pathlib.Path) -> t.Iterator[Case]:
    seen: dict[str, t.Any] = {}
    for sent in json.loads(path.read_text(encoding="utf-8"))["operated"]:
        seen.update((raw["id"], raw) for raw in sent["seen"])
        dags = {number: Dag.from_api(raw) for number, raw in seen.items()}
        context = Context(tuple(dags.values()), None, parse_time(sent["time"]), sent["home_path"])
        accepted = sent["status"] == 200
        case = (path.stem, sent["step"], sent["title"], sent["operator"], sent["node"], accepted)
        yield Case(*case, dags[sent["dag"]], context)


CASES = [case for path in sorted(FOLDER.glob("*.json")) for case in cases_of(path)]
# The agent accepts these, but they are refused.
EXCEPTIONS = {("upgrade-4.5.0.0", 110): "the upgrade continues without its packages, and fails at the next step"}


def test_all_recordings_are_there() -> None:
    assert len(CASES) == 21 and sum(case.accepted for case in CASES) == 6
    assert set(EXCEPTIONS) <= {(case.file, case.step) for case in CASES if case.accepted}


@pytest.mark.parametrize("case", [case for case in CASES if case.operator == "PASS"], ids=lambda case: case.title)
def test_table_and_agent_agree(case: Case) -> None:
    verdict = Requested("PASS", case.node).judge(case.dag, case.context)
    accepts = case.accepted and (case.file, case.step) not in EXCEPTIONS
    assert (verdict.verdict == "needs_consent") == accepts, (str(case.dag), verdict)
    assert accepts or verdict.verdict == REFUSED
