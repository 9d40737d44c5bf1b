# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role recover_dag: steps in order, until one helps or is refused for want of consent."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Obstacle, Simulator

from ..conftest import AGENT_PASSWORD, ROOT_PASSWORD, SPEED, Ansible, Run

PROXY, SET = "Start obproxy", "Set proxyro password for connect"
INIT, START = "Initialize cluster", "Start observer"
PLAY = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.include_role": {"name": "oceanbase.obshell.recover_dag"}}],
    }
]


@pytest.fixture(name="simulator")
def fixture_simulator() -> t.Iterator[Simulator]:
    with Simulator([AgentSpec()], speed=SPEED) as simulator:
        yield simulator


def recover(ansible: Ansible, simulator: Simulator, *arguments: str, **options: t.Any) -> Run:
    simulator.journal.clear()
    connection = {"port": simulator.agents[0].port, "password": ROOT_PASSWORD, "agent_password": AGENT_PASSWORD}
    variables = {f"recover_dag_{name}": value for name, value in options.items()}
    return ansible.playbook(
        PLAY, *arguments, **{"recover_dag_connection": connection, "recover_dag_pause": 0, **variables}
    )


def posted(simulator: Simulator) -> list[str]:
    entries = simulator.journal.posts(path_contains="/task/")
    assert all(entry.applied for entry in entries)
    return [entry.body["operator"] if "/dag/" in entry.uri else f"{entry.body['operator']} node" for entry in entries]


def summary(run: Run) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", run.of("Record the")["ansible_facts"]["recover_dag_summary"])


def failed_proxy(simulator: Simulator, times: int | None = None) -> str:
    return simulator.add_obproxy(agent_password=AGENT_PASSWORD, obstacle=Obstacle(node=PROXY, times=times))


CONSENT = ["half_done"]


@pytest.mark.parametrize(
    ("policy", "times", "accept", "sent", "outcome"),
    [
        pytest.param(["retry", "pass_node"], None, CONSENT, ["RETRY", "RETRY", "PASS node"], "succeeded"),
        pytest.param(["retry"], 2, [], ["RETRY", "RETRY"], "succeeded", marks=pytest.mark.slow),
        pytest.param(["pass_node", "retry"], None, CONSENT, ["PASS node"], "succeeded", marks=pytest.mark.slow),
        # What the agent refuses leads to the next step.
        pytest.param(["rollback", "retry"], 1, [], ["RETRY"], "succeeded", marks=pytest.mark.slow),
        pytest.param(["cancel", "retry"], 1, [], ["RETRY"], "succeeded", marks=pytest.mark.slow),
    ],
)
def test_a_policy_check_do_do_again(
    ansible: Ansible,
    simulator: Simulator,
    policy: list[str],
    times: int | None,
    accept: list[str],
    sent: list[str],
    outcome: str,
) -> None:
    dag_id = failed_proxy(simulator, times)
    report = ansible.folder / "report.html"
    options: dict[str, t.Any] = {"id": dag_id, "policy": policy, "retries": 2, "node": PROXY, "accept": accept}
    options["report"] = str(report)
    check = recover(ansible, simulator, "--check", **options)
    assert (check.status, posted(simulator), summary(check)["outcome"]) == (0, [], "unfinished"), check.output
    assert summary(check)["changed"] is True
    assert check.of("Write the report")["changed"] is True and not report.exists()

    do = recover(ansible, simulator, **options)
    assert (do.status, posted(simulator), summary(do)["outcome"]) == (0, sent, outcome), do.output
    assert (summary(do)["dag_id"], summary(do)["retries"]) == (dag_id, sent.count("RETRY"))
    assert summary(do)["failures"][0]["node"] == PROXY
    assert summary(do)["tree"][0].startswith(f"DAG {dag_id} (Add obproxy) is SUCCEED/")
    assert dag_id in report.read_text(encoding="utf-8")

    again = recover(ansible, simulator, **options)
    assert (again.status, posted(simulator), summary(again)["changed"]) == (0, [], False), again.output
    assert summary(again)["outcome"] == outcome


@pytest.mark.slow
def test_a_report_shows_all_attempts_and_steps_also_after_a_failure(ansible: Ansible, simulator: Simulator) -> None:
    dag_id, report = failed_proxy(simulator), ansible.folder / "report.html"
    options: dict[str, t.Any] = {"policy": ["retry", "pass_node"], "node": PROXY, "retries": 2, "report": str(report)}
    run = recover(ansible, simulator, id=dag_id, **options)
    assert run.status != 0 and run.of("Write the report")["changed"] is True
    page = report.read_text(encoding="utf-8")
    assert all(words in page for words in (dag_id, PROXY, SET, "accept to [half_done]", "Check obproxy status"))
    assert page.count("<td>RETRY</td>") == 1 and page.count("<td>PASS</td>") == 1
    whole = page.partition("<span>Whole DAG</span>")[2].partition("</svg>")[0]
    assert (posted(simulator), whole.count("<rect")) == (["RETRY", "RETRY"], 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("retries", "why"), [(0, "recover_dag_retries of at least 1 for retry."), (1, "Connection refused")]
)
def test_a_report_says_once_why_the_role_failed(ansible: Ansible, simulator: Simulator, retries: int, why: str) -> None:
    simulator.agents[0].stop()
    report = ansible.folder / "report.html"
    run = recover(ansible, simulator, name=INIT, policy=["retry"], retries=retries, report=str(report))
    page = report.read_text(encoding="utf-8")
    assert run.status != 0 and "No DAG was found" not in page
    # Instead of a DAG, and in the table of tasks.
    assert page.count(why) == 2, page


