# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role init_cluster, in real plays."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.tests.faults import Exchange, FaultyProxy
from ansible_collections.oceanbase.obshell.tests.simulator import FOREVER, Delay, Obstacle, Simulator, Tls

from ..certificates import Authority
from ..clusters import NAME, NUMBER, agents, cluster, declared, sent
from ..conftest import AGENT_PASSWORD, ROOT, ROOT_PASSWORD, SPEED, Ansible, Run

INIT = "POST ob/init"
QUICK = {"recover_init_pause": 0, "recover_init_retries": 1}
ROLE = {"ansible.builtin.include_role": {"name": "oceanbase.obshell.init_cluster"}}
LOOK: dict[str, t.Any] = {"name": "Look at what is left", "ansible.builtin.debug": {"var": "init_cluster_summary"}}


def variables(simulator: Simulator, **options: t.Any) -> dict[str, t.Any]:
    names = ("name", "root_password", "servers", "config")
    return {f"init_cluster_{name}": value for name, value in {**pick(declared(simulator), names), **options}.items()}


def pick(options: dict[str, t.Any], names: tuple[str, ...]) -> dict[str, t.Any]:
    return {name: options[name] for name in names}


def initialise(
    ansible: Ansible, simulator: Simulator, *arguments: str, play: dict[str, t.Any] | None = None, **options: t.Any
) -> Run:
    """Run the role in a play, which may have keywords of its own."""
    simulator.journal.clear()
    tasks = [{"block": [ROLE], "always": [LOOK]}]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks, **(play or {})}
    return ansible.playbook([play], *arguments, **variables(simulator, **options), **QUICK)


def summary(run: Run) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", run.of(LOOK["name"])["init_cluster_summary"])


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        yield simulator


def test_check_do_do_again(ansible: Ansible, simulator: Simulator) -> None:
    check = initialise(ansible, simulator, "--check")
    assert (check.status, sent(simulator)) == (0, []), check.output
    assert summary(check)["outcome"] == "unfinished" and summary(check)["changed"]
    do = initialise(ansible, simulator)
    assert do.status == 0, do.output
    tree = summary(do)["tree"]
    assert summary(do) == {"outcome": "initialized", "rounds": 1, "changed": True, "failures": [], "tree": tree}
    assert tree[0].startswith("DAG ") and "(Initialize cluster) is SUCCEED/RUN" in tree[0]
    assert ROOT_PASSWORD not in do.output
    again = initialise(ansible, simulator)
    assert (again.status, sent(simulator)) == (0, [])
    assert summary(again)["changed"] is False and not any(result.get("changed") for _name, result in again.tasks)


@pytest.mark.slow
def test_a_report_shows_all_rounds_and_all_nodes(ansible: Ansible, simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=1))
    report = ansible.folder / "report.html"
    run = initialise(ansible, simulator, recover_policy="rollback", report=str(report))
    assert (run.status, summary(run)["rounds"]) == (0, 2), run.output
    page = report.read_text(encoding="utf-8")
    assert page.count("<article") == 2 and "<td>ROLLBACK</td>" in page and "<b>Migrate data</b>" in page
    assert ROOT_PASSWORD not in page


def test_no_round_is_not_begun(ansible: Ansible) -> None:
    with Simulator(agents(1), speed=SPEED) as simulator:
        refused = initialise(ansible, simulator, rounds=0)
        assert (refused.status != 0, sent(simulator)) == (True, [])
        assert "init_cluster_rounds is 0" in refused.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "times", "outcome", "rounds", "failed"),
    [
        ("retry_then_rollback", 1, "initialized", 1, [1]),
        ("rollback", 1, "initialized", 2, [1]),
        ("retry_then_rollback", None, "rolled_back", 2, [2, 2]),
        ("retry", None, "failed", 1, [2]),
    ],
)
def test_what_fails_is_recovered(
    ansible: Ansible, simulator: Simulator, policy: str, times: int | None, outcome: str, rounds: int, failed: list[int]
) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=times))
    run = initialise(ansible, simulator, recover_policy=policy)
    assert (run.status == 0) is (outcome == "initialized"), run.output
    assert sent(simulator).count(INIT) == rounds
    found = summary(run)
    assert (found["outcome"], found["rounds"], found["changed"]) == (outcome, rounds, True)
    assert [len(failure["failures"]) for failure in found["failures"]] == failed
    assert found["failures"][0]["failures"][0]["node"] == "Start observer"
    ends = {"initialized": "SUCCEED/RUN", "rolled_back": "SUCCEED/ROLLBACK", "failed": "FAILED/RUN"}
    assert f"(Initialize cluster) is {ends[outcome]}" in found["tree"][0]


