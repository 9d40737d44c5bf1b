# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at many agents: how often, how many at a time, and what ends them."""

from __future__ import annotations

import asyncio
import threading
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput, MissingLibrary, Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.memory import Memory
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.observer import Observer
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.watcher import (
    MAX_PAUSE,
    Schedule,
    Watcher,
    next_pause,
)

from .._operation.surveyed_agent import SurveyedAgent
from .looks import make_dag

INTERVAL = 30.0
FAILED = make_dag()
Event = dict[str, t.Any]


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("failed_looks", "shortest", "longest"),
    [(0, 27, 33), (1, 15, 30), (2, 30, 60), (3, 60, 120), (5, 150, MAX_PAUSE), (10_000, 150, MAX_PAUSE)],
)
def test_the_pause_grows_with_each_failed_look(
    failed_looks: int, shortest: float, longest: float, chance: float
) -> None:
    pause = next_pause(INTERVAL, failed_looks, 0, lambda: chance)
    assert pause == pytest.approx(shortest + chance * (longest - shortest))


def test_an_agent_that_asks_for_a_longer_pause_gets_it() -> None:
    assert next_pause(INTERVAL, 1, 900, lambda: 1.0) == 900
    assert next_pause(3600, 4, 0, lambda: 1.0) == 3600, "never more often than an agent that answers"


class Events:
    """Collects events, and ends the source after some."""

    def __init__(self, last: int) -> None:
        self.found: list[Event] = []
        self.last = last

    async def emit(self, events: list[Event]) -> None:
        self.found += events
        if len(self.found) >= self.last:
            raise EnoughError


class EnoughError(Exception):
    """Ends a source."""


def run(agents: dict[Address, SurveyedAgent], events: Events, *, workers: int = 4) -> None:
    connects: dict[Address, t.Any] = {address: lambda agent=agent: agent for address, agent in agents.items()}
    observer = Observer(Memory(), stuck_after=3600)
    source = Watcher(connects, observer, events.emit, Schedule(0.01, workers))
    with pytest.raises(EnoughError):
        asyncio.run(asyncio.wait_for(source.run(), 30))


def test_each_agent_is_read_and_each_client_closed() -> None:
    agents = {Address(f"192.0.2.{number}", 2886): SurveyedAgent(make_dag(number=number)) for number in range(1, 6)}
    events = Events(5)
    run(agents, events)
    assert sorted(event["agent"]["host"] for event in events.found) == [address.host for address in agents]
    assert all(agent.closed for agent in agents.values())


def test_an_agent_that_does_not_answer_does_not_stop_the_others() -> None:
    dead = SurveyedAgent(errors={"info": Unreachable("refused", sent=False)})
    agents = {Address("192.0.2.1", 2886): dead, Address("192.0.2.2", 2886): SurveyedAgent(FAILED)}
    events = Events(2)
    run(agents, events)
    assert {(event["type"], event["agent"]["host"]) for event in events.found} == {
        ("unreachable", "192.0.2.1"),
        ("failed", "192.0.2.2"),
    }


def test_no_more_agents_are_read_at_a_time_than_there_are_workers() -> None:
    lock, at_work, most = threading.Lock(), [0], [0]

    class Counted(SurveyedAgent):
        def info(self) -> t.Any:
            with lock:
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
            threading.Event().wait(0.01)
            with lock:
                at_work[0] -= 1
            return super().info()

    agents: dict[Address, SurveyedAgent] = {
        Address(f"192.0.2.{number}", 2886): Counted(make_dag(number=number)) for number in range(1, 20)
    }
    run(agents, Events(19), workers=3)
    assert most[0] == 3


def test_a_missing_library_ends_the_source() -> None:
    def connect() -> t.Any:
        raise MissingLibrary("cryptography", "to encrypt requests")

    source = Watcher(
        {Address("192.0.2.1", 1): connect}, Observer(Memory(), stuck_after=1), Events(1).emit, Schedule(1, 1)
    )
    with pytest.raises(MissingLibrary):
        asyncio.run(source.run())


def test_a_library_that_is_missed_by_a_request_ends_the_source() -> None:
    agent: t.Any = SurveyedAgent(errors={"cluster_info": MissingLibrary("cryptography", "to encrypt requests")})
    source = Watcher(
        {Address("192.0.2.1", 1): lambda: agent}, Observer(Memory(), stuck_after=1), Events(1).emit, Schedule(0.01, 1)
    )
    with pytest.raises(MissingLibrary):
        asyncio.run(asyncio.wait_for(source.run(), 30))


@pytest.mark.parametrize("error", [InvalidInput("ca_path: permission denied"), OSError("too many open files")])
def test_an_agent_for_which_no_client_can_be_made_now_does_not_stop_the_others(error: Exception) -> None:
    """A certificate may be unreadable only while it is replaced."""

    def fail() -> t.Any:
        raise error

    good: t.Any = SurveyedAgent(FAILED)
    connects = {Address("192.0.2.1", 2886): fail, Address("192.0.2.2", 2886): lambda: good}
    events = Events(2)
    source = Watcher(connects, Observer(Memory(), stuck_after=3600), events.emit, Schedule(0.01, 2))
    with pytest.raises(EnoughError):
        asyncio.run(asyncio.wait_for(source.run(), 30))
    found = {(event["type"], event["agent"]["host"]): event["msg"] for event in events.found}
    assert set(found) == {("unreachable", "192.0.2.1"), ("failed", "192.0.2.2")}
    assert str(error) in found["unreachable", "192.0.2.1"]


def test_cancelling_ends_all_threads_but_for_their_present_request() -> None:
    agents = {Address(f"192.0.2.{number}", 2886): SurveyedAgent() for number in range(1, 9)}
    connects: dict[Address, t.Any] = {address: lambda agent=agent: agent for address, agent in agents.items()}

    async def cancel() -> None:
        source = Watcher(connects, Observer(Memory(), stuck_after=1), Events(1).emit, Schedule(0.01, 4))
        task = asyncio.ensure_future(source.run())
        while not all(agent.requests for agent in agents.values()):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    for thread in threading.enumerate():
        if thread.name.startswith("obshell"):
            thread.join(10)
            assert not thread.is_alive()
