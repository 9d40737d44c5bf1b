# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of the agents of a cluster, in which order, and what may be concluded from it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import (
    ClusterInfo,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.observe import observe
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import AgentError, Unauthorized, Unreachable

from .._dag.kind_dags import make_dag
from .observed_agent import DOWN, FAILING, LACKS, SET_NAME, SET_OPTIONS, Agent, dag, look, pool_of, refused


class Moving(Agent):
    """An agent whose DAG ends between two requests: it becomes the master, and is no longer locked."""

    def _answer(self, what: str) -> None:
        super()._answer(what)
        if what in ("status", "info"):
            before = self.journal.count("status") + self.journal.count("info") == 1
            self.identity, self.options["locked"] = ("SINGLE", True) if before else ("MASTER", False)


def test_an_agent_without_a_lock_has_the_identity_that_its_last_dag_gave_it() -> None:
    (member,) = look(Moving(1, "SINGLE")).members
    assert (member.identity, member.under_maintenance) == ("MASTER", True)


LATER: dict[str, tuple[dict[str, t.Any], bool]] = {
    "the name was set last": ({"maintain_agent": [dag(SET_NAME)]}, False),
    "options were set last": ({"maintain_agent": [dag(SET_OPTIONS)]}, True),
    "no DAG is known": ({"maintain_agent": LACKS}, False),
    "the given password of root is that of the cluster": ({"maintain_agent": [dag(SET_NAME)], "root": None}, False),
    "another password of root": ({"maintain_agent": [dag(SET_NAME)], "root": refused}, True),
    "no name": ({"maintain_agent": [dag(SET_OPTIONS)], "known": ClusterInfo(())}, False),
    "not configured": ({"maintain_agent": [dag(SET_OPTIONS)], "known": LACKS}, False),
    "a DAG is unfinished": ({"maintain_agent": [dag(SET_OPTIONS)], "unfinish": [dag("x", "RUNNING")]}, False),
}


@pytest.mark.parametrize("name", LATER)
def test_options_that_were_set_after_the_name(name: str) -> None:
    options, expected = LATER[name]
    observed = look(Agent(1, "MASTER", **options))
    assert observed.options_set_later == expected
    listed = "unfinish" not in options and isinstance(options["maintain_agent"], list)
    assert observed.last_maintenance_dag == (options["maintain_agent"][0].id if listed else "")


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        ([Agent(1, "CLUSTER AGENT")], False),
        ([Agent(1, "FOLLOWER"), Agent(2, "FOLLOWER")], False),
        ([Agent(1, "MASTER", root=None), Agent(2, "MASTER", root=refused)], True),
        ([Agent(1, "MASTER", root=None), Agent(2, "MASTER", root=None)], False),
    ],
    ids=lambda value: " and ".join(one.identity for one in value) if isinstance(value, list) else str(value),
)
def test_the_options_of_every_master_count_and_of_no_other_agent(agents: list[Agent], expected: bool) -> None:
    assert look(*agents).options_set_later == expected