@pytest.mark.slow
@pytest.mark.parametrize("ignored", [False, True])
def test_a_recovery_that_fails_leaves_its_part_of_the_summary(
    ansible: Ansible, simulator: Simulator, ignored: bool
) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", agent=1), root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, id=1, recover_policy="retry", play={"ignore_errors": ignored})
    assert (run.status == 0) is ignored
    assert [entry.body["operator"] for entry in simulator.journal.posts(path_contains="/task/dag/")] == ["RETRY"]
    found = summary(run)
    assert (found["outcome"], found["rounds"], found["changed"]) == ("failed", 1, True)
    assert [len(failure["failures"]) for failure in found["failures"]] == [2]


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["retry", "retry_then_rollback", "rollback"])
def test_a_server_that_was_added_after_an_initialisation_had_failed(
    ansible: Ansible, version: str, policy: str
) -> None:
    """A retry would go on without it, so that only a rollback helps."""
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        simulator.obstacles.append(Obstacle(node="Start observer", times=1))
        assert cluster(simulator, servers=declared(simulator)["servers"][:1])["failed"]
        run = initialise(ansible, simulator, id=NUMBER, recover_policy=policy)
        operators = [entry.body["operator"] for entry in simulator.journal.posts(path_contains="/task/dag/")]
        found = summary(run)
        if policy == "retry":
            assert (run.status != 0, found["outcome"], operators) == (True, "failed", [])
            assert f"127.0.0.1:{simulator.agents[1].port} is SINGLE" in found["failures"][0]["msg"]
            assert "FAILED" in found["tree"][-1] and "no log" not in found["tree"][-1]
        else:
            assert run.status == 0, run.output
            assert (found["outcome"], found["rounds"], operators) == ("initialized", 2, ["ROLLBACK"])
            assert found["failures"][0]["failures"][0]["node"] == "Start observer"
            assert [agent.identity for agent in simulator.agents] == ["CLUSTER AGENT"] * 2


@pytest.mark.slow
def test_what_no_recovery_helps_is_told_at_once(ansible: Ansible, simulator: Simulator) -> None:
    simulator.agents[1].identity = "TAKE OVER MASTER"
    run = initialise(ansible, simulator)
    assert run.status != 0 and "TAKE OVER MASTER" in run.output and sent(simulator) == []


@pytest.mark.slow
@pytest.mark.parametrize("ignored", [False, True])
def test_what_another_cluster_began_is_left_alone(ansible: Ansible, simulator: Simulator, ignored: bool) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, name="other", play={"ignore_errors": ignored})
    assert (run.status == 0, summary(run)["outcome"], sent(simulator)) == (ignored, "failed", [])
    assert "belongs to the cluster obdemo" in run.output


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_check_mode_does_not_wait_for_an_agent(ansible: Ansible, simulator: Simulator) -> None:
    servers = declared(simulator)["servers"]
    servers[1]["port"] = 1
    run = initialise(ansible, simulator, "--check", servers=servers, wait_timeout=30)
    assert run.status != 0 and "127.0.0.1:1" in run.output
    assert "RETRYING" not in run.output


