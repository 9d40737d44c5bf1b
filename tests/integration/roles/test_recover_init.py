# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role recover_init, through its playbook."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.faults import Exchange, FaultyProxy
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, AgentSpec, Delay, Hold, Obstacle, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.kinds.definition import NodeKind, one_node

from ..clusters import agents, cluster, declared
from ..conftest import ROOT, ROOT_PASSWORD, SPEED, Ansible, Run
from ..inprocess import task

PLAYBOOK = "oceanbase.obshell.recover_init"
NODE = "Start observer"
RESCUED = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "block": [{"ansible.builtin.include_role": {"name": "oceanbase.obshell.recover_init"}}],
                "rescue": [{"name": "Look at what is left", "ansible.builtin.debug": {"var": "recover_init_summary"}}],
            }
        ],
    }
]


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator([AgentSpec(version=version)], speed=SPEED) as simulator:
        yield simulator


def recover(
    ansible: Ansible,
    simulator: Simulator,
    *arguments: str,
    plays: str | list[dict[str, t.Any]] = PLAYBOOK,
    policy: str = "",
    connection: dict[str, t.Any] | None = None,
    **options: t.Any,
) -> Run:
    simulator.journal.clear()
    port = simulator.agents[0].port
    connection = {"host": "127.0.0.1", "port": port, "password": ROOT_PASSWORD, **(connection or {})}
    variables = {f"recover_init_{name}": value for name, value in options.items()}
    if policy:
        variables["recover_init_policy"] = policy
    return ansible.playbook(
        plays, *arguments, recover_init_connection=connection, **{"recover_init_pause": 0, **variables}
    )


def posted(simulator: Simulator) -> list[tuple[str, bool]]:
    return [(entry.body["operator"], entry.applied) for entry in simulator.journal.posts(path_contains="/task/dag/")]


def summary(run: Run) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", run.of("Record the")["ansible_facts"]["recover_init_summary"])


def changes(run: Run) -> int:
    return sum(bool(result.get("changed")) for _name, result in run.tasks)


def fail_init(simulator: Simulator, times: int | None, node: str = NODE) -> str:
    return simulator.fail_init(obstacle=Obstacle(node=node, times=times), root_password=ROOT_PASSWORD)


@pytest.mark.parametrize(
    ("policy", "times", "operators", "outcome"),
    [
        pytest.param("", 2, ["RETRY", "RETRY"], "initialized"),
        pytest.param("retry", 1, ["RETRY"], "initialized", marks=pytest.mark.slow),
        pytest.param("rollback", 1, ["ROLLBACK"], "rolled_back", marks=pytest.mark.slow),
        pytest.param(
            "retry_then_rollback", None, ["RETRY", "RETRY", "ROLLBACK"], "rolled_back", marks=pytest.mark.slow
        ),
    ],
)
def test_a_policy_check_do_do_again(
    ansible: Ansible, simulator: Simulator, policy: str, times: int | None, operators: list[str], outcome: str
) -> None:
    dag_id = fail_init(simulator, times)
    options: dict[str, t.Any] = {"policy": policy, "retries": 2}
    check = recover(ansible, simulator, "--check", **options)
    assert (check.status, changes(check), posted(simulator)) == (0, 1, [])
    assert summary(check)["changed"] is True

    do = recover(ansible, simulator, **options)
    assert (do.status, posted(simulator)) == (0, [(operator, True) for operator in operators]), do.output
    assert summary(do)["outcome"] == outcome and summary(do)["dag_id"] == dag_id
    failed = [failure for failure in summary(do)["failures"] if failure["node"] == NODE]
    assert len(failed) == 1 + operators.count("RETRY") - (outcome == "initialized")
    assert (summary(do)["retries"], summary(do)["msg"]) == (operators.count("RETRY"), "")
    assert NODE in do.output

    again = recover(ansible, simulator, **options)
    assert (again.status, changes(again), posted(simulator)) == (0, 0, [])
    assert (summary(again)["outcome"], summary(again)["changed"]) == (outcome, False)


