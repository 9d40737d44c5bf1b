# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that hold for every kind: unknown kinds, half rolled back DAGs, parts, locks of other DAGs, age."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import Context, present_node
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import OPERATORS, Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.operators import judge, operators

from .kind_dags import HOME, context_of, make_dag

UNKNOWN = Context()
BACKUP_CONFIG = "Set obcluster backup config for t1"


def of_tenant(name: str, node: str, number: int, tenant: str = "t1", **raw: t.Any) -> Dag:
    return make_dag(name, node, number=number, maintenance_type=3, maintenance_key=tenant, **raw)


def upgrade(number: int, **raw: t.Any) -> Dag:
    return make_dag("Upgrade obshell 4.5.0.0-1", "Download all required packages", number=number, **raw)


def verdicts(dag: Dag, **known: t.Any) -> dict[str, str]:
    return {name: one.verdict for name, one in operators(dag, context_of(dag)._replace(**known)).items()}


def test_an_unknown_kind_needs_consent_for_each_operator_that_its_state_allows() -> None:
    raw = make_dag("Start obproxy", "Start obproxy").raw
    failed = Dag.from_api({**raw, "name": "Polish the cluster", "maintenance_type": 1})
    running = Dag.from_api({**failed.raw, "state": "RUNNING"})
    judged = [judge(failed, operator, UNKNOWN) for operator in ("ROLLBACK", "RETRY", "PASS")]
    judged.append(judge(running, "CANCEL", UNKNOWN))
    assert {(one.verdict, one.accept) for one in judged} == {("needs_consent", ("unknown_kind",))}


def test_an_unknown_node_of_a_known_kind_needs_consent() -> None:
    dag = make_dag("Start obproxy", "Start obproxy")
    dag.raw["nodes"][1]["name"] = "Polish obproxy"
    verdict = judge(Dag.from_api(dag.raw), "PASS", UNKNOWN)
    assert (verdict.verdict, verdict.accept) == ("needs_consent", ("unknown_kind",))
    assert "Polish obproxy" in verdict.reason


@pytest.mark.parametrize(("operator", "asked"), [("RETRY", ()), ("ROLLBACK", ()), ("PASS", ("unknown_kind",))])
def test_an_unknown_node_that_was_not_begun_matters_only_to_pass(operator: str, asked: tuple[str, ...]) -> None:
    raw = make_dag("Upgrade check OB 4.3-1", "Check the python environment").raw
    raw["nodes"][-1]["name"] = "Polish the packages"
    dag = Dag.from_api(raw)
    assert judge(dag, operator, context_of(dag)).accept == asked


@pytest.mark.parametrize("kept", [None, 0, -1])
@pytest.mark.parametrize("state", ["FAILED", "RUNNING"])
def test_without_its_nodes_every_operator_is_refused(kept: int | None, state: str) -> None:
    raw = make_dag("Upgrade check OB 4.3-1", "Download all required packages", state=state).raw
    raw["nodes"] = None if kept is None else raw["nodes"][:kept]
    assert set(verdicts(Dag.from_api(raw)).values()) == {"refused"}


def test_a_dag_that_has_no_node_takes_no_operator() -> None:
    raw = make_dag("Upgrade check OB 4.3-1", "Download all required packages").raw
    assert set(verdicts(Dag.from_api({**raw, "nodes": [], "max_stage": 0})).values()) == {"refused"}


@pytest.mark.parametrize(("stage", "place"), [(-1, 0), (0, 0), (1, 0), (2, 1), (3, 2), (99, -1)])
def test_a_dag_without_a_failed_node_stands_at_that_of_its_stage(stage: int, place: int) -> None:
    raw = upgrade(12, stage=stage).raw
    for node in raw["nodes"]:
        node["state"] = "SUCCEED"
    dag = Dag.from_api(raw)
    assert present_node(dag) is dag.nodes[place]


