# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an inventory: stable names, what is known of each agent, and the groups of each."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.masking import Masker
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.undeclared_secrets import MASK
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.survey import (
    COMPLETENESS_UNKNOWN,
    Survey,
    survey,
)
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._agent_addresses import describe_shared
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._agent_hosts import AgentHost, make_hosts

from ..module_utils._dag.kind_dags import make_dag
from ..module_utils._operation.surveyed_agent import UNREADABLE_DAG, SurveyedAgent

DEAD = Unreachable("refused", sent=False)
BROKEN = AgentError("GET", status=500, error={"message": "with secret-1"}, trace_id="")
ONE_PER_CLUSTER = "obshell_one_per_cluster"


def asked(host: str, port: int = 2886) -> Address:
    return Address(host, port)


def of(*dags: t.Any, **agent: t.Any) -> Survey:
    return survey(t.cast("t.Any", SurveyedAgent(*dags, **agent)))


def dead(where: str = "http://192.0.2.2:2886") -> Survey:
    return Survey(where, error=DEAD)


def hosts(surveys: dict[Address, Survey], *, port: int = 2886, secrets: tuple[str, ...] = ()) -> dict[str, AgentHost]:
    made = make_hosts(surveys, default_port=port, masker=Masker(secrets))
    assert len({host.name for host in made}) == len(made)
    return {host.name: host for host in made}


def test_a_member_that_does_not_answer_has_what_its_cluster_says() -> None:
    found = hosts({asked("192.0.2.1"): of(identity="CLUSTER AGENT"), asked("192.0.2.2"): dead()})
    answering, silent = found["192.0.2.1"], found["192.0.2.2"]
    assert silent.variables == {
        "ansible_host": "192.0.2.2",
        "obshell_host": "192.0.2.2",
        "obshell_port": 2886,
        "obshell_address": "192.0.2.2:2886",
        "obshell_reachable": False,
        "obshell_error": "refused",
        "obshell_type": None,
        "obshell_identity": "CLUSTER AGENT",
        "obshell_zone": "zone2",
        "obshell_version": None,
        "obshell_ob_version": None,
        "obshell_cluster_name": "prod",
        "obshell_cluster_id": 7,
        "obshell_under_maintenance": None,
        "obshell_database_up": None,
        "obshell_failed_dags": None,
        "obshell_incomplete": silent.variables["obshell_incomplete"],
    }
    assert silent.groups == ["obshell_cluster_prod_7", "obshell_identity_cluster agent", "obshell_zone_zone2"]
    assert answering.groups == [
        *("obshell_cluster_prod_7", "obshell_identity_cluster agent", "obshell_zone_zone1"),
        ONE_PER_CLUSTER,
    ]


def test_a_seed_that_nobody_knows_stays_a_host() -> None:
    (host,) = hosts({asked("db1"): dead()}).values()
    assert (host.name, host.groups) == ("db1", [ONE_PER_CLUSTER])


def test_each_cluster_has_one_agent_in_the_group_the_first_that_answers() -> None:
    surveys = {
        asked("192.0.2.2"): dead(),
        asked("192.0.2.3"): of(number=3, peers=(2, 3)),
        asked("192.0.2.5"): of(number=5, peers=(5, 6), name="other"),
        asked("192.0.2.6"): of(number=6, peers=(5, 6), name="other"),
        asked("192.0.2.9"): of(number=9, peers=(9,), identity="SINGLE", name=""),
        asked("192.0.2.11"): of(number=11, peers=(11, 12), errors={"dag/unfinish": DEAD}),
        asked("192.0.2.12"): of(number=12, peers=(11, 12)),
        asked("192.0.2.13"): dead(),
        asked("192.0.2.14"): of(number=14, peers=(13, 14), errors={"dag/unfinish": DEAD}),
    }
    chosen = [host.name for host in hosts(surveys).values() if ONE_PER_CLUSTER in host.groups]
    assert chosen == ["192.0.2.3", "192.0.2.5", "192.0.2.9", "192.0.2.12", "192.0.2.14"]


def test_a_cluster_that_grows_has_one_agent_in_the_group() -> None:
    surveys = {asked("192.0.2.1"): of(number=1, peers=(1, 2, 3)), asked("192.0.2.2"): of(number=2)}
    chosen = [host.name for host in hosts(surveys).values() if ONE_PER_CLUSTER in host.groups]
    assert chosen == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("surveys", "names"),
    [
        # Its name, and through a tunnel: the address in the cluster counts.
        ({asked("db1"): of()}, ["192.0.2.1"]),
        ({asked("127.0.0.1", 12886): of()}, ["192.0.2.1"]),
        # The same agent twice, once at an address that does not answer from here.
        ({asked("192.0.2.1"): dead(), asked("db1"): of()}, ["192.0.2.1"]),
        ({asked("db1"): of(), asked("192.0.2.1"): dead()}, ["192.0.2.1"]),
    ],
)
def test_a_host_has_the_address_in_its_cluster_as_its_name(surveys: dict[Address, Survey], names: list[str]) -> None:
    found = hosts(surveys)
    assert list(found) == names
    (host,) = found.values()
    (answering,) = (address for address, survey in surveys.items() if survey.reachable)
    assert (host.variables["obshell_host"], host.variables["obshell_port"]) == answering
    assert host.variables["obshell_reachable"] and host.variables["ansible_host"] == answering.host