@pytest.mark.slow
def test_a_report_shows_each_attempt_at_a_node(ansible: Ansible, simulator: Simulator) -> None:
    dag_id, report = fail_init(simulator, None), ansible.folder / "report.html"
    run = recover(ansible, simulator, retries=2, report=str(report))
    assert (run.status, summary(run)["outcome"]) == (0, "rolled_back"), run.output
    page = report.read_text(encoding="utf-8")
    assert dag_id in page and page.count("<article") == 1 and page.count("<td>ROLLBACK</td>") == 1
    assert "Logs of earlier failures" in page and summary(run)["tree"][0] in run.output
    unchanged = recover(ansible, simulator, report=str(report)), recover(ansible, simulator, report=str(report))
    assert [run.of("Write the report")["changed"] for run in unchanged] == [True, False]


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["retry", "retry_then_rollback"])
def test_no_retry_is_no_policy(ansible: Ansible, simulator: Simulator, policy: str) -> None:
    fail_init(simulator, 1)
    refused = recover(ansible, simulator, policy=policy, retries=0)
    assert (refused.status != 0, posted(simulator)) == (True, [])
    assert summary(refused)["outcome"] == "failed" and "recover_init_retries is 0" in summary(refused)["msg"]
    assert recover(ansible, simulator, policy="rollback", retries=0).status == 0


@pytest.mark.slow
def test_retry_that_does_not_help_fails_with_why(ansible: Ansible, simulator: Simulator) -> None:
    fail_init(simulator, None)
    run = recover(ansible, simulator, policy="retry", retries=2)
    assert run.status != 0
    assert posted(simulator) == [("RETRY", True)] * 2
    assert NODE in run.result["msg"] and "ERROR" in run.result["msg"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("why", "options", "retries"),
    [
        (NODE, {"policy": "retry", "retries": 2}, 2),
        (NODE, {"policy": "retry", "retries": 1}, 1),
        ("accept", {"policy": "retry"}, 0),
        ("accept", {"policy": "rollback"}, 0),
    ],
)
def test_a_failure_leaves_its_summary(
    ansible: Ansible, simulator: Simulator, why: str, options: dict[str, t.Any], retries: int
) -> None:
    dag_id = fail_init(simulator, None, NODE if why == NODE else "Create observer workdir")
    run = recover(ansible, simulator, plays=RESCUED, **options)
    assert run.status == 0, run.output
    left = run.of("Look at what is left")["recover_init_summary"]
    assert (left["outcome"], left["dag_id"]) == ("failed", dag_id)
    assert (left["changed"], left["retries"]) == (retries > 0, retries)
    assert len({failure["execute_times"] for failure in left["failures"]}) == len(left["failures"]) == 1 + retries
    assert why in left["msg"]


@pytest.mark.slow
def test_an_agent_that_does_not_answer_leaves_a_summary(ansible: Ansible, simulator: Simulator) -> None:
    fail_init(simulator, None)
    simulator.agents[0].stop()
    run = recover(ansible, simulator, plays=RESCUED)
    assert run.status == 0, run.output
    left = run.of("Look at what is left")["recover_init_summary"]
    assert (left["outcome"], left["changed"], left["failures"]) == ("failed", False, [])
    assert f":{simulator.agents[0].port}" in left["msg"]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_a_retry_counts_though_another_rolls_back_after_it(ansible: Ansible, simulator: Simulator) -> None:
    dag_id = fail_init(simulator, None)
    rolled_back: list[str] = []

    def roll_back_before_the_second(exchange: Exchange) -> None:
        # Each task asks for the key first.
        if posted(simulator) and not rolled_back and exchange.uri.endswith("/secret"):
            exchange.agent.call("POST", f"/api/v1/task/dag/{dag_id}", {"operator": "ROLLBACK"})
            rolled_back.append(simulator.run_to_end(dag_id))
        exchange.pass_through()

    with FaultyProxy(simulator.agents[0], dict.fromkeys(range(999), roll_back_before_the_second)) as proxy:
        run = recover(ansible, simulator, connection={"port": proxy.port})
    assert (run.status, posted(simulator)) == (0, [("RETRY", True)]), run.output
    assert (summary(run)["outcome"], summary(run)["changed"], summary(run)["retries"]) == ("rolled_back", True, 1)


@pytest.mark.slow
def test_none_is_said_and_changes_nothing(ansible: Ansible, simulator: Simulator) -> None:
    run = recover(ansible, simulator)
    assert (run.status, changes(run), summary(run)["outcome"]) == (0, 0, "none")
    assert "No initialisation was found" in run.output


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_lists_without_the_database_are_not_nothing(ansible: Ansible, version: str, arguments: tuple[str, ...]) -> None:
    with Simulator(agents(2, version, database_state=1), speed=SPEED) as simulator:
        simulator.complete_init(root_password=ROOT_PASSWORD)
        # The former follower lists no DAG of the former master.
        run = recover(ansible, simulator, *arguments, connection={"port": simulator.agents[1].port})
        assert (run.status != 0, summary(run)["outcome"], posted(simulator)) == (True, "failed", []), run.output
        assert "obState 1" in summary(run)["msg"] and "obState 1" in run.result["msg"]


