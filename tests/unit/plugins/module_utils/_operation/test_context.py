# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the agent before an operator, with how many reads, and what is sent without consent: nothing."""

from __future__ import annotations

import contextlib
import itertools
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag, parse_time
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    NotFound,
    ObshellError,
    Refused,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.context import ContextReader
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.foreign import ForeignAgents
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.operate import operate
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import OperationRequest
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import Waiter

from .._dag.kind_dags import ENDED, HOME, make_dag

TENANT: dict[str, t.Any] = {"maintenance_type": 3, "maintenance_key": "t1"}
CREATE = make_dag("Create tenant t1", "Create tenant", **TENANT)
DROP = make_dag("Drop tenant", "Drop tenant", number=13, **TENANT)
UPGRADE = make_dag("Upgrade check OB 4.3-1", "Create upgrade dir")
PART = make_dag("Stop observer of 110", "Start preparations")
UNKNOWN_PART = Dag.from_api({**PART.raw, "name": "Polish observer", "state": "RUNNING"})
MAIN = Dag.from_api({**UPGRADE.raw, "id": "110", "dag_id": 10, "name": "Stop OB"})
OF_THE_AGENT = {"id": "232212259850288612", "dag_id": 12}
OF_ANOTHER_AGENT = {"id": "232212259860288612", "dag_id": 12}
# A DAG is found among the unfinished ones, with their details.
FOUND = "dag/unfinish"
LACKS = AgentError("GET", status=404, error={}, trace_id="")
TOO_MANY_FILES = AgentError("GET", status=500, error={"code": 1010}, trace_id="")
UNREACHABLE = Unreachable("reset", sent=True)


class FakeClient:
    """An agent with lists of DAGs; a list can be an error. It journals each request."""

    where = "http://192.0.2.1:2886"

    def __init__(self, dag: Dag, *lists: tuple[str, t.Any], now: float | None = None) -> None:
        self.dag = dag
        self.lists = dict(lists)
        self.now = parse_time(ENDED) if now is None else now
        self.requests: list[str] = []
        self.trace_ids: list[str] = []
        self.known = {"110"}
        self.own: Address | None = Address("192.0.2.1", 2886)

    def list_dags(self, route: str, *, details: bool, unreadable: t.Any = None) -> list[Dag]:
        self.requests.append(route)
        listed = self.lists.get(route, [])
        if isinstance(listed, ObshellError):
            raise listed
        return list(listed)

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        self.requests.append(dag_id)
        return MAIN if dag_id == MAIN.id else self.dag

    def info(self) -> AgentInfo:
        self.requests.append("info")
        version = "4.2.5.0-1" if LACKS in self.lists.values() else "4.5.0.0-1"
        return AgentInfo.from_api({"ip": "192.0.2.1", "port": 2886, "homePath": HOME, "version": version})

    def has_seen(self, dag_id: str) -> bool:
        return dag_id in self.known

    def agent_time(self) -> float | None:
        return self.now

    def own_address(self) -> Address | None:
        return self.own

    def operate_dag(self, dag_id: str, operator: str) -> None:
        self.requests.append(operator)

    def run(self, operator: str, **options: t.Any) -> dict[str, t.Any]:
        request = OperationRequest(operator=operator, id=self.dag.id, wait=False, **options)
        return operate(t.cast("t.Any", self), request, Waiter.start(timeout=60, interval=10))

    def context(self) -> t.Any:
        return ContextReader(t.cast("t.Any", self)).context_of(self.dag)


def test_a_cluster_dag_is_looked_up_in_the_list_of_the_cluster() -> None:
    client = FakeClient(CREATE, ("dags/ob", [CREATE, DROP]))
    context = client.context()
    assert client.requests == ["dags/ob"]
    assert (context.others, context.now) == ((CREATE, DROP), parse_time(ENDED))


def test_a_dag_of_an_unknown_kind_may_depend_on_any_other() -> None:
    unknown = Dag.from_api({**CREATE.raw, "name": "Polish tenant"})
    client = FakeClient(unknown, ("dags/ob", [unknown, DROP]))
    assert client.context().others == (unknown, DROP)


def test_a_running_part_depends_on_its_main_dag_alone() -> None:
    client = FakeClient(Dag.from_api({**PART.raw, "state": "RUNNING"}))
    assert (client.context().main, client.requests) == (MAIN, ["110"])


def test_a_dag_of_an_agent_is_looked_up_in_the_list_of_the_agent() -> None:
    dag = Dag.from_api({**make_dag("Update cluster config", "Update cluster config").raw, **OF_THE_AGENT})
    client = FakeClient(dag, ("dags/agent", [dag]))
    assert (client.context().others, client.requests) == ((dag,), ["dags/agent"])