@pytest.mark.parametrize("sub_tasks", [None, []])
@pytest.mark.parametrize(
    ("name", "node"),
    [("Initialize cluster", "Create observer workdir"), ("Upgrade check OB 4.3-1", "Create upgrade dir")],
)
def test_without_sub_tasks_what_deletes_still_needs_consent(name: str, node: str, sub_tasks: t.Any) -> None:
    raw = make_dag(name, node).raw
    for one in raw["nodes"]:
        one["sub_tasks"] = sub_tasks
    dag = Dag.from_api(raw)
    for operator in ("ROLLBACK", "RETRY"):
        verdict = judge(dag, operator, context_of(dag))
        assert (verdict.verdict, verdict.accept) == ("needs_consent", ("data_removal",))
        assert "unknown" in verdict.reason


def test_a_half_rolled_back_dag_takes_only_rollback() -> None:
    dag = make_dag("Create tenant t1", "Create tenant", operator="ROLLBACK")
    assert verdicts(dag) == {"ROLLBACK": "needs_consent", "RETRY": "refused", "PASS": "refused", "CANCEL": "refused"}


def test_a_rollback_that_failed_before_the_first_node_can_be_continued() -> None:
    """The nodes before the failed one still wait to be undone."""
    raw = upgrade(12, operator="ROLLBACK").raw
    for node, state in zip(raw["nodes"], ("PENDING", "FAILED", "SUCCEED")):
        node["state"], node["operator"] = state, "ROLLBACK"
    assert verdicts(Dag.from_api(raw))["ROLLBACK"] != "refused"


def test_a_dag_that_has_not_begun_can_be_cancelled() -> None:
    raw = make_dag("Upgrade check OB 4.3-1", "Check the python environment", state="PENDING").raw
    assert {node["state"] for node in raw["nodes"]} == {"PENDING"}
    assert verdicts(Dag.from_api({**raw, "state": "READY"}))["CANCEL"] == "allowed"


def test_a_running_rollback_is_not_cancelled() -> None:
    dag = upgrade(12, operator="ROLLBACK")
    dag.raw["state"] = "RUNNING"
    assert verdicts(Dag.from_api(dag.raw))["CANCEL"] == "refused"


def test_a_rollback_that_was_cancelled_takes_no_operator() -> None:
    """As recorded: the agent finds no failed node for ROLLBACK, and RETRY skips what was undone."""
    raw = copy.deepcopy(upgrade(12, operator="CANCEL", stage=3).raw)
    by_node = [("PENDING", "CANCEL"), ("SUCCEED", "ROLLBACK"), ("FAILED", "RUN")]
    raw["nodes"] = raw["nodes"][1:]
    raw["max_stage"] = len(raw["nodes"])
    for node, (state, operator) in zip(raw["nodes"], by_node):
        node["state"], node["operator"] = state, operator
    assert set(verdicts(Dag.from_api(raw)).values()) == {"refused"}


@pytest.mark.parametrize("state", ["READY", "RUNNING"])
def test_a_part_of_an_unfinished_dag_takes_no_operator(state: str) -> None:
    dag = make_dag("Stop observer of 21", "Start preparations")
    main = Dag.from_api({**dag.raw, "id": "21", "name": "Stop OB", "state": state})
    assert set(verdicts(dag, main=main).values()) == {"refused"}


@pytest.mark.parametrize("name", ["Start observer of 21", "Stop observer of 21", "Local scale out"])
def test_a_part_whose_main_dag_is_unknown_takes_no_operator(name: str) -> None:
    dag = make_dag(f"{name}" if " of " in name else "Local scale out of 21", "Start preparations")
    other = Dag.from_api({**dag.raw, "id": "22", "name": "Stop OB"})
    assert set(verdicts(dag, main=None).values()) == {"refused"}
    assert set(verdicts(dag, main=other).values()) == {"refused"}


def test_a_scale_out_of_an_old_agent_without_the_id_of_its_main_dag_takes_no_operator() -> None:
    dag = make_dag("Local scale out of 11", "Start preparations")
    assert set(verdicts(Dag.from_api({**dag.raw, "additional_data": None})).values()) == {"refused"}


