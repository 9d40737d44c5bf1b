# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the event source, and that no event and no error holds a secret."""

from __future__ import annotations

import asyncio
import json
import pathlib
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._module import event_source
from ansible_collections.oceanbase.obshell.plugins.module_utils._module import inventory_agents as inventory_module
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.event_source import watch
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.inventory_agents import agents_of
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.events import MAX_REASON, Event

from .._dag.kind_dags import make_dag
from .._operation.surveyed_agent import SurveyedAgent

PASSWORD = "s3cr3t#Root"
RULE = {"kinds": ["Initialize cluster"]}


class EnoughError(Exception):
    """Ends a source."""


@pytest.fixture(autouse=True)
def fixture_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOCKET", "USE_TLS", "HOST", "PORT", "PASSWORD", "AGENT_PASSWORD"):
        monkeypatch.delenv(f"OBSHELL_{name}", raising=False)


def refusal(**args: t.Any) -> str:
    """The error of a source with wrong arguments; no event comes before it."""

    async def put(_event: Event) -> None:
        raise AssertionError

    with pytest.raises(InvalidInput) as caught:
        asyncio.run(asyncio.wait_for(watch(put, {"password": PASSWORD, **args}), 10))
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "no agent is given"),
        ({"agents": ["10.0.0.1"], "intervall": 3}, "intervall"),
        ({"agents": ["10.0.0.1"], "socket": "/run/obshell.sock"}, "socket"),
        ({"agents": ["10.0.0.1:99999"]}, "port"),
        ({"agents": ["10.0.0.1"], "interval": 0}, "interval must be greater than 0, got 0"),
        ({"agents": ["10.0.0.1"], "stuck_after": -1}, "stuck_after must be greater than 0, got -1"),
        ({"agents": ["10.0.0.1"], "workers": 0}, "workers must be between 1 and"),
        ({"agents": ["10.0.0.1"], "timeout": PASSWORD}, "timeout"),
        ({"agents": [f"{PASSWORD}@10.0.0.1"]}, "agents"),
        ({"agents": ["10.0.0.1"], "heal": RULE}, "heal needs state_file"),
        ({"connections": ["10.0.0.1"]}, "connections"),
        ({"connections": {"host": "10.0.0.1"}}, "connections"),
        ({"connections": 1}, "connections"),
        ({"agents": ["10.0.0.1"], "password": [PASSWORD], "interval": 0}, "interval must be greater than 0"),
        ({"connections": [{"host": "10.0.0.1", "port": PASSWORD, "password": PASSWORD}], "password": 5}, "port"),
    ],
)
def test_a_wrong_argument_is_named(args: dict[str, t.Any], message: str) -> None:
    assert message in refusal(**args)