def test_before_4_3_the_list_of_unfinished_ones_has_to_do() -> None:
    client = FakeClient(CREATE, ("dags/ob", LACKS), ("dag/unfinish", [CREATE]))
    assert client.context().others == (CREATE,)
    assert client.requests == ["dags/ob", "dag/unfinish"]


def test_without_any_list_other_dags_are_unknown() -> None:
    client = FakeClient(CREATE, ("dags/ob", LACKS), ("dag/unfinish", LACKS))
    assert (client.context().others, client.requests) == (None, ["dags/ob", "dag/unfinish"])


@pytest.mark.parametrize("answer", [[], [DROP], TOO_MANY_FILES, UNREACHABLE])
def test_a_list_that_does_not_show_the_dag_itself_is_not_trusted(answer: t.Any) -> None:
    client = FakeClient(CREATE, ("dags/ob", answer))
    assert (client.context().others, client.requests) == (None, ["dags/ob"])


def test_a_dag_of_another_agent_that_keeps_its_lock_is_looked_up_among_the_unfinished_ones() -> None:
    """While it is FAILED, no other DAG of its agent gets the lock."""
    part = Dag.from_api({**PART.raw, **OF_ANOTHER_AGENT})
    client = FakeClient(part, ("dag/unfinish", [part, MAIN]))
    context = client.context()
    assert (context.others, context.main) == ((part, MAIN), MAIN)
    assert client.requests == ["dag/unfinish"]


@pytest.mark.parametrize("operator", ["ROLLBACK", "RETRY"])
def test_a_part_of_another_agent_whose_main_dag_no_list_shows_costs_two_reads(operator: str) -> None:
    """The list of the agent that is asked cannot show it."""
    part = Dag.from_api({**make_dag("Start observer of 110", "Start preparations").raw, **OF_ANOTHER_AGENT})
    client = FakeClient(part, ("dag/unfinish", [part]))
    with pytest.raises(Refused):
        client.run(operator, foreign_agents=ForeignAgents(allowed=True))
    assert client.requests == [FOUND, "dag/unfinish", "110"]


def test_through_a_socket_the_list_of_the_agent_shows_whose_a_dag_is() -> None:
    own = Dag.from_api({**PART.raw, **OF_THE_AGENT})
    client = FakeClient(own, ("dags/agent", [own]))
    client.own = None
    assert (client.context().others, client.requests) == ((own,), ["dags/agent", "110"])
    other = Dag.from_api({**PART.raw, **OF_ANOTHER_AGENT})
    client = FakeClient(other, ("dags/agent", [own]), ("dag/unfinish", [other]))
    client.own = None
    context = client.context()
    assert (context.others, context.main) == ((own, other), None)
    assert client.requests == ["dags/agent", "dag/unfinish"]


@pytest.mark.parametrize(("listed", "known"), [(True, True), (False, False)])
def test_the_main_dag_of_a_part_on_another_agent_may_be_one_of_the_asked_agent(listed: bool, known: bool) -> None:
    """It is not read by its ID too: that would be a third read."""
    main = Dag.from_api({**MAIN.raw, **OF_THE_AGENT})
    name = f"Stop observer of {main.id}"
    part = Dag.from_api({**make_dag(name, "Start preparations").raw, **OF_ANOTHER_AGENT})
    client = FakeClient(part, ("dags/agent", [main] if listed else [DROP]), ("dag/unfinish", [part]))
    client.known.add(main.id)
    assert client.context().main == (main if known else None)
    assert client.requests == ["dags/agent", "dag/unfinish"]


def at_each_node() -> t.Iterator[Dag]:
    for kind in KINDS:
        for name, node in itertools.product(kind.names, kind.nodes):
            plain = name.replace("*", "x") + (" of 110" if kind.is_part else "")
            with contextlib.suppress(StopIteration):
                yield make_dag(plain, node.replace("*", "x"))


@pytest.mark.parametrize("place", [{}, OF_THE_AGENT, OF_ANOTHER_AGENT])
@pytest.mark.parametrize("before_4_3", [False, True])
@pytest.mark.parametrize("shown", [False, True])
def test_no_dag_of_any_kind_costs_more_than_two_reads(place: dict[str, t.Any], before_4_3: bool, shown: bool) -> None:
    dags = [Dag.from_api({**dag.raw, **place}) for dag in at_each_node()]
    assert len(dags) > 200
    for dag in dags:
        listed: t.Any = [dag] if shown else []
        lists = dict.fromkeys(("dags/ob", "dags/agent"), LACKS if before_4_3 else listed)
        client = FakeClient(dag, *lists.items(), ("dag/unfinish", [dag]))
        client.context()
        assert len(client.requests) <= 2, (dag.name, client.requests)


