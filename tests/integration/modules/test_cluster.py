# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""obshell_cluster, in this process: each state from each beginning, and what it refuses."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import reconcile
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.progress import REQUESTING, Progress
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation import waiter
from ansible_collections.oceanbase.obshell.tests.simulator import (
    FOREVER,
    AgentSpec,
    Delay,
    Fault,
    Hold,
    Obstacle,
    Simulator,
)

from .. import clusters
from ..clusters import NAME, NUMBER, agents, cluster, declared, sent, state
from ..conftest import AGENT_PASSWORD, ROOT_PASSWORD
from ..inprocess import task

SPEED = 400
JOINED = ["POST agent/join"] * 3
CONFIGURED = ["PUT observer/config"] * 4 + ["PUT obcluster/config"]
INIT = ["POST ob/init"]
PROXYRO_PASSWORD = "Pr0xyro#Secret+pw"


@pytest.fixture(name="simulator")
def fixture_simulator(version: str) -> t.Iterator[Simulator]:
    with Simulator(agents(3, version), speed=SPEED) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def fixture_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_polling, "MIN_PAUSE", 0.02)
    monkeypatch.setattr(reconcile, "AWAIT_PAUSE", 0.02)


@pytest.fixture(name="way", params=["at once", pytest.param("in parts", marks=pytest.mark.slow)], autouse=True)
def fixture_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test once more in parts that are as short as can be: one step, or one look at a DAG."""
    if request.param == "in parts":
        monkeypatch.setattr(waiter, "MAX_SLICE", 0)
        monkeypatch.setattr(clusters, "task", in_parts)


def in_parts(module: str, /, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    if check or not options.get("wait", True):
        return task(module, check=check, **options)
    parts = task(module, _slice={}, **options)
    parts.pop("progress")
    return parts


def identities(simulator: Simulator) -> list[str]:
    return [agent.identity for agent in simulator.agents]


def fail_init(simulator: Simulator, *, times: int | None = 1, node: str = "Start observer") -> dict[str, t.Any]:
    simulator.obstacles[:] = [Obstacle(node=node, agent=1, times=times)]
    result = cluster(simulator)
    assert result["failed"] and result["failures"][0]["node"] == node
    return result


def test_check_do_check_again_do_again(simulator: Simulator) -> None:
    check = cluster(simulator, check=True)
    assert check["changed"] and len(check["steps"]) == 9 and sent(simulator) == []
    do = cluster(simulator)
    assert do["changed"] and do["steps"] == check["steps"]
    assert sent(simulator) == [*JOINED, *CONFIGURED, *INIT]
    assert identities(simulator) == ["CLUSTER AGENT"] * 3
    options = simulator.agents[2].observer.options
    assert options == {"memory_limit": "6G", "enable_syslog_wf": "false", "mysql_port": "20003"}
    assert do["diff"]["before"]["cluster"] is None
    assert do["diff"]["after"] == check["diff"]["after"]
    assert do["cluster"] == {"name": NAME, "id": NUMBER}
    for checking in (True, False):
        again = cluster(simulator, check=checking)
        assert (again["changed"], again["steps"], sent(simulator)) == (False, [], [])
        assert again["diff"]["before"] == again["diff"]["after"]


def test_each_request_is_told_before_it_is_sent(simulator: Simulator) -> None:
    told: list[tuple[str, int]] = []

    def on_change(dag: Dag) -> None:
        if dag.state == REQUESTING:
            told.append((Progress.from_dag(dag).line(host="h", elapsed=0), len(sent(simulator))))

    done = task("obshell_cluster", on_change=on_change, **declared(simulator))
    assert told == [(f"h | {step} | 0:00 | requesting", before) for before, step in enumerate(done["steps"])]


def test_no_password_is_sent_in_clear() -> None:
    """Agents 4.2.2 take bodies in clear alone."""
    with Simulator(agents(2, "4.2.2.0"), speed=SPEED) as simulator:
        refused = cluster(simulator, proxyro_password=PROXYRO_PASSWORD)
        assert refused["failed"] and "in clear" in refused["msg"] and INIT[0] not in sent(simulator)
        assert not cluster(simulator).get("failed")
        assert ROOT_PASSWORD not in str([entry.body for entry in simulator.journal.entries])


def test_configured_stops_before_the_initialisation(simulator: Simulator) -> None:
    assert cluster(simulator, state="configured")["changed"]
    assert sent(simulator) == [*JOINED, *CONFIGURED]
    assert identities(simulator) == ["MASTER", "FOLLOWER", "FOLLOWER"]
    again = cluster(simulator, state="configured")
    assert (again["changed"], sent(simulator)) == (False, [])
    assert cluster(simulator)["changed"]
    assert sent(simulator) == [*CONFIGURED, *INIT]
    assert not cluster(simulator, state="configured")["changed"]


def test_an_agent_whose_options_were_never_told_is_not_configured(simulator: Simulator) -> None:
    """As where a run is cut off after a server has joined a cluster that was configured."""
    cluster(simulator, state="configured", servers=declared(simulator)["servers"][:2])
    simulator.agents[0].faults.append(Fault("reset", path="r/config", times=2))
    assert cluster(simulator, state="configured")["failed"]
    assert cluster(simulator, state="configured")["changed"]
    options = {"memory_limit": "6G", "enable_syslog_wf": "false"}
    assert [agent.observer.options for agent in simulator.agents] == [
        {**options, "mysql_port": f"2000{number}"} for number in (1, 2, 3)
    ]
    assert not cluster(simulator, state="configured")["changed"]


def test_options_after_which_the_name_was_not_told_again_are_not_all(simulator: Simulator) -> None:
    """As where a run that changes them is cut off."""
    cluster(simulator, state="configured")
    simulator.agents[0].faults.append(Fault("reset", path="obcluster/config", times=2))
    assert cluster(simulator, config={"memory_limit": "12G"})["failed"]
    again = cluster(simulator, config={"memory_limit": "12G"}, state="configured")
    assert again["changed"] and sent(simulator) == CONFIGURED
    assert not cluster(simulator, config={"memory_limit": "12G"}, state="configured")["changed"]


def test_absent_takes_back_and_takes_nothing_back_twice(simulator: Simulator) -> None:
    cluster(simulator, state="configured")
    check = cluster(simulator, state="absent", check=True)
    assert check["changed"] and len(check["steps"]) == 1 and sent(simulator) == []
    do = cluster(simulator, state="absent")
    assert do["changed"] and sent(simulator) == ["DELETE agent"]
    assert identities(simulator) == ["SINGLE"] * 3
    assert do["diff"]["after"] == check["diff"]["after"]
    again = cluster(simulator, state="absent")
    assert (again["changed"], sent(simulator)) == (False, [])


def test_a_removal_that_another_began_is_waited_for(simulator: Simulator) -> None:
    """Its master has dropped the followers, which are not SINGLE yet."""
    cluster(simulator, state="configured")
    master = simulator.agents[0]
    held = [Delay(node=node, ticks=FOREVER) for node in ("Remove master", "Agent to single")]
    simulator.delays.extend(held)
    removal = master.call("DELETE", "/api/v1/agent", master.location.as_dict())[1]["data"]["id"]
    simulator.tick(9)
    assert master.members == [master]
    assert identities(simulator) == ["MASTER", "FOLLOWER", "FOLLOWER"]
    late = cluster(simulator, state="absent", wait_timeout=2)
    assert late["failed"] and removal in late["msg"] and "The agent is still working" in late["msg"]
    for delay in held:
        delay.ticks = 0
    do = cluster(simulator, state="absent")
    assert (do["changed"], sent(simulator), identities(simulator)) == (False, [], ["SINGLE"] * 3)


def test_a_join_that_failed_is_named_with_what_helps() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        simulator.obstacles.append(Obstacle(node="Join to master", agent=1))
        failed = cluster(simulator)
        assert failed["failed"] and "(Join to master) is FAILED" in failed["msg"]
        refuse(simulator, address(simulator, 1), failed["dag"]["id"], "accepts no operator")


def test_a_removal_that_failed_is_named(simulator: Simulator) -> None:
    cluster(simulator, state="configured")
    simulator.obstacles.append(Obstacle(node="Agent to single", agent=1))
    assert cluster(simulator, state="absent")["failed"]
    simulator.tick(20)
    failed = simulator.agents[1].engine.dags[-1]
    assert (failed.name, failed.state) == ("Agent to single", "FAILED")
    if simulator.agents[1].under_maintenance():
        refuse(simulator, address(simulator, 1), simulator.agents[1].id_of(failed), state="absent")


def test_absent_rolls_a_failed_initialisation_back_first(simulator: Simulator) -> None:
    fail_init(simulator, times=None)
    do = cluster(simulator, state="absent")
    assert do["changed"], do["msg"]
    assert [request.split("/")[0] for request in sent(simulator)] == ["POST task", "DELETE agent"]
    assert identities(simulator) == ["SINGLE"] * 3


def test_absent_refuses_an_initialised_cluster(simulator: Simulator) -> None:
    cluster(simulator)
    refused = cluster(simulator, state="absent")
    assert refused["failed"] and "initialised" in refused["msg"] and sent(simulator) == []


def test_a_failed_initialisation_is_never_followed_by_a_second(simulator: Simulator) -> None:
    first = fail_init(simulator)
    assert first["changed"]
    refused = cluster(simulator)
    assert refused["failed"] and not refused["changed"] and sent(simulator) == []
    assert "recover_init" in refused["msg"] and first["dag"]["id"] in refused["msg"]
    assert refused["failures"] == first["failures"]


@pytest.mark.parametrize(
    ("recover", "requests"), [("retry", []), ("rollback", [*CONFIGURED, *INIT])], ids=["retry", "rollback"]
)
def test_recover(simulator: Simulator, recover: str, requests: list[str]) -> None:
    dag_id = fail_init(simulator)["dag"]["id"]
    check = cluster(simulator, recover=recover, check=True)
    assert check["changed"] and sent(simulator) == []
    do = cluster(simulator, recover=recover)
    assert do["changed"] and sent(simulator) == [f"POST task/dag/{dag_id}", *requests]
    assert do["steps"] == check["steps"]
    assert (do["dag"]["state"], do["failures"]) == ("SUCCEED", [])
    assert identities(simulator) == ["CLUSTER AGENT"] * 3
    assert not cluster(simulator, recover=recover)["changed"]


def test_what_this_run_started_is_not_recovered_by_it(simulator: Simulator) -> None:
    fail_init(simulator, times=None)
    again = cluster(simulator, recover="rollback")
    assert again["failed"] and again["changed"]
    assert [request for request in sent(simulator) if request == "POST ob/init"] == INIT


def test_data_is_not_removed_unasked(simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(node="Create observer workdir", agent=0, times=1))
    assert cluster(simulator)["failed"]
    for options in ({"recover": "retry"}, {"recover": "rollback"}, {"state": "absent"}):
        for check in (True, False):
            refused = cluster(simulator, check=check, **options)
            assert refused["failed"] and "accept to [data_removal]" in refused["msg"] and sent(simulator) == []
    assert not cluster(simulator, recover="rollback", accept=["data_removal"]).get("failed")


def test_two_failed_initialisations_are_rolled_back_both() -> None:
    with Simulator(agents(2, "4.2.5.0"), speed=SPEED) as simulator:
        simulator.obstacles.append(Obstacle(node="Start observer", agent=0))
        assert cluster(simulator)["failed"]
        master = simulator.agents[0]
        second = master.call("POST", "/api/v1/ob/init", {})[1]["data"]["id"]
        simulator.run_to_end(second)
        refused = cluster(simulator, recover="retry")
        assert refused["failed"] and "several" in refused["msg"] and sent(simulator) == []
        simulator.obstacles.clear()
        assert not cluster(simulator, recover="rollback", accept=["data_removal"]).get("failed")
        assert len([request for request in sent(simulator) if "task/dag" in request]) == 2


def test_none_of_two_failed_initialisations_is_retried_by_its_name() -> None:
    with Simulator(agents(1, "4.2.5.0"), speed=SPEED) as simulator:
        first = simulator.fail_init(obstacle=Obstacle(node="Start observer"), root_password=ROOT_PASSWORD)
        agent = simulator.agents[0]
        second = agent.call("POST", "/api/v1/ob/init", {})[1]["data"]["id"]
        simulator.run_to_end(second)
        connection: dict[str, t.Any] = {"host": agent.host, "port": agent.port, "password": ROOT_PASSWORD}
        connection["name"] = "Initialize cluster"
        refused = task("obshell_dag", operator="RETRY", **connection)
        assert refused["failed"] and first in refused["msg"] and second in refused["msg"]
        assert sent(simulator) == []
        for dag_id in (second, first):
            done = task("obshell_dag", operator="ROLLBACK", accept=["data_removal"], **connection)
            assert done["dag"]["id"] == dag_id


def test_one_that_is_under_way_is_waited_for(simulator: Simulator) -> None:
    Hold(simulator, "Start observer")
    simulator.start_init(root_password=ROOT_PASSWORD, ticks=3)
    done = cluster(simulator, name="obdemo", cluster_id=1)
    assert (done.get("failed"), done["changed"], sent(simulator)) == (None, False, []), done["msg"]
    assert identities(simulator) == ["CLUSTER AGENT"] * 3


def test_the_initialisation_need_not_be_waited_for(simulator: Simulator) -> None:
    simulator.delays.append(Delay(node="Start observer", ticks=FOREVER))
    begun = cluster(simulator, wait=False)
    assert begun["changed"] and sent(simulator)[-1:] == INIT and "run it again to continue" in begun["msg"]
    again = cluster(simulator, wait=False)
    assert (again["changed"], sent(simulator)) == (False, []) and "run it again to continue" in again["msg"]
    assert identities(simulator) == ["MASTER", "FOLLOWER", "FOLLOWER"]


def test_a_deadline_that_passes_is_no_end(simulator: Simulator) -> None:
    hold = Hold(simulator, "Start observer", reads=FOREVER)
    late = cluster(simulator, wait_timeout=2)
    assert late["failed"] and "run this task again" in late["msg"].lower()
    hold.release()
    assert not cluster(simulator).get("failed")
    assert state(simulator)[0][-1] == ["RUN"]


# Which password of root@sys was told.


def test_a_cluster_without_a_password_is_not_as_declared(simulator: Simulator) -> None:
    simulator.complete_init(root_password="")
    refuse(simulator, address(simulator, 0), "another password of root@sys", name="obdemo", cluster_id=1)


def test_agents_told_no_password_are_not_configured(simulator: Simulator) -> None:
    simulator.form_cluster(root_password="")
    told = cluster(simulator, state="configured", cluster_id=1)
    assert told["changed"] and sent(simulator) == CONFIGURED
    assert simulator.agents[0].root_password == ROOT_PASSWORD
    assert not cluster(simulator, state="configured", cluster_id=1)["changed"]


def test_agents_told_another_password_are_not_configured() -> None:
    """They answer all the same, to their own password."""
    with Simulator(agents(2), speed=SPEED) as simulator:
        options: dict[str, t.Any] = {"state": "configured", "servers": secured(simulator)}
        cluster(simulator, **options, root_password="Another#pw1")
        told = cluster(simulator, **options)
        assert told["changed"] and sent(simulator)[-1:] == CONFIGURED[-1:]
        assert simulator.agents[0].root_password == ROOT_PASSWORD
        assert not cluster(simulator, **options)["changed"]
        assert not cluster(simulator, servers=secured(simulator)).get("failed")
        assert not cluster(simulator, servers=secured(simulator))["changed"]


# Who does not fit.


def refuse(simulator: Simulator, *words: str, **options: t.Any) -> None:
    for check in (True, False):
        refused = cluster(simulator, check=check, **options)
        assert refused["failed"] and not refused["changed"]
        assert all(word in refused["msg"] for word in words), refused["msg"]
        assert sent(simulator) == []


def address(simulator: Simulator, index: int) -> str:
    return simulator.agents[index].address


def join(simulator: Simulator, agent: int, master: int, zone: str = "") -> None:
    body = {"agentInfo": simulator.agents[master].location.as_dict(), "zoneName": zone or f"zone{agent + 1}"}
    dag_id = simulator.agents[agent].call("POST", "/api/v1/agent/join", body)[1]["data"]["id"]
    simulator.run_to_end(dag_id)


def test_two_masters(simulator: Simulator) -> None:
    join(simulator, 0, 0)
    join(simulator, 1, 1)
    refuse(simulator, address(simulator, 0), address(simulator, 1), "MASTER")


def test_another_zone(simulator: Simulator) -> None:
    join(simulator, 0, 0, zone="elsewhere")
    refuse(simulator, address(simulator, 0), "elsewhere", "zone1")


def test_a_follower_of_a_master_that_is_not_declared(simulator: Simulator) -> None:
    join(simulator, 2, 2)
    join(simulator, 0, 2)
    refuse(simulator, address(simulator, 0), "FOLLOWER", servers=declared(simulator)["servers"][:2])


def test_a_master_of_more_than_is_declared(simulator: Simulator) -> None:
    join(simulator, 0, 0)
    join(simulator, 2, 0)
    refuse(simulator, address(simulator, 2), "not listed in servers", servers=declared(simulator)["servers"][:2])


def test_another_initialised_cluster(simulator: Simulator) -> None:
    simulator.complete_init(root_password=ROOT_PASSWORD)
    refuse(simulator, "obdemo", "ID 1", "other", name="other", cluster_id=1)


@pytest.mark.parametrize("options", [{"recover": "retry"}, {"recover": "rollback"}, {"state": "absent"}])
def test_a_failed_initialisation_of_another_cluster(simulator: Simulator, options: dict[str, str]) -> None:
    fail_init(simulator)
    refuse(simulator, NAME, f"ID {NUMBER}", "other", name="other", **options)
    refuse(simulator, NAME, f"ID {NUMBER}", "ID 8", cluster_id=8, **options)


def test_a_dag_is_not_in_the_way_where_somebody_does_not_fit(simulator: Simulator) -> None:
    fail_init(simulator)
    refused = cluster(simulator, servers=declared(simulator)["servers"][:2])
    assert refused["failed"] and (refused["dag"], refused["failures"], refused["allowed_operators"]) == (None, [], [])


def test_a_single_agent_beside_an_initialised_cluster(version: str) -> None:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        servers = declared(simulator)["servers"]
        assert not cluster(simulator, servers=servers[:1]).get("failed")
        refuse(simulator, address(simulator, 1), "SINGLE")


def test_a_server_of_which_an_unfinished_initialisation_knows_nothing(simulator: Simulator) -> None:
    servers = declared(simulator)["servers"]
    simulator.obstacles.append(Obstacle(node="Start observer", agent=1, times=1))
    assert cluster(simulator, servers=servers[:2])["failed"]
    for recover in ("none", "retry"):
        refuse(simulator, address(simulator, 2), "SINGLE", "recover set to rollback", recover=recover)
    assert cluster(simulator, recover="retry")["dag"]["state"] == "FAILED"
    assert not cluster(simulator, recover="rollback").get("failed")
    assert identities(simulator) == ["CLUSTER AGENT"] * 3


def test_a_server_of_which_a_running_initialisation_knows_nothing(simulator: Simulator) -> None:
    simulator.delays.append(Delay(node="Start observer", ticks=FOREVER))
    begun = cluster(simulator, servers=declared(simulator)["servers"][:2], wait=False)
    assert not begun.get("failed"), begun["msg"]
    for recover in ("none", "retry", "rollback"):
        refuse(simulator, address(simulator, 2), "SINGLE", recover=recover)


@pytest.mark.parametrize("state", ["initialized", "absent"])
def test_a_master_beside_an_initialised_cluster(version: str, state: str) -> None:
    with Simulator(agents(2, version), speed=SPEED) as simulator:
        assert not cluster(simulator, servers=declared(simulator)["servers"][:1]).get("failed")
        join(simulator, 1, 1)
        refuse(simulator, address(simulator, 0), address(simulator, 1), "another cluster", state=state)


def test_another_version() -> None:
    with Simulator([AgentSpec(version="4.5.0.0"), AgentSpec(version="4.2.5.0")], speed=SPEED) as simulator:
        refuse(simulator, address(simulator, 1), "4.5.0.0", "4.2.5.0")


def test_an_identity_from_which_nothing_leads_on(simulator: Simulator) -> None:
    simulator.agents[1].identity = "TAKE OVER MASTER"
    refuse(simulator, address(simulator, 1), "TAKE OVER MASTER")


def test_a_wrong_root_password(simulator: Simulator) -> None:
    cluster(simulator, state="configured")
    refuse(simulator, "the password was refused", root_password="wr0ng#Password")
    refuse(simulator, "root_password is empty", root_password="")


def test_one_agent_twice(simulator: Simulator) -> None:
    servers = declared(simulator)["servers"]
    refuse(simulator, "twice", servers=[servers[0], servers[0]])
    refuse(simulator, "same agent", servers=[servers[0], {**servers[0], "host": "localhost"}])


def test_one_that_does_not_answer(simulator: Simulator) -> None:
    simulator.agents[1].stop()
    refuse(simulator, address(simulator, 1))


# Passwords of the agents.


def secured(simulator: Simulator) -> list[dict[str, t.Any]]:
    servers: list[dict[str, t.Any]] = declared(simulator)["servers"]
    return [{**server, "agent_password": f"{AGENT_PASSWORD}{index}"} for index, server in enumerate(servers)]


def test_agent_passwords_are_set_once_and_used() -> None:
    with Simulator(agents(3), speed=SPEED) as simulator:
        do = cluster(simulator, servers=secured(simulator))
        assert not do.get("failed"), do["msg"]
        assert sent(simulator) == ["POST agent/password"] * 3 + [*JOINED, *CONFIGURED, *INIT]
        assert [agent.agent_password for agent in simulator.agents] == [
            f"{AGENT_PASSWORD}{index}" for index in range(3)
        ]
        assert ROOT_PASSWORD not in str(do) and AGENT_PASSWORD not in str(do)
        again = cluster(simulator, servers=secured(simulator))
        assert (again["changed"], sent(simulator)) == (False, [])


def test_an_empty_agent_password_is_none() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        servers = [{**server, "agent_password": ""} for server in declared(simulator)["servers"]]
        do = cluster(simulator, agent_password="", servers=servers)
        assert not do.get("failed") and "POST agent/password" not in sent(simulator)


def test_a_refusal_to_set_a_password_can_be_read() -> None:
    """What follows the word is masked, so our own words must not."""
    with Simulator(agents(1), speed=SPEED) as simulator:
        simulator.agents[0].faults.append(Fault("unauthorized", path="agent/password", times=9))
        refused = cluster(simulator, servers=secured(simulator))
        url = f"http://{simulator.agents[0].host}:{simulator.agents[0].port}/api/v1/agent/password"
        assert refused["failed"] and f"POST {url} got status 401 (" in refused["msg"]
        assert "*" not in refused["msg"]


def test_agent_passwords_of_an_initialised_cluster() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        cluster(simulator)
        do = cluster(simulator, servers=secured(simulator))
        assert do["changed"] and sent(simulator) == ["POST agent/password"] * 2
        assert not cluster(simulator, servers=secured(simulator))["changed"]


@pytest.mark.parametrize("ours", [True, False])
def test_an_agent_password_is_not_taken_for_set_while_its_agent_does_not_answer(ours: bool) -> None:
    """As where it restarts just as an initialisation ends."""
    with Simulator(agents(2), speed=SPEED) as simulator:
        if not ours:
            Hold(simulator, "Start observer")
            simulator.start_init(root_password=ROOT_PASSWORD)
        if ours:
            cluster(simulator, state="configured", servers=secured(simulator))
            for agent in simulator.agents:
                agent.agent_password = ""

        def lose_sight(dag: Dag) -> None:
            if (dag.name, dag.state) == ("Initialize cluster", "SUCCEED"):
                simulator.agents[1].faults.append(Fault("reset", path="/info", times=3))

        number, servers = NUMBER if ours else 1, secured(simulator)
        done = cluster(simulator, cluster_id=number, servers=servers, on_change=lose_sight)
        assert not done.get("failed"), done["msg"]
        assert simulator.agents[1].faults[0].times == 0
        assert [agent.agent_password for agent in simulator.agents] == [f"{AGENT_PASSWORD}0", f"{AGENT_PASSWORD}1"]


def test_an_agent_password_that_nobody_can_look_at_is_told() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        cluster(simulator)
        simulator.agents[1].stop()
        done = cluster(simulator, servers=secured(simulator))
        assert done["steps"] == [f"set the agent password of {address(simulator, 0)}"]
        assert f"{address(simulator, 1)} does not respond" in done["msg"] and "agent password" in done["msg"]


def test_agents_that_know_no_agent_password() -> None:
    with Simulator(agents(2, "4.2.5.0"), speed=SPEED) as simulator:
        refuse(simulator, address(simulator, 0), "4.2.5.0", "agent password", "remove it", servers=secured(simulator))
        assert not cluster(simulator, state="absent", servers=secured(simulator)).get("failed")


def test_agent_passwords_that_are_wrong_or_missing() -> None:
    with Simulator(agents(2, agent_password="other"), speed=SPEED) as simulator:
        refuse(simulator, "agent password", address(simulator, 0))
        refuse(simulator, "password was refused", servers=secured(simulator))


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("configured", [True, False])
def test_a_wrong_agent_password_of_joined_agents_is_found_before_anything_is_sent(index: int, configured: bool) -> None:
    """A follower forwards almost everything to its master, and a master accepts the root password too."""
    with Simulator(agents(2), speed=SPEED) as simulator:
        cluster(simulator, state="configured", servers=secured(simulator))
        if not configured:
            simulator.agents[0].root_password = ""
        simulator.agents[index].agent_password = "An0ther#Password"
        for options in ({}, {"state": "configured"}, {"state": "absent"}):
            refuse(
                simulator,
                f"{address(simulator, index)} has another agent password",
                servers=secured(simulator),
                **options,
            )


def test_agent_passwords_are_verified_once_in_a_run() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        cluster(simulator, state="configured", servers=secured(simulator))
        assert not cluster(simulator, servers=secured(simulator)).get("failed")
        verified = [entry for entry in simulator.journal.entries if "/task/node/" in entry.uri]
        assert [(entry.status, entry.auth) for entry in verified] == [(404, "agent")] * 2


@pytest.mark.parametrize("index", [0, 1])
def test_an_agent_password_of_an_initialised_cluster_that_is_another(index: int) -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        cluster(simulator, servers=secured(simulator))
        simulator.agents[index].agent_password = "An0ther#Password"
        refuse(simulator, f"{address(simulator, index)} has another agent password", servers=secured(simulator))
        assert not cluster(simulator).get("failed")


def test_an_agent_password_of_a_master_that_is_not_given() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        simulator.agents[0].faults.append(Fault("unauthorized", path="observer/config", times=99))
        assert cluster(simulator, servers=secured(simulator))["failed"]
        simulator.agents[0].faults.clear()
        refuse(simulator, f"{address(simulator, 0)} has an agent password, but none is given for it")
        assert not cluster(simulator, servers=secured(simulator)).get("failed")


# Through any member.


def test_a_member_that_is_down_is_known_by_the_others(simulator: Simulator) -> None:
    cluster(simulator)
    for index in range(3):
        simulator.agents[index].stop()
        result = cluster(simulator)
        assert not result.get("failed") and not result["changed"], result["msg"]
        assert result["members"][index]["identity"] == "UNREACHABLE"
        assert f"{address(simulator, index)} does not respond" in result["msg"]
        simulator.agents[index].start()


@pytest.mark.parametrize("host", ["127.0.0.99", "no-such-host.invalid", "localhost"])
def test_only_an_address_of_its_own_tells_which_member_is_down(host: str) -> None:
    """Not that it is the only one of its port and zone."""
    with Simulator(agents(2), speed=SPEED) as simulator:
        cluster(simulator)
        servers = declared(simulator)["servers"]
        servers[1]["host"] = host
        simulator.agents[1].stop()
        result = cluster(simulator, servers=servers)
        if host == "localhost":
            assert not result.get("failed"), result["msg"]
            assert f"localhost:{simulator.agents[1].port} does not respond" in result["msg"]
        else:
            assert result["failed"] and host in result["msg"]


def test_a_member_that_is_down_is_of_its_zone() -> None:
    with Simulator(agents(2), speed=SPEED) as simulator:
        cluster(simulator)
        servers = declared(simulator)["servers"]
        servers[1]["zone"] = "zone9"
        simulator.agents[1].stop()
        refuse(simulator, address(simulator, 1), "zone2", "zone9", servers=servers)


@pytest.mark.parametrize("index", [0, 1])
def test_an_agent_restarts_in_the_middle(simulator: Simulator, index: int) -> None:
    Hold(simulator, "Start observer")
    simulator.start_init(root_password=ROOT_PASSWORD, ticks=3)
    agent = simulator.agents[index]
    agent.stop()
    if index == 0:
        # The first look is the time to say that somebody does not answer.
        assert cluster(simulator, cluster_id=1)["failed"]
        agent.start()

    def come_back(_dag: Dag) -> None:
        if agent.down:
            agent.start()

    done = cluster(simulator, cluster_id=1, on_change=come_back)
    assert not done.get("failed"), done["msg"]
    assert identities(simulator) == ["CLUSTER AGENT"] * 3


def test_all_agents_restart_as_somebody_elses_initialisation_ends(simulator: Simulator) -> None:
    Hold(simulator, "Start observer")
    simulator.start_init(root_password=ROOT_PASSWORD, ticks=3)
    restarted: list[Dag] = []

    def restart(dag: Dag) -> None:
        if (dag.name, dag.state) == ("Initialize cluster", "SUCCEED"):
            restarted.append(dag)
            for agent in simulator.agents:
                agent.restart(0.5)

    done = cluster(simulator, cluster_id=1, on_change=restart)
    assert not done.get("failed"), done["msg"]
    assert restarted


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_right_password_that_is_refused_for_a_moment_ends_no_wait(simulator: Simulator, times: int) -> None:
    """As was seen while agents turned into cluster agents."""
    Hold(simulator, "Start observer")
    dag_id = simulator.start_init(root_password=ROOT_PASSWORD, ticks=3)
    simulator.agents[0].faults.append(Fault("unauthorized", path=f"task/dag/{dag_id}", times=times))
    done = cluster(simulator, cluster_id=1)
    assert not done.get("failed"), done["msg"]
    assert simulator.agents[0].faults[0].times == 0
    assert identities(simulator) == ["CLUSTER AGENT"] * 3


def test_an_initialisation_is_followed_through_another_where_its_agent_falls_silent(simulator: Simulator) -> None:
    Hold(simulator, "Start observer")
    dag_id = simulator.start_init(root_password=ROOT_PASSWORD, ticks=3)
    simulator.agents[0].faults.append(Fault("reset", path=f"task/dag/{dag_id}", times=10**6))
    done = cluster(simulator, cluster_id=1)
    assert (done.get("failed"), done["dag"]["state"]) == (None, "SUCCEED"), done["msg"]


@pytest.mark.parametrize("recover", ["retry", "rollback"])
def test_an_operator_whose_answer_was_lost_is_sent_to_no_other(simulator: Simulator, recover: str) -> None:
    dag_id = fail_init(simulator)["dag"]["id"]
    simulator.agents[0].faults.append(Fault("lose_answer", method="POST", path=dag_id))
    done = cluster(simulator, recover=recover)
    assert not done.get("failed"), done["msg"]
    assert sent(simulator).count(f"POST task/dag/{dag_id}") == 1


@pytest.mark.parametrize("path", ["agent/join", "observer/config", "obcluster/config", "ob/init"])
@pytest.mark.parametrize("kind", ["lose_answer", "reset", "bad_gateway"])
def test_a_lost_answer_repeats_nothing(simulator: Simulator, path: str, kind: t.Any) -> None:
    check = cluster(simulator, check=True)
    simulator.agents[0].faults.append(Fault(kind, path=path))
    do = cluster(simulator)
    assert not do.get("failed"), do["msg"]
    assert identities(simulator) == ["CLUSTER AGENT"] * 3
    assert do["steps"] == check["steps"]
    applied = [entry for entry in simulator.journal.entries if entry.applied and "ob/init" in entry.uri]
    assert len(applied) == 1


def test_a_step_whose_name_has_a_password_in_it_hides_no_address(simulator: Simulator) -> None:
    simulator.agents[0].faults.append(Fault("reset", path="obcluster/config", times=9))
    failed = cluster(simulator)
    assert failed["failed"] and f"PUT http://{address(simulator, 0)}" in failed["msg"], failed["msg"]


@pytest.mark.parametrize("kind", ["reset", "bad_gateway"])
def test_what_was_lost_before_it_was_applied_is_no_change(simulator: Simulator, kind: t.Any) -> None:
    simulator.agents[0].faults.append(Fault(kind, path="agent/join", times=9))
    do = cluster(simulator)
    assert do["failed"] and "agent/join" in do["msg"] and "run this task again" in do["msg"]
    assert not any(entry.applied for entry in simulator.journal.entries if entry.method != "GET")
    assert (do["changed"], do["steps"]) == (False, [])