UNREACHABLE: dict[str, tuple[str, list[Dag], bool]] = {
    "a cluster agent that is down": ("CLUSTER AGENT", [], True),
    "a follower that is down": ("FOLLOWER", [], False),
    "a follower that a running DAG may restart": ("FOLLOWER", [dag("Initialize cluster", "RUNNING")], True),
    "a follower of a failed DAG": ("FOLLOWER", [dag("Initialize cluster", "FAILED")], False),
    "an unknown agent": ("", [], False),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_an_agent_that_does_not_respond(name: str) -> None:
    identity, unfinished, accepted = UNREACHABLE[name]
    down = Agent(2, identity, error=DOWN)
    master = Agent(1, "CLUSTER AGENT" if identity == "CLUSTER AGENT" else "MASTER", unfinish=unfinished)
    master.known = ClusterInfo((master.peer, *([down.peer] if identity else [])), "obdemo", 1)
    if accepted:
        assert [member.identity for member in look(master, down).members] == [master.identity, ""]
    else:
        with pytest.raises(Unreachable, match="refused"):
            look(master, down)


def test_no_agent_responds() -> None:
    with pytest.raises(Unreachable, match="refused"):
        look(Agent(1, "", error=DOWN), Agent(2, "", error=DOWN))


REFUSALS: dict[str, tuple[list[Agent], str | None]] = {
    "root's password": ([Agent(1, "CLUSTER AGENT", root=refused)], "192.0.2.1:2886 has another password of root@sys"),
    "an agent password": (
        [Agent(1, "MASTER", security=True, agent_password="x", other_agent_password=refused)],
        "192.0.2.1:2886 has another agent password than the one given for it",
    ),
    "an agent password that is not given": (
        [Agent(1, "MASTER", security=True, known=refused)],
        "192.0.2.1:2886 has an agent password, but none is given",
    ),
    "none": ([Agent(1, "MASTER", security=True, agent_password="x"), Agent(2, "SINGLE", agent_password="y")], None),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_passwords(name: str) -> None:
    agents, message = REFUSALS[name]
    if message:
        with pytest.raises(Unauthorized) as caught:
            look(*agents)
        assert caught.value.message.startswith(message)
    else:
        look(*agents)
        assert ["agent password" in agent.journal for agent in agents] == [True, False]


FAILED_STEP, DONE_STEP = dag("Start observer", "FAILED", agent=2), dag("Start observer", agent=2)
# Who the agents are, and the DAGs that count as unfinished.
DAGS: dict[str, tuple[list[Agent], list[Dag]]] = {
    "a locked follower's, by its master": (
        [Agent(1, "MASTER", maintain_agents=[FAILED_STEP, dag("x")]), Agent(2, "FOLLOWER", locked=True)],
        [FAILED_STEP],
    ),
    "one that has ended": (
        [Agent(1, "MASTER", maintain_agents=[DONE_STEP]), Agent(2, "FOLLOWER", locked=True)],
        [],
    ),
    "of a follower without a lock": (
        [Agent(1, "MASTER", maintain_agents=[FAILED_STEP]), Agent(2, "FOLLOWER")],
        [],
    ),
    "of a follower whose master is single": (
        [Agent(1, "SINGLE"), Agent(2, "FOLLOWER", locked=True, maintain_agent=[FAILED_STEP])],
        [FAILED_STEP],
    ),
    "of a cluster agent without its database": (
        [Agent(1, "CLUSTER AGENT"), Agent(2, "CLUSTER AGENT", database=1, maintain_agent=[FAILED_STEP])],
        [FAILED_STEP],
    ),
    "of a cluster agent with its database": (
        [Agent(1, "CLUSTER AGENT"), Agent(2, "CLUSTER AGENT", maintain_agent=[FAILED_STEP])],
        [],
    ),
    "of a locked single agent": ([Agent(2, "SINGLE", locked=True, unfinish=[FAILED_STEP])], [FAILED_STEP]),
    "of a single agent with a declared password": (
        [Agent(2, "SINGLE", security=True, agent_password="x", unfinish=[FAILED_STEP])],
        [FAILED_STEP],
    ),
    "of a single agent that may have left a cluster": (
        [Agent(2, "SINGLE", version="4.2.5.0-1", unfinish=[FAILED_STEP])],
        [FAILED_STEP],
    ),
    "of a single agent without a lock": ([Agent(2, "SINGLE", unfinish=[FAILED_STEP])], []),
}


@pytest.mark.parametrize("name", DAGS)
def test_which_dags_are_unfinished(name: str) -> None:
    agents, expected = DAGS[name]
    known = ClusterInfo(tuple(agent.peer for agent in agents if agent.identity != "SINGLE"), "obdemo", 1)
    for agent in agents:
        agent.known = known
    assert list(look(*agents).dags) == expected


@pytest.mark.parametrize("route", ["known", "maintain_agent", "unfinish"])
def test_an_agent_that_fails_is_not_taken_for_one_that_lacks_a_route(route: str) -> None:
    with pytest.raises(AgentError):
        look(Agent(1, "MASTER", **{route: FAILING}))


@pytest.mark.parametrize("identity", ["MASTER", "SINGLE"])
def test_a_failed_initialisation_beside_the_one_that_owns_the_cluster_is_left_over(identity: str) -> None:
    failed, owner = (
        Dag.from_api({**make_dag("Initialize cluster", "Start observer", state=state, number=number).raw, "id": dag_id})
        for state, number, dag_id in (("FAILED", 3, "23221225985028863"), ("RUNNING", 4, "23221225985028864"))
    )
    lists: dict[str, t.Any] = {"unfinish": [failed, owner], "maintain_agents": [owner]}
    observed = look(Agent(1, identity, version="4.2.5.0-1", **lists))
    assert (observed.dags, observed.left_over) == ((owner,), (failed,))


@pytest.mark.parametrize("locked", [True, False])
def test_one_locked_agent_locks_the_cluster(locked: bool) -> None:
    pool = pool_of(Agent(1, "SINGLE"), Agent(2, "SINGLE", locked=locked))
    observe(pool)
    assert pool.locked == locked