@pytest.mark.slow
def test_check_mode_tells_what_would_be_recovered(ansible: Ansible, simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, "--check", id=1)
    assert (run.status, sent(simulator)) == (0, []), run.output
    assert (summary(run)["outcome"], summary(run)["changed"]) == ("unfinished", True)


@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_check_mode_does_not_take_what_is_under_way_for_done(ansible: Ansible, simulator: Simulator) -> None:
    simulator.delays.append(Delay(node="Start observer", ticks=FOREVER))
    simulator.start_init(root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, "--check", id=1)
    assert (run.status, summary(run)["outcome"], summary(run)["changed"]) == (0, "unfinished", False), run.output


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("defaults", [{"wait": False}, {"state": "configured"}, {"state": "absent"}])
def test_what_a_play_sets_for_the_module_alone_is_not_the_roles(
    ansible: Ansible, simulator: Simulator, defaults: dict[str, t.Any]
) -> None:
    play = {"module_defaults": {"oceanbase.obshell.obshell_cluster": defaults}}
    run = initialise(ansible, simulator, play=play)
    assert (run.status, summary(run)["outcome"]) == (0, "initialized"), run.output
    assert [agent.identity for agent in simulator.agents] == ["CLUSTER AGENT"] * 2


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_a_host_that_cannot_be_reached_initialises_nothing(ansible: Ansible, simulator: Simulator) -> None:
    ansible.environment["ANSIBLE_CONNECTION_PLUGINS"] = str(ROOT / "tests/integration/connections")
    run = initialise(ansible, simulator, "-e", "ansible_connection=nowhere", play={"ignore_unreachable": True})
    assert run.status != 0 and simulator.journal.entries == []
    assert (summary(run)["outcome"], summary(run)["changed"]) == ("failed", False)
    assert "nowhere leads" in summary(run)["failures"][0]["msg"]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_what_is_missing_after_a_retry_is_done_too(ansible: Ansible, simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    servers = [{**server, "agent_password": AGENT_PASSWORD} for server in declared(simulator)["servers"]]
    run = initialise(ansible, simulator, id=1, servers=servers)
    assert run.status == 0, run.output
    assert (summary(run)["outcome"], summary(run)["rounds"]) == ("initialized", 1)
    assert [agent.agent_password for agent in simulator.agents] == [AGENT_PASSWORD] * 2
    again = initialise(ansible, simulator, id=1, servers=servers)
    assert (again.status, sent(simulator)) == (0, [])


@pytest.mark.slow
def test_agents_that_come_up_late_are_waited_for(ansible: Ansible, simulator: Simulator) -> None:
    late = simulator.agents[1]
    late.stop()

    def come_up(exchange: Exchange) -> None:
        exchange.reset()
        exchange.agent.start()

    servers = declared(simulator)["servers"]
    with FaultyProxy(late, {0: come_up}) as proxy:
        servers[1]["port"] = proxy.port
        run = initialise(ansible, simulator, servers=servers)
    assert "RETRYING" in run.output
    assert (run.status, summary(run)["outcome"]) == (0, "initialized"), run.output


@pytest.mark.slow
def test_agents_that_do_not_come_up_are_named(ansible: Ansible, simulator: Simulator) -> None:
    simulator.agents[1].stop()
    report = ansible.folder / "report.html"
    run = initialise(ansible, simulator, wait_timeout=2, report=str(report))
    assert run.status != 0 and sent(simulator) == []
    assert f":{simulator.agents[1].port}" in run.output
    page = report.read_text(encoding="utf-8")
    assert "No DAG was found" not in page and page.count(f"127.0.0.1:{simulator.agents[1].port}") > 1


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_a_report_shows_nothing_of_an_earlier_run_in_the_play(ansible: Ansible, simulator: Simulator) -> None:
    report = ansible.folder / "report.html"
    options = variables(simulator)
    servers = options.pop("init_cluster_servers")
    nowhere = [{**server, "port": 1} for server in servers]
    given = {"init_cluster_servers": nowhere, "init_cluster_wait_timeout": 1, "init_cluster_report": str(report)}
    tasks = [{**ROLE, "vars": {"init_cluster_servers": servers}}, {**ROLE, "vars": given}]
    run = ansible.playbook([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], **options)
    page = report.read_text(encoding="utf-8")
    assert simulator.agents[0].identity == "CLUSTER AGENT" and run.status != 0, run.output
    # Of the two agents, not of the initialisation before.
    assert (page.count("<td>read</td>"), page.count("<article")) == (2, 0), page


@pytest.mark.slow
def test_a_report_says_why_a_recovery_failed_before_its_first_step(ansible: Ansible, simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
    report = ansible.folder / "report.html"
    run = initialise(ansible, simulator, "-e", "recover_init_retries=0", id=1, report=str(report))
    assert run.status != 0 and "set it to at least 1" in report.read_text(encoding="utf-8"), run.output


@pytest.mark.slow
@pytest.mark.parametrize(("node", "operators"), [("Create observer workdir", ["RETRY"]), (None, [])])
def test_each_option_arrives(ansible: Ansible, node: str | None, operators: list[str]) -> None:
    ours = Authority(ansible.folder, "ours")
    tls = Tls(*ours.sign("agent"))
    with Simulator(agents(1, tls=tls, agent_password=AGENT_PASSWORD), speed=SPEED) as simulator:
        (agent,) = simulator.agents
        simulator.obstacles.extend([Obstacle(node=node, times=1)] if node else [])
        run = initialise(
            ansible,
            simulator,
            id=7,
            servers=[{"host": agent.host, "zone": "zone9", "config": {"mysql_port": 20001}}],
            connection={"port": agent.port, "use_tls": True, "ca_path": ours.path, "agent_password": AGENT_PASSWORD},
            accept=["data_removal"],
        )
        assert (run.status, sent(simulator).count(INIT)) == (0, 1), run.output
        assert [entry.body["operator"] for entry in simulator.journal.posts(path_contains="/task/dag/")] == operators
        assert (agent.cluster.name, agent.cluster.id, agent.zone) == (NAME, 7, "zone9")
        assert agent.root_password == ROOT_PASSWORD
        told = {"memory_limit": "6G", "enable_syslog_wf": "false", "mysql_port": "20001"}
        assert agent.observer.options == told


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["another authority", "no certificate", "no TLS"])
def test_a_certificate_that_is_not_right_is_told_at_once(ansible: Ansible, wrong: str) -> None:
    ours, others = (Authority(ansible.folder, name) for name in ("ours", "others"))
    paths = {"another authority": others.path, "no certificate": __file__, "no TLS": ours.path}
    with Simulator(agents(1, tls=None if wrong == "no TLS" else Tls(*ours.sign("agent")))) as simulator:
        run = initialise(ansible, simulator, connection={"use_tls": True, "ca_path": paths[wrong]}, wait_timeout=20)
        assert run.status != 0 and simulator.journal.entries == []
    assert ("ca_path" if wrong != "no TLS" else "use_tls") in run.output
    assert "RETRYING" not in run.output


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("fails", [False, True])
def test_no_step_is_waited_for_longer_than_allowed(ansible: Ansible, simulator: Simulator, fails: bool) -> None:
    simulator.delays.append(Delay(node="Start observer", operator="ROLLBACK" if fails else "RUN", ticks=FOREVER))
    if fails:
        simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
    run = initialise(ansible, simulator, id=1, wait_timeout=20, recover_policy="rollback")
    assert run.status != 0 and sent(simulator).count(INIT) == 1 - fails
    assert len(simulator.journal.posts(path_contains="/task/dag/")) == fails
    assert (summary(run)["outcome"], summary(run)["changed"]) == ("failed", True)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize(
    ("connection", "why"),
    [
        ({"use_tls": True, "ca_path": "/nowhere.pem"}, "/nowhere.pem"),
        ({"use_tls": True}, "the Python library requests"),
    ],
)
def test_what_waiting_does_not_mend_is_told_at_once(
    ansible: Ansible, simulator: Simulator, connection: dict[str, t.Any], why: str
) -> None:
    (ansible.folder / "requests.py").write_text("raise ImportError", encoding="utf-8")
    ansible.environment["PYTHONPATH"] = str(ansible.folder)
    run = initialise(ansible, simulator, connection=connection, wait_timeout=20)
    assert run.status != 0 and why in run.output
    assert "RETRYING" not in run.output and simulator.journal.entries == []


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("rounds", [1, 3])
def test_numbers_may_be_given_on_the_command_line(ansible: Ansible, simulator: Simulator, rounds: int) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1))
    given = (f"init_cluster_rounds={rounds}", "init_cluster_wait_timeout=600", "init_cluster_id=7")
    run = initialise(
        ansible, simulator, *(word for option in given for word in ("-e", option)), recover_policy="rollback"
    )
    assert (summary(run)["outcome"], summary(run)["rounds"]) == ("rolled_back", rounds)
    assert sent(simulator).count(INIT) == len(simulator.journal.posts(path_contains="/task/dag/")) == rounds


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_another_consent_on_the_command_line_is_not_enough(ansible: Ansible, simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(node="Create observer workdir", agent=1, times=1))
    run = initialise(ansible, simulator, "-e", "init_cluster_accept=tenant_drop")
    assert run.status != 0 and "accept to [data_removal]" in run.output
    assert sent(simulator).count(INIT) == 1 and simulator.journal.posts(path_contains="/task/dag/") == []


