# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of kinds against every operator that was sent to a real agent.

tests/recordings/kinds has, for each of them, the DAGs as they were read before it, and whether the agent accepted it.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import (
    ALLOWED,
    NEEDS_CONSENT,
    REFUSED,
    Context,
    present_node,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import find_kind, main_dag_id
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, parse_time
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.operators import judge

FOLDER = next(path for path in pathlib.Path(__file__).parents if path.name == "tests") / "recordings/kinds"


class Case(t.NamedTuple):
    """One operator that was sent to a real agent."""

    file: str
    step: int
    title: str
    operator: str
    accepted: bool
    is_read: bool
    dag: Dag
    context: Context


def cases_of(path: pathlib.Path) -> t.Iterator[Case]:
    """Read the cases of a file.

    `is_read` is False if the DAG was not read since it moved, or if its state alone does not decide and it was read
    without details.
    """
    seen: dict[str, t.Any] = {}
    moved: set[str] = set()
    for sent in json.loads(path.read_text(encoding="utf-8"))["operated"]:
        seen.update((raw["id"], raw) for raw in sent["seen"])
        moved -= {raw["id"] for raw in sent["seen"]}
        dags = {number: Dag.from_api(raw) for number, raw in seen.items()}
        dag = dags[sent["dag"]]
        context = Context(
            others=tuple(dags.values()),
            main=dags.get(main_dag_id(dag)),
            now=parse_time(sent["time"]),
            home_path=sent["home_path"],
        )
        accepted = sent["status"] == 200
        by_state = not dag.finished and sent["operator"] != "CANCEL"
        is_read = dag.id not in moved and (bool(dag.nodes) or by_state)
        yield Case(path.stem, sent["step"], sent["title"], sent["operator"], accepted, is_read, dag, context)
        if accepted:
            moved.add(dag.id)


CASES = [case for path in sorted(FOLDER.glob("*.json")) for case in cases_of(path)]
READ = [case for case in CASES if case.is_read]
LOCKED = "the agent frees or takes the lock of another DAG, or works beside it"
HALF = "the DAG is half rolled back: the agent skips what was undone"
TWIN = "the twin of a scale out is operated by the DAG of the cluster"
NEVER_WORKS = "the agent accepts it, and it fails again every time"
# The agent accepts these, but they are refused.
EXCEPTIONS = {
    ("locks-4.5.0.0", 32): LOCKED,
    ("locks-4.5.0.0", 54): LOCKED,
    ("locks-4.5.0.0", 58): LOCKED,
    ("locks-4.5.0.0", 96): LOCKED,
    ("locks-4.5.0.0", 112): LOCKED,
    ("locks-4.5.0.0", 132): LOCKED,
    ("scale-4.5.0.0", 82): TWIN,
    ("scale-4.5.0.0", 118): TWIN,
    ("seekdb-4.5.0.0", 60): NEVER_WORKS,
    ("seekdb-4.5.0.0", 64): NEVER_WORKS,
    ("seekdb-4.5.0.0", 68): NEVER_WORKS,
    ("seekdb-4.5.0.0", 91): HALF,
    ("seekdb-4.5.0.0", 95): LOCKED,
    ("stop-start-4.5.0.0", 242): "it kills the observer, or waits again for a main DAG that has ended",
    ("tenant-4.5.0.0", 163): HALF,
    ("tenant-4.5.0.0", 206): HALF,
    ("upgrade-4.5.0.0", 162): "the agent runs a cancelled rollback forward",
    ("upgrade-4.5.0.0", 179): HALF,
}


def name(case: Case) -> str:
    return f"{case.file}-{case.step}-{case.title}"


@pytest.mark.parametrize("case", READ, ids=name)
def test_table_and_agent_agree(case: Case) -> None:
    verdict = judge(case.dag, case.operator, case.context)
    accepts = case.accepted and (case.file, case.step) not in EXCEPTIONS
    assert verdict.verdict in ((ALLOWED, NEEDS_CONSENT) if accepts else (REFUSED,)), (str(case.dag), verdict)


def test_each_exception_is_an_operator_that_the_agent_accepted() -> None:
    accepted = {(case.file, case.step) for case in READ if case.accepted}
    assert set(EXCEPTIONS) <= accepted and all(EXCEPTIONS.values())


def test_most_operators_were_sent_after_a_read() -> None:
    assert len(CASES) == 288
    assert len(CASES) - len(READ) == 21


def test_each_recorded_dag_is_of_a_known_kind_and_its_nodes_are_in_the_table() -> None:
    for case in CASES:
        kind = find_kind(case.dag)
        assert kind is not None, case.dag.name
        assert [node.name for node in case.dag.nodes if not kind.knows(node)] == [], case.dag.name


def test_a_failed_dag_stands_at_the_node_of_its_stage() -> None:
    """The agent retries the node of the stage, and the table judges the node that failed."""
    for case in CASES:
        if case.dag.state == "FAILED" and case.dag.nodes:
            assert present_node(case.dag) is case.dag.nodes[case.dag.stage - 1], name(case)