def test_a_malformed_id_of_a_main_dag_names_no_agent() -> None:
    part = Dag.from_api({**make_dag("Stop observer of x", "Start preparations").raw, **OF_ANOTHER_AGENT})
    client = FakeClient(part, ("dag/unfinish", [part]))
    assert (client.context().main, client.requests) == (None, ["dag/unfinish"])


@pytest.mark.parametrize("unfinished", [[], [MAIN], TOO_MANY_FILES, UNREACHABLE])
def test_a_dag_of_another_agent_that_no_list_shows_leaves_the_others_unknown(unfinished: t.Any) -> None:
    part = Dag.from_api({**PART.raw, **OF_ANOTHER_AGENT})
    client = FakeClient(part, ("dag/unfinish", unfinished))
    client.known.clear()
    assert (client.context().others, client.requests) == (None, ["dag/unfinish"])


def test_the_unfinished_ones_do_not_show_who_had_the_lock_of_a_dag_that_gave_it_back() -> None:
    stopped = Dag.from_api({**make_dag("Kill observer", "Kill observer").raw, **OF_ANOTHER_AGENT})
    client = FakeClient(stopped, ("dag/unfinish", [stopped]))
    assert (client.context().others, client.requests) == (None, [])


@pytest.mark.parametrize(
    "dag",
    [
        make_dag("Initialize cluster", "Start observer"),
        make_dag("Create tenant t1", "Create tenant", state="RUNNING"),
        make_dag("Start obproxy", "Start obproxy"),
        make_dag("Add obproxy", "Check obproxy status", id="4322122598502886112", maintenance_type=4),
        UNKNOWN_PART,
    ],
    ids=lambda dag: dag.name,
)
def test_nothing_is_read_for_what_depends_on_nothing(dag: Dag) -> None:
    client = FakeClient(dag)
    assert (client.context().others, client.requests) == (None, [])


def test_the_directory_is_read_only_for_upgrades() -> None:
    for lists in ([], [("dags/ob", LACKS)]):
        client = FakeClient(UPGRADE, *lists)
        assert (client.context().home_path, client.requests) == (HOME, ["info"])


def test_the_main_dag_is_taken_from_the_list_or_read_if_a_list_showed_it() -> None:
    listed = FakeClient(PART, ("dags/ob", [PART, MAIN]))
    assert (listed.context().main, listed.requests) == (MAIN, ["dags/ob"])
    seen = FakeClient(PART, ("dags/ob", [PART]))
    assert (seen.context().main, seen.requests) == (MAIN, ["dags/ob", "110"])
    seen.known.clear()
    assert seen.context().main is None and seen.requests.count("110") == 1


@pytest.mark.parametrize("error", [NotFound("gone"), UNREACHABLE])
def test_a_main_dag_that_cannot_be_read_is_unknown(error: ObshellError, monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(PART, ("dags/ob", [PART]))

    def fail(*_arguments: t.Any, **_options: t.Any) -> Dag:
        raise error

    monkeypatch.setattr(client, "get_dag", fail)
    assert client.context().main is None


@pytest.mark.parametrize("check", [False, True])
def test_a_tenant_is_not_dropped_without_consent(check: bool) -> None:
    client = FakeClient(CREATE, ("dag/unfinish", [CREATE]), ("dags/ob", [CREATE]))
    with pytest.raises(Refused, match=r"Set accept to \[tenant_drop\]") as caught:
        client.run("ROLLBACK", check=check)
    assert caught.value.result["missing_accept"] == ["tenant_drop"]
    assert caught.value.result["operators"]["ROLLBACK"]["accept"] == ["tenant_drop"]
    assert client.requests == ["dag/unfinish", "dags/ob"]


def test_a_tenant_is_dropped_with_consent() -> None:
    client = FakeClient(CREATE, ("dag/unfinish", [CREATE]), ("dags/ob", [CREATE]))
    result = client.run("ROLLBACK", accept=frozenset({"tenant_drop"}))
    assert (result["applied"], client.requests) == (True, ["dag/unfinish", "dags/ob", "ROLLBACK"])


def test_each_missing_name_is_told() -> None:
    client = FakeClient(CREATE, ("dag/unfinish", [CREATE]), ("dags/ob", TOO_MANY_FILES))
    with pytest.raises(Refused, match=r"Set accept to \[tenant_drop, may_be_in_use\]") as caught:
        client.run("ROLLBACK", accept=frozenset({"tenant_drop"}))
    assert caught.value.result["missing_accept"] == ["may_be_in_use"]
    assert "ROLLBACK" not in client.requests


def test_a_tenant_that_another_dag_works_on_is_left_alone() -> None:
    client = FakeClient(CREATE, ("dag/unfinish", [CREATE]), ("dags/ob", [CREATE, DROP]))
    with pytest.raises(Refused, match=DROP.id):
        client.run("ROLLBACK", accept=frozenset({"tenant_drop", "may_be_in_use"}))
    assert "ROLLBACK" not in client.requests