A = of_tenant("Drop tenant", "Drop tenant", 12)
B = of_tenant(BACKUP_CONFIG, "Set backup config", 13)


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY", "PASS"])
@pytest.mark.parametrize(
    ("dag", "other"),
    [
        (A, B),
        (of_tenant(BACKUP_CONFIG, "Set backup config", 12), of_tenant("Drop tenant", "Drop tenant", 13)),
        (A, of_tenant("Drop tenant", "Drop tenant", 11, state="RUNNING")),
        (A, of_tenant("Drop tenant", "Drop tenant", 13, state="SUCCEED")),
        (A, of_tenant(BACKUP_CONFIG, "Set backup config", 11)),
        (A, of_tenant("Drop tenant", "Drop tenant", 13, tenant="")),
        (A, upgrade(11)),
        (A, Dag.from_api({**A.raw, "id": "113", "name": "Polish the tenant"})),
        (upgrade(12), upgrade(13)),
        (upgrade(12), upgrade(11, state="RUNNING")),
        (make_dag("Cluster scale in", "Delete observer"), upgrade(11)),
        (make_dag("Cluster scale in", "Delete observer"), of_tenant("Drop tenant", "Drop tenant", 13)),
    ],
)
def test_a_dag_whose_lock_another_one_has_takes_no_operator(dag: Dag, other: Dag, operator: str) -> None:
    assert verdicts(dag, others=(dag, other))[operator] == "refused"


@pytest.mark.parametrize("api", [{}, {"maintenance_type": 2}, {"maintenance_type": [2]}])
def test_a_dag_of_an_unknown_kind_may_lock_everything(api: dict[str, t.Any]) -> None:
    dag = Dag.from_api({**upgrade(12).raw, "name": "Polish the cluster", **api})
    assert verdicts(dag, others=(upgrade(13),))["RETRY"] == "refused"
    assert judge(dag, "RETRY", UNKNOWN).accept == ("unknown_kind", "may_be_in_use")


@pytest.mark.parametrize(
    ("dag", "other"),
    [
        (B, A),
        (A, of_tenant("Drop tenant", "Drop tenant", 13, tenant="t2")),
        (A, upgrade(13, state="SUCCEED")),
        (A, make_dag("Upgrade check OB 4.3-1", "Create upgrade dir", number=13)),
        (A, make_dag("Drop tenant", "Drop tenant", number=11)),
        (upgrade(13), upgrade(12)),
        (upgrade(12), make_dag("Upgrade check OB 4.3-1", "Create upgrade dir", number=13)),
        (upgrade(13), Dag.from_api({**upgrade(14).raw, "id": "221307064330288614"})),
        (upgrade(13), upgrade(13, state="RUNNING")),
    ],
)
def test_a_dag_whose_lock_no_other_one_has_takes_retry(dag: Dag, other: Dag) -> None:
    assert verdicts(dag, others=(dag, other))["RETRY"] != "refused"


def test_if_other_dags_are_unknown_no_lock_is_freed_and_the_rest_needs_consent() -> None:
    known = context_of(A)
    assert judge(A, "PASS", known._replace(others=None)).verdict == "refused"
    retry = judge(upgrade(12), "RETRY", known._replace(others=None))
    assert (retry.verdict, retry.accept) == ("needs_consent", ("may_be_in_use",))


@pytest.mark.parametrize("lock", [{}, {"maintenance_type": 2}])
def test_an_initialisation_needs_no_list_because_its_successors_are_searched_for_elsewhere(
    lock: dict[str, t.Any],
) -> None:
    dag = make_dag("Initialize cluster", "Start observer", **lock)
    assert judge(dag, "RETRY", UNKNOWN).verdict == "allowed"
    assert verdicts(dag, others=(dag, upgrade(13)))["RETRY"] == "allowed"