def inventory(ansible: Ansible, **clusters: Simulator) -> tuple[str, str]:
    """Arguments for an inventory with a group of two hosts for each cluster."""
    hosts = {}
    for name, simulator in clusters.items():
        told = {**variables(simulator, name=name), "ansible_connection": "local"}
        hosts[name] = {"hosts": {f"{name}{index}": None for index in range(2)}, "vars": told}
    path = ansible.folder / "clusters.json"
    path.write_text(json.dumps({"all": {"children": hosts}}), encoding="utf-8")
    return "-i", str(path)


@pytest.mark.slow
def test_two_clusters_of_one_play(ansible: Ansible) -> None:
    with Simulator(agents(2), speed=SPEED) as first, Simulator(agents(2), speed=SPEED) as second:
        play = {"hosts": "one:two", "gather_facts": False, "tasks": [ROLE, LOOK]}
        run = ansible.playbook([play], *inventory(ansible, one=first, two=second))
        assert run.status == 0, run.output
        for simulator in (first, second):
            assert [agent.identity for agent in simulator.agents] == ["CLUSTER AGENT"] * 2
            steps = ["POST agent/join"] * 2 + ["PUT observer/config"] * 3 + ["PUT obcluster/config", INIT]
            assert sent(simulator) == steps
        told = [result["init_cluster_summary"] for name, result in run.tasks if name == LOOK["name"]]
        trees = [summary.pop("tree") for summary in told]
        assert told == [{"outcome": "initialized", "rounds": 1, "changed": True, "failures": []}] * 4
        assert all(" (Initialize cluster) is SUCCEED/RUN " in tree[0] for tree in trees)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("fails", [False, True])