def test_only_another_port_than_that_of_the_inventory_is_in_a_name() -> None:
    surveys = {asked("192.0.2.1"): of(), asked("192.0.2.7", 2887): dead(), asked("2001:db8::1", 2887): dead()}
    assert list(hosts(surveys)) == ["192.0.2.1", "192.0.2.7:2887", "[2001:db8::1]:2887"]
    assert list(hosts(surveys, port=2887)) == ["192.0.2.1:2886", "192.0.2.7", "2001:db8::1"]


def at_loopback(agent: SurveyedAgent) -> Survey:
    agent.own["ip"] = "127.0.0.1"
    return survey(t.cast("t.Any", agent))


def test_agents_that_all_call_themselves_loopback_are_not_one() -> None:
    surveys = {
        asked(f"192.0.2.{number}"): at_loopback(SurveyedAgent(peers=(), identity="SINGLE", name=""))
        for number in (1, 2)
    }
    assert list(hosts(surveys)) == ["192.0.2.1", "192.0.2.2"]


def in_private_network(**agent: t.Any) -> Survey:
    """An agent that knows itself as 192.0.2.1, as agents of other networks do."""
    return of(number=1, **agent)


@pytest.mark.parametrize(
    "others", [{"name": "billing"}, {"peers": (1, 3)}, {"name": "", "peers": (1,), "identity": "SINGLE"}]
)
def test_agents_of_two_clusters_that_know_themselves_by_the_same_address_are_two_hosts(others: t.Any) -> None:
    surveys = {asked("10.0.0.1"): in_private_network(), asked("10.0.0.2", 2887): in_private_network(**others)}
    found = hosts(surveys)
    assert list(found) == ["10.0.0.1", "10.0.0.2:2887"]
    assert [host.variables["obshell_host"] for host in found.values()] == ["10.0.0.1", "10.0.0.2"]
    assert {host.variables["obshell_address"] for host in found.values()} == {"192.0.2.1:2886"}
    (warning,) = describe_shared(surveys)
    assert "10.0.0.1:2886 and 10.0.0.2:2887 all have the address 192.0.2.1:2886, but different clusters" in warning


@pytest.mark.parametrize("second", [of(), of(errors={"cluster_info": BROKEN})])
def test_agents_that_can_be_one_are_one_host_and_a_warning(second: Survey) -> None:
    surveys = {asked("192.0.2.1"): of(), asked("db1"): second}
    assert list(hosts(surveys)) == ["192.0.2.1"]
    (warning,) = describe_shared(surveys)
    assert "192.0.2.1:2886 and db1:2886 all have the address 192.0.2.1:2886. They count as one agent" in warning


def test_an_agent_that_answers_at_one_address_alone_is_no_warning() -> None:
    assert describe_shared({asked("192.0.2.1"): dead(), asked("db1"): of(), asked("192.0.2.2"): of(number=2)}) == []


def test_failed_dags_are_null_unless_they_were_listed() -> None:
    failed = make_dag("Create tenant t1", "Modify tenant whitelist")
    running = make_dag("Create tenant t2", "Modify tenant whitelist", state="RUNNING", number=13)
    listed = {"obshell_failed_dags": [{"id": failed.id, "name": "Create tenant t1"}]}
    for found, expected in (
        (of(failed, running), listed),
        (of(failed, errors={"cluster_info": BROKEN}), listed),
        (dataclasses.replace(of(failed), incomplete=COMPLETENESS_UNKNOWN, error=DEAD), listed),
        (of(failed, unreadable=[UNREADABLE_DAG]), listed),
        (of(), {"obshell_failed_dags": []}),
        (of(running), {"obshell_failed_dags": []}),
        (of(unreadable=[UNREADABLE_DAG]), {"obshell_failed_dags": None}),
        (of(running, unreadable=[UNREADABLE_DAG]), {"obshell_failed_dags": None}),
        (of(identity="SCALING OUT", errors={"dag/unfinish": BROKEN}), {"obshell_failed_dags": None}),
        (of(identity="CLUSTER AGENT", observer_state=1), {"obshell_failed_dags": None}),
        (of(errors={"dag/unfinish": DEAD}), {"obshell_failed_dags": None}),
    ):
        variables = hosts({asked("192.0.2.1"): found})["192.0.2.1"].variables
        assert variables.items() >= expected.items()


def test_a_secret_in_what_an_agent_says_is_masked_but_not_what_identifies_it() -> None:
    found = of(errors={"cluster_info": BROKEN}, name="prod")
    (host,) = hosts({asked("192.0.2.1"): found}, secrets=("secret-1", "zone1")).values()
    assert f"with {MASK}" in host.variables["obshell_error"] and "secret-1" not in str(host)
    assert host.variables["obshell_zone"] == "zone1"


def test_what_a_terminal_would_act_on_is_escaped() -> None:
    agent = SurveyedAgent(name="\x1b[2J")
    agent.own["zone"] = "\x1b[1m"
    (host,) = hosts({asked("192.0.2.1"): survey(t.cast("t.Any", agent))}).values()
    assert "\x1b" not in str(host.variables)
    assert (host.variables["obshell_cluster_name"], host.variables["obshell_zone"]) == (r"\x1b[2J", r"\x1b[1m")