def test_an_obproxy_whose_dag_failed_after_its_first_stage_needs_no_list() -> None:
    at: dict[str, t.Any] = {"id": "42130706433029621", "maintenance_type": 4}
    assert judge(make_dag("Add obproxy", "Start obproxy", **at), "RETRY", UNKNOWN).verdict == "allowed"
    assert judge(make_dag("Add obproxy", "Check obproxy status", **at), "PASS", UNKNOWN).verdict == "refused"


@pytest.mark.parametrize(("operator", "own"), [("ROLLBACK", ("tenant_drop",)), ("RETRY", ())])
@pytest.mark.parametrize(
    ("later", "asked"), [(0, ()), (3600, ()), (3601, ("may_be_in_use",)), (None, ("may_be_in_use",))]
)
def test_an_old_dag_of_a_tenant_needs_consent(
    operator: str, own: tuple[str, ...], later: int | None, asked: tuple[str, ...]
) -> None:
    dag = make_dag("Create tenant t1", "Modify tenant whitelist")
    context = context_of(dag)
    now = None if later is None or context.now is None else context.now + later
    assert judge(dag, operator, context._replace(now=now)).accept == own + asked


def test_a_dag_of_a_tenant_that_ended_at_an_unknown_time_needs_consent() -> None:
    dag = make_dag("Create tenant t1", "Modify tenant whitelist", end_time="yesterday")
    assert "may_be_in_use" in judge(dag, "RETRY", context_of(dag)).accept


@pytest.mark.parametrize(
    ("home", "directory", "verdict"),
    [
        (HOME, f"{HOME}/upgrade", "allowed"),
        (HOME, f"{HOME}/upgrade/", "allowed"),
        (HOME, f"{HOME}/upgrade/..", "needs_consent"),
        (HOME, HOME, "needs_consent"),
        (HOME, "/data/upgrade", "needs_consent"),
        (None, f"{HOME}/upgrade", "needs_consent"),
        ("", "/upgrade", "needs_consent"),
    ],
)
def test_only_the_agents_own_upgrade_directory_is_deleted_without_consent(
    home: str | None, directory: str, verdict: str
) -> None:
    raw = make_dag("Upgrade check OB 4.3-1", "Create upgrade dir").raw
    raw["nodes"][1]["sub_tasks"][0]["task_logs"] = ["Rolling back...", f"Upgrade dir is {directory}", "Mkdir"]
    dag = Dag.from_api(raw)
    for operator in ("ROLLBACK", "RETRY"):
        judged = judge(dag, operator, context_of(dag)._replace(home_path=home))
        assert judged.verdict == verdict
        assert (directory in judged.reason) == (verdict == "needs_consent")


def test_one_agent_without_the_log_line_needs_consent() -> None:
    raw = copy.deepcopy(make_dag("Upgrade check OB 4.3-1", "Create upgrade dir").raw)
    sub_task = raw["nodes"][1]["sub_tasks"][0]
    named = {**sub_task, "task_logs": [f"Upgrade dir is {HOME}/upgrade"]}
    raw["nodes"][1]["sub_tasks"] = [named, {**sub_task, "task_logs": None}]
    assert verdicts(Dag.from_api(raw))["RETRY"] == "needs_consent"


def test_a_result_holds_a_verdict_for_each_operator() -> None:
    judged = operators(A, context_of(A))
    assert list(judged) == list(OPERATORS)
    assert judged["RETRY"].to_result() == {
        "verdict": "needs_consent",
        "accept": ["tenant_drop"],
        "reason": "drops tenant t1 with all its data, as first requested",
    }


def test_braces_in_a_name_are_not_read_as_a_placeholder() -> None:
    dag = make_dag("Create tenant {main}{x}", "Create tenant")
    other = make_dag("Create tenant {y}", "Create tenant", number=13, state="RUNNING", maintenance_type=2)
    assert "{main}{x}" in judge(dag, "ROLLBACK", context_of(dag)).reason
    assert "{y}" in judge(dag, "ROLLBACK", context_of(dag)._replace(others=(other,))).reason