def test_a_success_is_never_rolled_back(ansible: Ansible, simulator: Simulator) -> None:
    simulator.complete_init(root_password=ROOT_PASSWORD)
    run = recover(ansible, simulator, policy="rollback")
    assert (run.status, changes(run), summary(run)["outcome"], posted(simulator)) == (0, 0, "initialized", [])


@pytest.mark.slow
@pytest.mark.parametrize("fails", [True, False])
def test_what_is_under_way_is_waited_for(ansible: Ansible, simulator: Simulator, fails: bool) -> None:
    Hold(simulator, NODE)
    obstacle = Obstacle(node="Cluster boostrap", times=1) if fails else None
    simulator.start_init(root_password=ROOT_PASSWORD, obstacle=obstacle)
    run = recover(ansible, simulator, policy="rollback")
    assert run.status == 0
    assert posted(simulator) == ([("ROLLBACK", True)] if fails else [])
    assert summary(run)["outcome"] == ("rolled_back" if fails else "initialized")


@pytest.mark.slow
def test_an_agent_that_restarts_is_waited_for_on(ansible: Ansible, simulator: Simulator) -> None:
    Hold(simulator, NODE)
    simulator.start_init(root_password=ROOT_PASSWORD)
    seen: list[str] = []

    def go_away_and_come_back(exchange: Exchange) -> None:
        if exchange.agent.down:
            exchange.reset()
            exchange.agent.start()
            return
        exchange.pass_through()
        # What is read last to find it.
        if exchange.uri.endswith("/status") and simulator.journal.find(path_contains="dag/unfinish") and not seen:
            seen.append(exchange.uri)
            exchange.agent.stop()

    with FaultyProxy(simulator.agents[0], dict.fromkeys(range(999), go_away_and_come_back)) as proxy:
        run = recover(ansible, simulator, connection={"port": proxy.port})
    assert seen and "RETRYING" in run.output
    assert (run.status, summary(run)["outcome"], posted(simulator)) == (0, "initialized", []), run.output


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("read", ["first", "second"])
def test_an_agent_that_restarts_once_all_is_done_is_waited_for(
    ansible: Ansible, simulator: Simulator, read: str
) -> None:
    dag_id = fail_init(simulator, 1)
    lost: list[str] = []

    def lose(exchange: Exchange) -> None:
        uris = [f"{entry.method} {entry.uri}" for entry in simulator.journal.entries]
        posts = [number for number, uri in enumerate(uris) if uri.startswith("POST")]
        checked = posts and any("unfinish" in uri for uri in uris[posts[-1] :])
        unfinish = "unfinish" in exchange.uri
        wanted = posts and unfinish if read == "first" else checked and "/task/dag" in exchange.uri and not unfinish
        if wanted and len(lost) < 3:
            lost.append(exchange.uri)
            exchange.reset()
        else:
            exchange.pass_through()

    with FaultyProxy(simulator.agents[0], dict.fromkeys(range(999), lose)) as proxy:
        run = recover(ansible, simulator, connection={"port": proxy.port})
    assert (run.status, posted(simulator), len(lost)) == (0, [("RETRY", True)], 3), run.output
    assert (summary(run)["outcome"], summary(run)["dag_id"]) == ("initialized", dag_id)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.2.5.0"])
def test_what_was_recovered_is_told_though_another_dag_is_newer(ansible: Ansible, simulator: Simulator) -> None:
    dag_id = fail_init(simulator, 1)
    with simulator.lock:
        simulator.agents[0].submit(one_node(NodeKind("Restart agent")))
        simulator.tick(20)
    run = recover(ansible, simulator, policy="rollback")
    assert (run.status, posted(simulator)) == (0, [("ROLLBACK", True)]), run.output
    assert (summary(run)["outcome"], summary(run)["dag_id"]) == ("rolled_back", dag_id)


@pytest.mark.slow
def test_check_mode_does_not_wait_for_what_is_under_way(ansible: Ansible, simulator: Simulator) -> None:
    simulator.delays.append(Delay(node=NODE, ticks=FOREVER))
    simulator.start_init(root_password=ROOT_PASSWORD)
    run = recover(ansible, simulator, "--check")
    assert (run.status, changes(run), posted(simulator)) == (0, 0, [])


