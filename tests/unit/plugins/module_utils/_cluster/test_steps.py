# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One step: what becomes of its request, which DAG is waited for, through whom, and how it ends."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.info import AgentInfo
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import steps
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.actions import Secrets
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    AWAIT_AGENTS,
    AWAIT_DAG,
    CONFIGURE_ALL,
    INIT,
    JOIN,
    RETRY,
    ROLLBACK,
    DesiredCluster,
    Member,
    ObservedCluster,
    Server,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.record import RunRecord
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.steps import RunPolicy, StepRunner
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    Ended,
    ObshellError,
    Refused,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import SliceEnded, TimeSlice, Waiter

FIRST, SECOND = (Server(f"192.0.2.{number}", 2886, f"zone{number}") for number in (1, 2))
DESIRED = DesiredCluster("initialized", "obdemo", 1, (FIRST, SECOND))
OPTIONS, START = Step(CONFIGURE_ALL, "set the options"), Step(INIT, "initialise the cluster")
LOST, NOT_SENT = (Unreachable("reset", sent=sent) for sent in (True, False))
DENIED, BROKEN = (AgentError("PUT", status=status, error={"code": 1002}, trace_id="") for status in (400, 500))
UNAUTHORIZED = Unauthorized("PUT", status=401, error={}, trace_id="")


def dag(state: str, *, agent: int = 1, number: int = 5) -> Dag:
    raw = {"id": f"2322122598{4 + agent}02886{number}", "name": "Initialize cluster", "state": state, "operator": "RUN"}
    return Dag.from_api({**raw, "start_time": "", "dag_id": number, "stage": 1, "max_stage": 1, "nodes": []})


class Agents:
    """The agents of a cluster, whose DAG is `states` in turn; `asked` journals who was asked."""

    def __init__(self, *identities: str, states: t.Sequence[str] = ("RUNNING", "SUCCEED")) -> None:
        self.states = list(states)
        self.asked: list[str] = []
        self.remembered: list[str] = []
        servers = (FIRST, SECOND)
        self.clients = {server: Client(self, str(server)) for server in servers}
        self.members = tuple(Member(s, Address(s.host, 2886), identity) for s, identity in zip(servers, identities))
        self.identities: list[str] = []

    def any_of(self, observed: ObservedCluster, *, first: Server | None = None) -> Client:
        return Client(self, f"any, {first} first")

    def remember_dag(self, dag_id: str) -> None:
        self.remembered.append(dag_id)


class Client:
    """A client of one agent, or of any."""

    where = "the agents"

    def __init__(self, agents: Agents, name: str) -> None:
        self.agents, self.name = agents, name

    def get_dag(self, dag_id: str, *, details: bool = True) -> Dag:
        self.agents.asked.append(self.name)
        states = self.agents.states
        return dag(states.pop(0) if len(states) > 1 else states[0])

    def info(self) -> AgentInfo:
        return AgentInfo.from_api({"identity": self.agents.identities.pop(0), "ip": "192.0.2.1", "port": 2886})