def test_a_second_run_is_done_by_one_of_its_own_hosts(ansible: Ansible, simulator: Simulator, fails: bool) -> None:
    simulator.obstacles.extend([Obstacle(node="Start observer", times=1)] * fails)
    servers = [{**server, "agent_password": AGENT_PASSWORD} for server in declared(simulator)["servers"]]
    later = {**ROLE, "when": "inventory_hostname == 'one1'", "vars": {"init_cluster_servers": servers}}
    tasks = [{"block": [ROLE], "rescue": [LOOK]}, later]
    play = {"hosts": "one", "gather_facts": False, "any_errors_fatal": fails, "tasks": tasks}
    once = {"recover_init_pause": 0, "init_cluster_rounds": 1, "init_cluster_recover_policy": "rollback"}
    run = ansible.playbook([play], *inventory(ansible, one=simulator), **once)
    assert (run.status, sent(simulator).count(INIT)) == (0, 1 + fails), run.output
    assert [agent.agent_password for agent in simulator.agents] == [AGENT_PASSWORD] * 2


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("fatal", [False, True])
def test_all_hosts_are_told_of_a_failure(ansible: Ansible, simulator: Simulator, fatal: bool) -> None:
    simulator.agents[1].identity = "TAKE OVER MASTER"
    task = {"block": [ROLE], "always": [LOOK]}
    play = {"hosts": "one", "gather_facts": False, "any_errors_fatal": fatal, "tasks": [task]}
    run = ansible.playbook([play], *inventory(ansible, one=simulator))
    told = [result["init_cluster_summary"] for name, result in run.tasks if name == LOOK["name"]]
    assert run.status != 0 and len(told) == 2 and told[0] == told[1], run.output
    assert (told[0]["outcome"], told[0]["rounds"]) == ("failed", 1)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_defaults_of_the_play_hold_where_the_connection_has_none(ansible: Ansible, simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=1))
    defaults = {"host": "192.0.2.1", "port": simulator.agents[0].port, "agent_password": AGENT_PASSWORD}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [ROLE]}
    play["module_defaults"] = {"group/oceanbase.obshell.obshell": defaults}
    servers = declared(simulator)["servers"]
    del servers[0]["port"]
    run = ansible.playbook([play], **variables(simulator, servers=servers), **QUICK)
    assert (run.status, sent(simulator).count(INIT)) == (0, 1), run.output
    assert [agent.agent_password for agent in simulator.agents] == [AGENT_PASSWORD] * 2