@pytest.mark.slow
def test_a_report_that_cannot_be_written_fails_the_role(ansible: Ansible, simulator: Simulator) -> None:
    run = recover(ansible, simulator, id=failed_proxy(simulator, 1), report=str(ansible.folder / "missing/report.html"))
    assert (run.status != 0, summary(run)["outcome"]) == (True, "succeeded"), run.output
    assert "does not exist on the controller" in run.result["msg"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "sent"), [(["pass_node", "retry"], []), (["retry", "pass_node", "retry"], ["RETRY"])]
)
def test_a_missing_consent_ends_the_policy(
    ansible: Ansible, simulator: Simulator, policy: list[str], sent: list[str]
) -> None:
    dag_id = failed_proxy(simulator)
    run = recover(ansible, simulator, id=dag_id, policy=policy, node=PROXY, retries=1)
    assert (run.status != 0, posted(simulator)) == (True, sent), run.output
    assert "accept to [half_done]" in run.result["msg"] and summary(run)["outcome"] == "failed"


@pytest.mark.slow
def test_a_running_dag_is_cancelled_and_rolled_back(ansible: Ansible, simulator: Simulator) -> None:
    simulator.delays.append(Delay(node=START, operator="RUN", ticks=FOREVER))
    dag_id = simulator.start_init(root_password=ROOT_PASSWORD)
    options: dict[str, t.Any] = {"name": INIT, "policy": ["cancel", "rollback"]}
    check = recover(ansible, simulator, "--check", **options)
    assert (check.status, summary(check)["changed"], posted(simulator)) == (0, True, []), check.output
    do = recover(ansible, simulator, **options)
    assert (do.status, posted(simulator)) == (0, ["CANCEL", "ROLLBACK"]), do.output
    assert (summary(do)["outcome"], summary(do)["dag_id"]) == ("rolled_back", dag_id)


@pytest.mark.slow
def test_arguments_may_be_given_on_the_command_line(ansible: Ansible, simulator: Simulator) -> None:
    dag_id = failed_proxy(simulator)
    options = {"id": dag_id, "policy": "retry,pass_node", "retries": 2, "node": PROXY, "accept": "half_done"}
    given = [text for name, value in options.items() for text in ("-e", f"recover_dag_{name}='{value}'")]
    run = recover(ansible, simulator, *given)
    assert (run.status, posted(simulator)) == (0, ["RETRY", "RETRY", "PASS node"]), run.output


@pytest.mark.slow
def test_another_node_than_the_named_one_is_not_skipped(ansible: Ansible, simulator: Simulator) -> None:
    dag_id = failed_proxy(simulator)
    run = recover(ansible, simulator, id=dag_id, policy=["pass_node"], node=SET, accept=CONSENT)
    assert (run.status != 0, posted(simulator)) == (True, [])
    assert "has not failed" in summary(run)["msg"] and PROXY in summary(run)["msg"]


@pytest.mark.slow
def test_a_dag_that_fails_again_after_the_skipped_node_gets_the_next_step(
    ansible: Ansible, simulator: Simulator
) -> None:
    simulator.obstacles.append(Obstacle(node=SET, times=1))
    dag_id = failed_proxy(simulator)
    run = recover(ansible, simulator, id=dag_id, policy=["pass_node", "retry"], node=PROXY, accept=CONSENT)
    assert (run.status, posted(simulator)) == (0, ["PASS node", "RETRY"]), run.output
    assert [failure["node"] for failure in summary(run)["failures"]] == [PROXY, SET]


@pytest.mark.slow
def test_by_name_one_dag_is_recovered_and_of_several_none(ansible: Ansible) -> None:
    with Simulator([AgentSpec(version="4.2.5.0")], speed=SPEED) as simulator:
        first = simulator.fail_init(obstacle=Obstacle(node=START), root_password=ROOT_PASSWORD)
        _status, answer = simulator.agents[0].call("POST", "/api/v1/ob/init", {})
        second = simulator.run_to_end(answer["data"]["id"])
        several = recover(ansible, simulator, name=INIT, policy=["retry", "rollback"])
        assert (several.status != 0, posted(simulator)) == (True, [])
        assert first in summary(several)["msg"] and second in summary(several)["msg"]
        one = recover(ansible, simulator, id=second, name=INIT, policy=["rollback"], accept=["data_removal"])
        assert (one.status, posted(simulator), summary(one)["dag_id"]) == (0, ["ROLLBACK"], second), one.output
        other = recover(ansible, simulator, name=INIT, operator="RUN", policy=["rollback"])
        assert (other.status, posted(simulator), summary(other)["dag_id"]) == (0, ["ROLLBACK"], first), other.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "outcome", "words"),
    [
        ({"name": "Create tenant t1"}, "none", "No DAG was found"),
        ({"id": "22130706433028869"}, "failed", "No DAG has this ID"),
    ],
)
def test_what_does_not_exist(
    ansible: Ansible, simulator: Simulator, options: dict[str, str], outcome: str, words: str
) -> None:
    address = f"{simulator.agents[0].port:05d}"
    options = {key: value.replace("02886", address) for key, value in options.items()}
    run = recover(ansible, simulator, **options)
    assert (summary(run)["outcome"], run.status == 0) == (outcome, outcome == "none"), run.output
    assert words in str(run.result["msg"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"name": INIT, "policy": []},
        {"name": INIT, "policy": ["retry", "cancel"]},
        {"name": INIT, "policy": ["pass_node"]},
        {"name": INIT, "retries": 0},
        {"name": INIT, "policy": ["hope"]},
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_read(
    ansible: Ansible, simulator: Simulator, options: dict[str, t.Any]
) -> None:
    run = recover(ansible, simulator, **options)
    assert (run.status != 0, simulator.journal.entries) == (True, []), run.output