def test_nobodys_data_goes_without_consent(ansible: Ansible, simulator: Simulator) -> None:
    fail_init(simulator, 1, node="Create observer workdir")
    refused = recover(ansible, simulator)
    assert refused.status != 0 and posted(simulator) == []
    messages = [
        (name, str([one.get("msg") for one in (result, *result.get("results", ()))])) for name, result in refused.tasks
    ]
    told = [name for name, message in messages if "accept to [data_removal]" in message]
    assert [name.split(" : ")[-1] for name in told] == ["Take the step retry", "Report the result"]
    refused = recover(ansible, simulator, policy="rollback")
    assert refused.status != 0 and posted(simulator) == []
    assert "accept to [data_removal]" in refused.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "operator", "outcome"), [("retry", "RETRY", "initialized"), ("rollback", "ROLLBACK", "rolled_back")]
)
def test_data_goes_with_consent(
    ansible: Ansible, simulator: Simulator, policy: str, operator: str, outcome: str
) -> None:
    fail_init(simulator, 1, node="Create observer workdir")
    accepted = recover(ansible, simulator, policy=policy, accept=["data_removal"])
    assert (accepted.status, summary(accepted)["outcome"]) == (0, outcome)
    assert posted(simulator) == [(operator, True)]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize(
    ("policy", "operator", "operators"),
    [("retry", "RUN", ["RETRY"]), ("rollback", "ROLLBACK", ["ROLLBACK"]), ("under way", "RUN", [])],
)
def test_nothing_is_waited_for_longer_than_allowed(
    ansible: Ansible, simulator: Simulator, policy: str, operator: str, operators: list[str]
) -> None:
    node = "Cluster boostrap" if policy == "retry" else NODE
    simulator.delays.append(Delay(node=node, operator=operator, ticks=FOREVER))
    dag_id = fail_init(simulator, 1) if operators else simulator.start_init(root_password=ROOT_PASSWORD)
    run = recover(ansible, simulator, policy=policy if operators else "retry", retries=1, wait_timeout=3)
    assert run.status != 0 and [told for told, _applied in posted(simulator)] == operators
    assert simulator.agents[0].engine.dags[-1].state not in ("SUCCEED", "FAILED")
    assert (summary(run)["outcome"], summary(run)["dag_id"]) == ("failed", dag_id)
    assert dag_id in summary(run)["msg"] and "after 3 s" in summary(run)["msg"]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_an_agent_that_falls_silent_is_waited_for_no_longer(ansible: Ansible, simulator: Simulator) -> None:
    simulator.delays.append(Delay(node=NODE, ticks=FOREVER))
    dag_id = simulator.start_init(root_password=ROOT_PASSWORD)

    def silent_once_it_was_found(exchange: Exchange) -> None:
        if simulator.journal.find(path_contains="dag/unfinish"):
            exchange.hang()
        else:
            exchange.pass_through()

    with FaultyProxy(simulator.agents[0], dict.fromkeys(range(99), silent_once_it_was_found)) as proxy:
        run = recover(ansible, simulator, connection={"port": proxy.port, "timeout": 15}, wait_timeout=4)
    assert run.status != 0 and "RETRYING" not in run.output
    assert (summary(run)["outcome"], summary(run)["dag_id"]) == ("failed", dag_id)
    assert "no complete response" in summary(run)["msg"]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_a_host_that_cannot_be_reached_leaves_a_summary(ansible: Ansible, simulator: Simulator) -> None:
    ansible.environment["ANSIBLE_CONNECTION_PLUGINS"] = str(ROOT / "tests/integration/connections")
    plays = [{**RESCUED[0], "ignore_unreachable": True}]
    run = recover(ansible, simulator, "-e", "ansible_connection=nowhere", plays=plays)
    assert (run.status, simulator.journal.entries) == (0, []), run.output
    left = run.of("Look at what is left")["recover_init_summary"]
    assert (left["outcome"], left["dag_id"], left["changed"]) == ("failed", "", False)
    assert "nowhere leads" in left["msg"]