class Case:
    """A runner with its record, for requests that are answered with `answer`."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        agents: Agents,
        answer: t.Any = None,
        *,
        owner: Dag | None = None,
        time_slice: TimeSlice | None = None,
        **policy: t.Any,
    ) -> None:
        def send(*_what: t.Any, **_secrets: t.Any) -> Dag | None:
            if isinstance(answer, ObshellError):
                raise answer
            return t.cast("Dag | None", answer)

        self.agents = agents
        self.record = RunRecord(DESIRED)
        self.record.observed = ObservedCluster(agents.members)
        monkeypatch.setattr(steps, "send", send)
        monkeypatch.setattr(steps, "find_owner", lambda client, failed: owner)
        waiter = Waiter.start(timeout=60, interval=10, time_slice=time_slice)
        pool: t.Any = agents
        self.runner = StepRunner(
            pool, DESIRED, self.record, waiter, policy=RunPolicy(**policy), secrets=Secrets("root")
        )

    @property
    def progressed(self) -> tuple[bool, bool, bool]:
        progressed = self.record.progressed
        return "" in progressed.configured, progressed.init, progressed.waited_for_dag


@pytest.fixture(autouse=True)
def fixture_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    clock = {"clock": lambda: now[0], "sleep": lambda seconds: now.append(now.pop() + seconds)}
    monkeypatch.setattr(_polling.Deadline.__init__, "__kwdefaults__", clock)


# The answer to the request, whether it changed something, whether that is in doubt, and the refusal.
ANSWERS: dict[str, tuple[t.Any, bool, bool, AgentError | None]] = {
    "a DAG": (dag("READY"), True, False, None),
    "no DAG": (None, True, False, None),
    "a refusal": (DENIED, False, False, DENIED),
    "a failure": (BROKEN, False, True, BROKEN),
    "lost": (LOST, False, True, None),
    "not sent": (NOT_SENT, False, False, None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_became_of_a_request(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    answer, changed, doubted, refused = ANSWERS[name]
    case = Case(monkeypatch, Agents("MASTER"), answer)
    case.runner.run(OPTIONS)
    assert (case.record.changed, bool(case.record.caveat), case.runner.refused) == (changed, doubted, refused)
    assert case.progressed == (changed, False, False)
    assert bool(case.agents.asked) == (name == "a DAG")
    case.runner.run(Step(AWAIT_AGENTS, "wait for the agents"))
    assert case.runner.refused is None


def test_a_refused_password_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(monkeypatch, Agents("MASTER"), UNAUTHORIZED)
    with pytest.raises(Unauthorized):
        case.runner.run(OPTIONS)
    assert not case.record.caveat


@pytest.mark.parametrize(
    ("step", "wait", "waits"), [(START, True, True), (START, False, False), (OPTIONS, False, True)]
)
def test_only_the_initialisation_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, step: Step, wait: bool, waits: bool
) -> None:
    case = Case(monkeypatch, Agents("MASTER"), dag("READY"), wait=wait)
    case.runner.run(step)
    assert bool(case.agents.asked) == waits
    assert case.progressed == (step is OPTIONS, step is START, step is START)


@pytest.mark.parametrize(
    ("step", "owner", "ended"),
    [
        (START, None, True),
        (START, dag("SUCCEED", number=4), False),
        (Step(AWAIT_DAG, "wait for it", dag=dag("RUNNING")), None, False),
    ],
)
def test_a_dag_that_fails(monkeypatch: pytest.MonkeyPatch, step: Step, owner: Dag | None, ended: bool) -> None:
    case = Case(monkeypatch, Agents("MASTER", states=["RUNNING", "FAILED"]), dag("READY"), owner=owner)
    if ended:
        with pytest.raises(Ended, match="initialise the cluster failed"):
            case.runner.run(step)
    else:
        case.runner.run(step)
    assert case.record.dag == (owner or dag("FAILED"))


def test_a_dag_that_does_not_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(monkeypatch, Agents("MASTER", states=["RUNNING"]), dag("READY"))
    with pytest.raises(TimedOut, match="RUNNING"):
        case.runner.run(OPTIONS)


def test_a_time_slice_ends_while_a_dag_is_waited_for_and_the_next_one_resumes(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(monkeypatch, Agents("MASTER", states=["RUNNING"]), dag("READY"), time_slice=TimeSlice())
    with pytest.raises(SliceEnded) as caught:
        case.runner.run(OPTIONS)
    pending = caught.value.checkpoint
    assert (pending["kind"], pending["text"], pending["operation"]) == (CONFIGURE_ALL, OPTIONS.text, None)
    later = Case(monkeypatch, Agents("MASTER", states=["RUNNING", "FAILED"]), DENIED)
    with pytest.raises(Ended, match="set the options failed"):
        later.runner.resume(pending)
    assert later.agents.remembered == [dag("READY").id]


@pytest.mark.parametrize(
    ("agent", "identities", "expected"),
    [
        (1, ("MASTER", "FOLLOWER"), "any, 192.0.2.1:2886 first"),
        (2, ("MASTER", "FOLLOWER"), "any, 192.0.2.2:2886 first"),
        (3, ("MASTER", "FOLLOWER"), "any, None first"),
    ],
)
def test_the_agent_of_a_dag_is_asked_first(
    monkeypatch: pytest.MonkeyPatch, agent: int, identities: tuple[str, ...], expected: str
) -> None:
    case = Case(monkeypatch, Agents(*identities))
    case.runner.run(Step(AWAIT_DAG, "wait for it", dag=dag("RUNNING", agent=agent)))
    assert set(case.agents.asked) == {expected}


@pytest.mark.parametrize(
    ("identities", "states", "reads"),
    [(["SINGLE", "FOLLOWER"], ["RUNNING"], 1), (["SINGLE", "SINGLE"], ["RUNNING", "SUCCEED"], 2)],
)
def test_a_single_agent_that_joins_is_asked_itself_until_it_has_another_identity(
    monkeypatch: pytest.MonkeyPatch, identities: list[str], states: list[str], reads: int
) -> None:
    agents = Agents("SINGLE", "MASTER", states=states)
    agents.identities = identities
    case = Case(monkeypatch, agents, dag("READY"))
    case.runner.run(Step(JOIN, "join it", agents.members[0]))
    assert agents.asked == [str(FIRST)] * reads
    assert case.record.dag and case.record.dag.state == "SUCCEED"


RESULT: dict[str, t.Any] = {"changed": True, "unblocked": ["another"], "dag": {"state": "FAILED"}}


@pytest.mark.parametrize(("kind", "operator"), [(RETRY, "RETRY"), (ROLLBACK, "ROLLBACK")])
def test_an_operator_is_sent_as_the_run_allows(monkeypatch: pytest.MonkeyPatch, kind: str, operator: str) -> None:
    requests: list[t.Any] = []

    def operate(client: t.Any, request: t.Any, waiter: t.Any, checkpoint: t.Any) -> dict[str, t.Any]:
        requests.append((request, checkpoint))
        return RESULT

    monkeypatch.setattr(steps, "operate", operate)
    accept = frozenset({"data_removal"})
    case = Case(monkeypatch, Agents("MASTER", "FOLLOWER"), accept=accept, wait=False, check=True)
    step = Step(kind, "recover it", dag=dag("FAILED"))
    case.runner.run(step)
    case.runner.check(step)
    case.runner.resume({"kind": kind, "text": "recover it", "dag": dag("FAILED").raw, "operation": {"sent": None}})
    first, second, (request, checkpoint) = requests
    assert first == second == (request, None) and checkpoint == {"sent": None}
    assert (request.operator, request.id, request.accept) == (operator, dag("FAILED").id, accept)
    assert (request.wait, request.check) == (False, True)
    members = {Address("192.0.2.1", 2886), Address("192.0.2.2", 2886)}
    assert (request.foreign_agents.members, request.foreign_agents.allowed) == (members, False)
    assert case.record.changed and "roll back first what blocked it: another" in case.record.steps


@pytest.mark.parametrize("changed", [True, False])
def test_what_an_operator_did_before_it_failed_is_recorded(monkeypatch: pytest.MonkeyPatch, changed: bool) -> None:
    def operate(*_arguments: t.Any) -> t.NoReturn:
        raise Refused("no", **{**RESULT, "changed": changed}, failures=["why"], msg="no")

    monkeypatch.setattr(steps, "operate", operate)
    case = Case(monkeypatch, Agents("MASTER"))
    with pytest.raises(Refused) as caught:
        case.runner.run(Step(ROLLBACK, "roll it back", dag=dag("FAILED")))
    assert case.record.changed == changed
    assert set(caught.value.result) == {"dag", "failures"}


@pytest.mark.parametrize("changed", [True, False])
def test_an_operator_in_a_slice_says_what_it_is_about_to_change(monkeypatch: pytest.MonkeyPatch, changed: bool) -> None:
    def operate(*_arguments: t.Any) -> t.NoReturn:
        ended = SliceEnded()
        ended.checkpoint, ended.known = {"sent": None}, {"changed": changed}
        raise ended

    monkeypatch.setattr(steps, "operate", operate)
    case = Case(monkeypatch, Agents("MASTER"))
    with pytest.raises(SliceEnded) as caught:
        case.runner.run(Step(ROLLBACK, "roll it back", dag=dag("FAILED")))
    assert caught.value.known == ({"changing": "roll it back"} if changed else {})
    assert caught.value.checkpoint["operation"] == {"sent": None}