@pytest.mark.parametrize(
    ("heal", "message"),
    [
        ({}, "kinds"),
        ({"kinds": ["Initialise cluster"]}, "there is no kind of DAG 'Initialise cluster'"),
        ({**RULE, "operators": ["CANCEL"]}, "CANCEL"),
        ({**RULE, "accept": ["everything"]}, "everything"),
        ({**RULE, "attempts_per_hour": 0}, "attempts_per_hour must be at least 1"),
        ({**RULE, "pause": -1}, "pause must not be negative"),
        ({**RULE, "quiet_hours": ["late"]}, "'late' is not a time of day"),
        ({**RULE, "attempts": 3}, "attempts"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: pathlib.Path, heal: dict[str, t.Any], message: str) -> None:
    assert message in refusal(agents=["10.0.0.1"], state_file=str(tmp_path / "state.json"), heal=heal)
    assert not (tmp_path / "state.json").exists()


def test_events_are_masked_and_saved_first(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    found: list[Event] = []
    dag = make_dag("Initialize cluster", "Start observer")
    dag.nodes[2].sub_tasks[0].logs.append(f"ERROR: cannot log in with {PASSWORD}")

    async def put(event: Event) -> None:
        assert event["id"] in path.read_text(encoding="utf-8") or event["type"] == "heal"
        assert json.loads(path.read_text(encoding="utf-8"))["requests"], "a restart would not request it again"
        found.append(event)
        if len(found) == 2:
            raise EnoughError

    monkeypatch.setattr(event_source, "connect_to", lambda _own: lambda: SurveyedAgent(dag))
    args = {"agents": ["192.0.2.1"], "password": PASSWORD, "state_file": str(path), "heal": RULE, "feedback": None}
    with pytest.raises(EnoughError):
        asyncio.run(watch(put, args))
    assert [event["type"] for event in found] == ["failed", "heal"]
    assert PASSWORD not in json.dumps(found) + path.read_text(encoding="utf-8")
    assert "cannot log in with" in found[0]["reasons"][0]
    assert found[1]["heal"] == {"operator": "RETRY", "accept": []}


def test_what_no_event_was_about_is_saved_at_the_end(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    running = make_dag("Initialize cluster", "Start observer", state="RUNNING")
    agent = SurveyedAgent(running)
    monkeypatch.setattr(event_source, "connect_to", lambda _own: lambda: agent)

    async def put(_event: Event) -> None:
        raise AssertionError

    async def watch_for_a_while() -> None:
        args = {"agents": ["192.0.2.1"], "password": PASSWORD, "state_file": str(path), "interval": 0.01}
        task = asyncio.ensure_future(watch(put, args))
        while not agent.closed:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(watch_for_a_while(), 30))
    assert running.id in path.read_text(encoding="utf-8")


def events_of(agent: SurveyedAgent, count: int, monkeypatch: pytest.MonkeyPatch, **args: t.Any) -> list[Event]:
    """The first events of a source for which each agent answers like this one."""
    found: list[Event] = []

    async def put(event: Event) -> None:
        found.append(event)
        if len(found) == count:
            raise EnoughError

    monkeypatch.setattr(event_source, "connect_to", lambda _own: lambda: agent)
    with pytest.raises(EnoughError):
        asyncio.run(asyncio.wait_for(watch(put, {"agents": ["192.0.2.1"], "password": PASSWORD, **args}), 30))
    return found


@pytest.mark.parametrize(
    "options",
    [
        {"agents": ["192.0.2.1"], "password": 20261129},
        {"connections": [{"host": "192.0.2.1", "password": 20261129}]},
        {"connections": ["host=192.0.2.1 password=20261129"]},
    ],
)
def test_a_password_that_is_a_number_is_taken_and_masked(
    options: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    dag = make_dag("Initialize cluster", "Start observer")
    dag.nodes[2].sub_tasks[0].logs.append("ERROR: cannot log in with 20261129")
    (event,) = events_of(SurveyedAgent(dag), 1, monkeypatch, **{"agents": [], **options})
    assert "cannot log in with" in event["reasons"][0] and "20261129" not in json.dumps(event)


def test_an_event_says_which_connection_the_agent_is_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    """Not its host and port: two spellings of one address must not lead to the options of another cluster.

    Several hosts of an inventory may have the same agent, also one that is given as an option.
    """
    monkeypatch.setenv("OBSHELL_SOCKET", "/run/obshell.sock")
    monkeypatch.setenv("OBSHELL_PORT", "2886")

    async def inventory_agents(*_args: str) -> list[dict[str, t.Any]]:
        return [{"host": host, "port": None} for host in ("192.0.2.9", "192.0.2.9", "192.0.2.2")]

    monkeypatch.setattr(event_source, "inventory_agents", inventory_agents)
    connections = [{"host": "192.0.2.2"}, {"host": "2001:DB8::0", "port": 2890}]
    options = {"connections": connections, "inventory": str(tmp_path), "interval": 0.01}
    dead = SurveyedAgent(errors={"info": Unreachable("refused", sent=False)})
    found = events_of(dead, 4, monkeypatch, **options)
    positions = {event["agent"]["host"]: event["agent"]["connection"] for event in found}
    assert positions == {"192.0.2.1": 0, "192.0.2.2": 1, "2001:db8::": 2, "192.0.2.9": 0}


def test_a_reason_is_cut_after_it_was_masked(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The beginning of a password is not recognised as one."""
    dag = make_dag("Initialize cluster", "Create observer workdir")
    place = "Create observer workdir on 192.0.2.1:2886: "
    dag.nodes[1].sub_tasks[0].logs.append("x" * (MAX_REASON - len(place) - 6) + f" {PASSWORD} y")
    options = {"state_file": str(tmp_path / "state.json"), "heal": RULE, "interval": 0.01}
    events = events_of(SurveyedAgent(dag), 2, monkeypatch, **options)
    assert [event["type"] for event in events] == ["failed", "escalate"]
    for text in (events[0]["reasons"][0], events[1]["reasons"][0], events[1]["msg"]):
        assert "xxx " in text and PASSWORD[:4] not in text
    assert all(len(event["reasons"][0]) == MAX_REASON for event in events)
    assert f"Failed: {events[1]['reasons'][0]}. ROLLBACK: " in events[1]["msg"]


def test_the_agents_of_an_inventory() -> None:
    inventory = {
        "_meta": {
            "hostvars": {
                "a": {"obshell_host": "10.0.0.1", "ansible_host": "10.9.9.9", "obshell_port": 2890},
                "b": {"ansible_host": "10.0.0.2"},
            }
        },
        "all": {"children": ["ungrouped", "observers"]},
        "observers": {"hosts": ["a", "b", "c"]},
        "zone1": {"hosts": ["a"]},
    }
    assert agents_of(inventory) == [
        {"host": "10.0.0.1", "port": 2890},
        {"host": "10.0.0.2", "port": None},
        {"host": "c", "port": None},
    ]
    assert agents_of({"_meta": {"hostvars": {}}, "all": {"children": ["ungrouped"]}}) == []


def test_an_address_that_is_a_template_is_refused() -> None:
    inventory = {"_meta": {"hostvars": {"a": {"obshell_host": "{{ x }}"}}}, "all": {"hosts": ["a"]}}
    with pytest.raises(InvalidInput, match=r"a has the address '\{\{ x \}\}'; give it as a plain value"):
        agents_of(inventory)


@pytest.mark.parametrize("port", ["x", "2886x", [2886], 2.5])
def test_a_port_that_is_no_number_is_refused(port: t.Any) -> None:
    inventory = {"_meta": {"hostvars": {"a": {"obshell_port": port}}}, "all": {"hosts": ["a"]}}
    with pytest.raises(InvalidInput, match=r"^inventory: obshell_port of a is not a number"):
        agents_of(inventory)


def test_an_inventory_that_ansible_cannot_read_is_refused(tmp_path: pathlib.Path) -> None:
    missing = str(tmp_path / "missing")
    assert refusal(inventory=missing).startswith(f"inventory {missing}: ansible-inventory failed: ")


def test_an_inventory_that_takes_too_long_is_refused(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "ansible-inventory"
    script.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    script.chmod(0o700)
    monkeypatch.setattr(inventory_module, "COMMAND", str(script))
    monkeypatch.setattr(inventory_module, "MAX_SECONDS", 0.1)
    assert refusal(inventory="hosts").endswith("ansible-inventory did not end within 0.1 seconds")