def given(**options: t.Any) -> list[str]:
    """Options as they are given on a command line, where each is a string."""
    return [argument for name, value in options.items() for argument in ("-e", f"recover_init_{name}={value}")]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_numbers_may_be_given_on_the_command_line(ansible: Ansible, simulator: Simulator) -> None:
    Hold(simulator, NODE)
    simulator.start_init(root_password=ROOT_PASSWORD, obstacle=Obstacle(node=NODE))
    run = recover(ansible, simulator, *given(retries=2, pause=0, wait_timeout=600))
    assert (run.status, posted(simulator)) == (0, [("RETRY", True)] * 2 + [("ROLLBACK", True)]), run.output


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize(("policy", "operator"), [("rollback", "ROLLBACK"), ("retry_then_rollback", "RETRY")])
def test_consent_may_be_given_on_the_command_line(
    ansible: Ansible, simulator: Simulator, policy: str, operator: str
) -> None:
    fail_init(simulator, 1, node="Create observer workdir")
    refused = recover(ansible, simulator, *given(policy=policy, accept="tenant_drop"))
    assert refused.status != 0 and posted(simulator) == []
    assert "accept to [data_removal]" in refused.result["msg"]
    accepted = recover(ansible, simulator, *given(policy=policy, accept="tenant_drop,data_removal"))
    assert (accepted.status, posted(simulator)) == (0, [(operator, True)]), accepted.output


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.2.5.0"])
@pytest.mark.parametrize("several", [False, True])
def test_a_play_that_ignores_errors_rolls_back_no_more_than_the_policy(
    ansible: Ansible, simulator: Simulator, several: bool
) -> None:
    fail_init(simulator, None)
    if several:
        _status, answer = simulator.agents[0].call("POST", "/api/v1/ob/init", {})
        simulator.run_to_end(answer["data"]["id"])
    plays = [{**RESCUED[0], "ignore_errors": True}]
    run = recover(ansible, simulator, plays=plays, policy="retry", retries=1)
    assert (run.status, posted(simulator)) == (0, [] if several else [("RETRY", True)]), run.output
    assert (summary(run)["outcome"], summary(run)["retries"]) == ("failed", 1 - several)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.2.5.0"])
@pytest.mark.parametrize("policy", ["retry", "retry_then_rollback"])
def test_of_two_failed_ones_none_is_retried(ansible: Ansible, simulator: Simulator, policy: str) -> None:
    fail_init(simulator, None)
    _status, answer = simulator.agents[0].call("POST", "/api/v1/ob/init", {})
    simulator.run_to_end(answer["data"]["id"])
    run = recover(ansible, simulator, policy=policy, accept=["data_removal"])
    if policy == "retry":
        assert run.status != 0 and posted(simulator) == []
    else:
        assert (run.status, posted(simulator)) == (0, [("ROLLBACK", True)] * 2)
        again = recover(ansible, simulator, policy=policy)
        assert (again.status, changes(again), summary(again)["outcome"]) == (0, 0, "rolled_back")


@pytest.mark.slow
def test_the_connection_falls_back_to_the_environment(ansible: Ansible, simulator: Simulator) -> None:
    fail_init(simulator, 1)
    ansible.environment.update(OBSHELL_PORT=str(simulator.agents[0].port), OBSHELL_PASSWORD=ROOT_PASSWORD)
    run = ansible.playbook(PLAYBOOK)
    assert (run.status, summary(run)["outcome"]) == (0, "initialized")


def test_a_wrong_argument_is_told_first(ansible: Ansible, simulator: Simulator) -> None:
    run = recover(ansible, simulator, policy="hope")
    assert run.status != 0 and "retry_then_rollback" in run.output
    assert simulator.journal.entries == []


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("limit", [(), ("--limit", "dbhost")])
def test_no_host_is_no_success(ansible: Ansible, simulator: Simulator, limit: tuple[str, ...]) -> None:
    fail_init(simulator, 1)
    run = recover(ansible, simulator, "-i", "dbhost,", *limit, "-e", "recover_init_hosts=obdmeo")
    assert run.status != 0 and simulator.journal.entries == []
    assert "obdmeo" in run.result["msg"]
    run = recover(ansible, simulator, "-i", "dbhost,", *limit, "-e", "recover_init_hosts=dbhost")
    assert (run.status, summary(run)["outcome"]) == (0, "initialized"), run.output


@pytest.mark.slow
def test_no_inventory_is_no_success(ansible: Ansible) -> None:
    done = ansible.run(["ansible-playbook", PLAYBOOK])
    assert done.returncode != 0 and "No host of the inventory matches all" in done.stdout
    assert ansible.run(["ansible-playbook", "--syntax-check", PLAYBOOK]).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("limit", ["localhost", "!dbhost"])