@pytest.mark.slow
@pytest.mark.parametrize("fails", [False, True])
def test_check_mode_of_the_play(ansible: Ansible, simulator: Simulator, fails: bool) -> None:
    """Not that of the command line, which is the only one that ansible_check_mode knows."""
    simulator.obstacles.extend([Obstacle(node="Start observer", agent=1, times=1)] * fails)
    check = initialise(ansible, simulator, play={"check_mode": True})
    assert (check.status, sent(simulator)) == (0, []), check.output
    assert (summary(check)["outcome"], summary(check)["changed"]) == ("unfinished", True)
    do = initialise(ansible, simulator, "--check", play={"check_mode": False})
    assert (do.status, sent(simulator).count(INIT)) == (0, 1), do.output
    assert (summary(do)["outcome"], summary(do)["changed"]) == ("initialized", True)
    operators = [entry.body["operator"] for entry in simulator.journal.posts(path_contains="/task/dag/")]
    assert operators == ["RETRY"] * fails


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.5.0.0"])
def test_check_mode_of_the_play_does_not_wait_for_an_agent_and_its_absence_does(
    ansible: Ansible, simulator: Simulator
) -> None:
    servers = declared(simulator)["servers"]
    servers[1]["port"] = 1
    check = initialise(ansible, simulator, servers=servers, play={"check_mode": True}, wait_timeout=30)
    assert check.status != 0 and "RETRYING" not in check.output
    do = initialise(ansible, simulator, "--check", servers=servers, play={"check_mode": False}, wait_timeout=10)
    assert do.status != 0 and "RETRYING" in do.output, do.output


@pytest.mark.parametrize("version", ["4.5.0.0"])
@pytest.mark.parametrize("strategy", ["free", "ansible.builtin.host_pinned"])
def test_a_strategy_that_does_not_keep_hosts_in_step_is_refused(
    ansible: Ansible, simulator: Simulator, strategy: str
) -> None:
    play = {"hosts": "one", "gather_facts": False, "strategy": strategy, "tasks": [ROLE]}
    run = ansible.playbook([play], *inventory(ansible, one=simulator))
    assert run.status != 0 and simulator.journal.entries == [], run.output
    assert "strategy" in run.output and "linear" in run.output
