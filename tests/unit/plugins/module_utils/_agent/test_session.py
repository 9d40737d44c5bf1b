# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a 401: what is read again, which password is sent then, and when the request is sent once more."""

from __future__ import annotations

import dataclasses
import datetime
import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent import encryption
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.session import Credentials, Session
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Refused, Unauthorized

BOTH = Credentials("root", "agent")
NOON = 1795608000.0


@dataclasses.dataclass
class Agent:
    """A connection to an agent that refuses the first request, and is then as `later` says."""

    later: dict[str, t.Any]
    key: str = "key 1"
    clock: float = NOON
    identity: str = "MASTER"
    security: bool | None = False
    auth: tuple[str, ...] = ("v1", "v2")
    where = "the agent"
    trusted = False

    def __post_init__(self) -> None:
        self.received: list[tuple[str, dict[str, t.Any]]] = []

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        if uri.endswith("/secret"):
            return self._answer(200, {"public_key": self.key, "ip": "192.0.2.1", "port": 2886})
        if uri.endswith("/info"):
            info = {"identity": self.identity, "supportedAuth": list(self.auth), "ip": "192.0.2.1", "port": 2886}
            return self._answer(200, info if self.security is None else {**info, "security": self.security})
        name = next(name for name in headers if name.startswith("X-OCS"))
        self.received.append((name, json.loads(headers[name])))
        vars(self).update(self.later)
        return self._answer(401 if len(self.received) == 1 else 200, None)

    def _answer(self, status: int, data: t.Any) -> Response:
        now = datetime.datetime.fromtimestamp(self.clock, datetime.timezone.utc).isoformat()
        envelope = {"successful": status < 400, "data": data, "error": {}, "timestamp": now}
        return Response(status, json.dumps(envelope).encode())

    def close(self) -> None:
        """There is no connection."""


@pytest.fixture(autouse=True)
def fixture_plain_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send headers in clear text; the encryption has tests of its own."""

    def write(key: str, *, body: t.Any = None, **header: t.Any) -> tuple[str, bytes]:
        return json.dumps({"key": key, **header}), b""

    monkeypatch.setattr(encryption, "load_public_key", lambda text: text)
    for name in ("encrypt_request", "encrypt_request_v1"):
        monkeypatch.setattr(encryption, name, write)


CHANGES: dict[str, tuple[Credentials, dict[str, t.Any], tuple[str, str] | None]] = {
    "nothing": (BOTH, {}, None),
    "the key": (BOTH, {"key": "key 2"}, ("X-OCS-Header", "root")),
    "the clock, forward": (BOTH, {"clock": NOON + 40}, ("X-OCS-Header", "root")),
    "the clock, back": (BOTH, {"clock": NOON - 40}, ("X-OCS-Header", "root")),
    "the clock, by less than a header's lifetime needs": (BOTH, {"clock": NOON + 20}, None),
    "a master has an agent password": (BOTH, {"security": True}, ("X-OCS-Agent-Header", "agent")),
    "a single agent has one": (BOTH, {"security": True, "identity": "SINGLE"}, ("X-OCS-Agent-Header", "agent")),
    "a follower takes only that of root": (BOTH, {"security": True, "identity": "FOLLOWER"}, None),
    "a cluster agent takes that of root": (BOTH, {"security": True, "identity": "CLUSTER AGENT"}, None),
    "it has one, and none was given": (Credentials("root"), {"security": True}, None),
    "it has one, and only that was given": (Credentials(None, "agent"), {"security": True}, None),
    "agent passwords are unknown to it": (BOTH, {"security": None}, None),
    "it takes only the first authentication": (BOTH, {"auth": ("v1",)}, ("X-OCS-Auth", "root")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_refused_request_is_sent_once_more_if_what_it_depends_on_changed(name: str) -> None:
    credentials, later, again = CHANGES[name]
    agent = Agent(later)
    session = Session(agent, credentials)
    if again is None:
        with pytest.raises(Unauthorized):
            session.call("POST", "/task/dag/1")
        assert len(agent.received) == 1
        return
    session.call("POST", "/task/dag/1")
    (_first, before), (header, after) = agent.received
    assert (header, after["password"], after["key"]) == (*again, agent.key)
    assert before["expires"] == pytest.approx(NOON + 60, abs=2)
    assert after["expires"] == pytest.approx(agent.clock + 60, abs=2)


def test_a_request_that_is_refused_again_is_not_sent_a_third_time() -> None:
    agent = Agent({"key": "key 2"})
    session = Session(agent, BOTH)
    session.call("GET", "/task/dag/1")
    agent.received.clear()
    agent.later = {"key": "key 2"}
    with pytest.raises(Unauthorized):
        session.call("GET", "/task/dag/1")
    assert len(agent.received) == 1


@pytest.mark.parametrize("name", ["password", "masterPassword", "proxyro_password"])
def test_a_password_in_a_body_is_not_sent_in_clear_text(name: str) -> None:
    agent = Agent({"auth": ("v1",)})
    with pytest.raises(Refused, match="was not sent"):
        Session(agent, BOTH).call("POST", "/ob/init", {name: "secret"})
    assert [header for header, _value in agent.received] == ["X-OCS-Header"]


@pytest.mark.parametrize("credentials", [BOTH, Credentials("root"), Credentials()])
def test_the_routes_of_an_obproxy_get_only_the_agent_password(credentials: Credentials) -> None:
    agent = Agent({"key": "key 2"})
    Session(agent, credentials).call("GET", "/task/dag/4", obproxy=True)
    sent = {(header, value["password"]) for header, value in agent.received}
    assert sent == {("X-OCS-Agent-Header", credentials.agent_password or "")}


@pytest.mark.parametrize("form", ["{}", "{!r}", "{!s}"])
def test_credentials_do_not_show_their_passwords(form: str) -> None:
    text = form.format(Credentials("first-word", "second-word"))
    assert "Credentials" in text and "word" not in text