def test_no_host_within_the_limit_is_no_success(ansible: Ansible, simulator: Simulator, limit: str) -> None:
    fail_init(simulator, 1)
    run = recover(ansible, simulator, "-i", "dbhost,", "--limit", limit, "-e", "recover_init_hosts=dbhost")
    assert run.status != 0 and simulator.journal.entries == []
    assert f"dbhost within --limit {limit}" in run.result["msg"]


@pytest.mark.slow
@pytest.mark.parametrize("fails", [False, True])
def test_what_a_former_master_began_is_not_taken_for_the_newest(ansible: Ansible, version: str, fails: bool) -> None:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        former, master = declared(simulator)["servers"]
        for _time in range(2):
            simulator.obstacles.append(Obstacle(node=NODE, times=1))
            assert cluster(simulator, servers=[former])["failed"]
            port = simulator.agents[0].port
            task("obshell_dag", port=port, password=ROOT_PASSWORD, name="Initialize cluster", operator="ROLLBACK")
            cluster(simulator, servers=[former], state="absent")
        simulator.obstacles.extend([Obstacle(node=NODE, times=1)] * fails)
        assert cluster(simulator, servers=[master, former]).get("failed", False) is fails
        run = recover(ansible, simulator)
        assert (run.status, summary(run)["outcome"]) == (0, "initialized"), run.output
        assert posted(simulator) == [("RETRY", True)] * fails


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize(
    "defaults", [{"obshell_dag": {"wait": False}}, {"obshell_dag_info": {"state": "SUCCEED", "scope": "agent"}}]
)
def test_what_a_play_sets_for_a_module_alone_is_not_the_roles(
    ansible: Ansible, simulator: Simulator, defaults: dict[str, t.Any]
) -> None:
    fail_init(simulator, 1)
    simulator.delays.append(Delay(node="Cluster boostrap", ticks=5 * SPEED))
    keys = {f"oceanbase.obshell.{module}": options for module, options in defaults.items()}
    run = recover(ansible, simulator, plays=[{**RESCUED[0], "module_defaults": keys}])
    assert (run.status, posted(simulator)) == (0, [("RETRY", True)]), run.output
    assert summary(run)["outcome"] == "initialized"


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_defaults_of_the_play_hold_where_the_connection_has_none(ansible: Ansible, simulator: Simulator) -> None:
    fail_init(simulator, 1)
    defaults = {"host": simulator.agents[0].host, "port": simulator.agents[0].port, "password": "another"}
    play = {**RESCUED[0], "module_defaults": {"group/oceanbase.obshell.obshell": defaults}}
    run = ansible.playbook([play], recover_init_connection={"password": ROOT_PASSWORD}, recover_init_pause=0)
    assert (run.status, summary(run)["outcome"]) == (0, "initialized"), run.output
    assert posted(simulator) == [("RETRY", True)]


def with_check_mode(check: bool) -> list[dict[str, t.Any]]:
    """A play that sets its check mode itself, whatever the command line says."""
    return [{**RESCUED[0], "check_mode": check}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "operators", "outcome"),
    [("retry", ["RETRY"], "initialized"), ("rollback", ["ROLLBACK"], "rolled_back")],
)
def test_check_mode_of_the_play(
    ansible: Ansible, simulator: Simulator, policy: str, operators: list[str], outcome: str
) -> None:
    fail_init(simulator, 1)
    check = recover(ansible, simulator, plays=with_check_mode(True), policy=policy)
    assert (check.status, posted(simulator)) == (0, []), check.output
    assert (summary(check)["outcome"], summary(check)["changed"]) == ("unfinished", True)
    assert "this run would recover it" in check.output
    do = recover(ansible, simulator, "--check", plays=with_check_mode(False), policy=policy)
    assert (do.status, posted(simulator)) == (0, [(operator, True) for operator in operators]), do.output
    assert (summary(do)["outcome"], summary(do)["changed"]) == (outcome, True)
    assert "would" not in str(do.result["msg"])


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_check_mode_of_the_play_does_not_wait_and_its_absence_does(ansible: Ansible, simulator: Simulator) -> None:
    Hold(simulator, NODE, reads=FOREVER)
    simulator.start_init(root_password=ROOT_PASSWORD)
    check = recover(ansible, simulator, plays=with_check_mode(True), wait_timeout=60)
    assert (check.status, summary(check)["outcome"]) == (0, "unfinished"), check.output
    assert "RETRYING" not in check.output
    run = recover(ansible, simulator, "--check", plays=with_check_mode(False), wait_timeout=2)
    assert summary(run)["outcome"] == "failed" and "still running after 2 s" in summary(run)["msg"]
