# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with the agents of one cluster: which password goes to which agent, and which agent is asked."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.session import Credentials, Session
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import Member, ObservedCluster, Server
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.sessions import (
    AgentPool,
    FailoverSession,
    FallbackSession,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unauthorized, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address

REFUSED = Unauthorized("GET", status=401, error={}, trace_id="")


class Scripted(Session):
    """An agent that answers with its name, or fails with `error`."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.transport = t.cast("t.Any", None)
        self.name, self.error = name, error
        self.calls = 0

    def call(self, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> t.Any:
        self.calls += 1
        if self.error:
            raise self.error
        return self.name


@pytest.mark.parametrize(
    ("method", "sent", "asked"),
    [("GET", True, True), ("GET", False, True), ("POST", False, True), ("POST", True, False)],
)
def test_what_may_have_changed_something_is_not_sent_to_another_agent(method: str, sent: bool, asked: bool) -> None:
    first, second = Scripted("first", Unreachable("reset", sent=sent)), Scripted("second")
    session = FailoverSession([first, second])
    if asked:
        assert session.call(method, "/task") == "second"
    else:
        with pytest.raises(Unreachable, match="reset"):
            session.call(method, "/task")
    assert (first.calls, second.calls) == (1, asked)


def test_an_agent_that_does_not_respond_is_tried_last_from_then_on() -> None:
    first, second = Scripted("first", Unreachable("reset", sent=True)), Scripted("second")
    session = FailoverSession([first, second])
    assert [session.call("GET", "/task") for _time in range(2)] == ["second", "second"]
    assert (first.calls, second.calls) == (1, 2)
    first.error, second.error = None, first.error
    assert session.call("GET", "/task") == "first"


def test_an_agent_that_refuses_is_not_replaced_by_another() -> None:
    second = Scripted("second")
    with pytest.raises(Unauthorized):
        FailoverSession([Scripted("first", REFUSED), second]).call("GET", "/task")
    assert second.calls == 0


class Passwords(FallbackSession):
    """A session with an agent that accepts only some passwords; it journals those that were tried."""

    def __init__(self, server: Server, *accepted: str | None) -> None:
        super().__init__(mock.Mock(where=str(server)), Credentials("root", server.agent_password))
        self.accepted, self.tried, self.sent = accepted, list[t.Any](), list[t.Any]()


@pytest.fixture(autouse=True)
def fixture_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(session: Passwords, method: str, route: str, body: t.Any = None, *, obproxy: bool = False) -> str:
        session.tried.append(session._credentials)
        session.sent.append((method, route, body, obproxy))
        if session._credentials.password not in session.accepted:
            raise REFUSED
        return "data"

    monkeypatch.setattr(Session, "call", call)


def server(number: int) -> Server:
    return Server(f"192.0.2.{number}", 2886, f"zone{number}", agent_password=f"agent {number}")


@pytest.mark.parametrize(
    ("accepted", "tried", "unverified"),
    [(("root",), ["root"], False), (("",), ["root", ""], True), (("root", ""), ["root"], False)],
)
def test_the_given_password_is_tried_before_the_empty_one(
    accepted: tuple[str, ...], tried: list[str], unverified: bool
) -> None:
    session = Passwords(server(1), *accepted)
    assert session.call("GET", "/task") == "data"
    assert session.tried == [Credentials(password, "agent 1") for password in tried]
    assert session.password_unverified == unverified
    session.call("GET", "/task")
    assert len(session.tried) == len(tried) + 1


@pytest.mark.parametrize("accepted", ["root", ""])
def test_the_request_is_the_same_with_either_password(accepted: str) -> None:
    session = Passwords(server(1), accepted)
    FailoverSession([session]).call("POST", "/task/dag/4", {"operator": "RETRY"}, obproxy=True)
    assert set(map(str, session.sent)) == {str(("POST", "/task/dag/4", {"operator": "RETRY"}, True))}


def test_verifying_the_root_password_sends_no_other_and_forgets_nothing() -> None:
    session = Passwords(server(1), "")
    session.call("GET", "/task")
    with pytest.raises(Unauthorized):
        session.verify_root_password()
    assert session.tried[-1] == Credentials("root") and session.password_unverified
    assert session.sent[-1] == ("GET", "/task/dag/agent/unfinish", None, False)
    assert session.call("GET", "/task") == "data"
    session.accepted = ("root",)
    session.verify_root_password()
    assert not session.password_unverified
    session.accepted = ("",)
    session.call("GET", "/task")
    assert session.tried[-2:] == [Credentials("root", "agent 1"), Credentials("", "agent 1")]


@pytest.mark.parametrize(
    ("identities", "first", "order"),
    [
        (["SINGLE", "FOLLOWER", "MASTER"], None, [3, 2]),
        (["", "CLUSTER AGENT", "CLUSTER AGENT"], None, [2, 3, 1]),
        (["FOLLOWER", "CLUSTER AGENT", "MASTER"], None, [3, 2, 1]),
        (["FOLLOWER", "CLUSTER AGENT", "MASTER"], 1, [1, 3, 2]),
        (["SINGLE", "SINGLE"], None, [1, 2]),
        (["SINGLE", "SINGLE"], 2, [2, 1]),
    ],
)
def test_the_agent_that_knows_most_is_asked_first(identities: list[str], first: int | None, order: list[int]) -> None:
    servers = [server(number) for number in range(1, len(identities) + 1)]
    pool = AgentPool({one: Passwords(one, "root") for one in servers})
    members = (Member(one, Address(one.host, 2886), identity) for one, identity in zip(servers, identities))
    client = pool.any_of(ObservedCluster(tuple(members)), first=server(first) if first else None)
    asked = t.cast("t.Any", client)._session._sessions
    assert asked == [pool.sessions[server(number)] for number in order]
