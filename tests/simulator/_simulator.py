# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents that live beside a test, and what it does with them."""

from __future__ import annotations

import asyncio
import atexit
import functools
import json
import tempfile
import threading
from collections.abc import Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ._agent import Agent
from ._api import Request, serve
from ._ids import Address
from ._journal import Journal
from ._model import Json
from ._obstacles import Conditions, Obstacle, Pace
from ._presets import Presets
from ._server import AgentServer
from ._spec import AgentSpec

Result = TypeVar("Result")


@functools.cache
def _shared_loop() -> asyncio.AbstractEventLoop:
    """One loop, in one thread, for all simulators: hundreds of threads would be busy with waiting for each other."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="obshell-simulator", daemon=True)
    thread.start()

    @atexit.register
    def end() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    return loop


class Simulator(Presets):
    """Agents of one network; the first one becomes the master of the others.

    A tick lasts 1/speed seconds; with speed 0 the schedulers tick only when told to.
    """

    def __init__(self, specs: Sequence[AgentSpec] = (AgentSpec(),), *, speed: float = 50) -> None:
        self.speed = speed
        self.lock = threading.RLock()
        self.journal = Journal()
        self.conditions = Conditions()
        self.revision = 0
        self.agents = [Agent(spec, self, index=index) for index, spec in enumerate(specs)]
        self._directory = tempfile.TemporaryDirectory(prefix="obshell-")
        for agent in self.agents:
            agent.socket = agent.socket or str(Path(self._directory.name, f"agent{agent.index}.sock"))
        self._servers = [AgentServer(agent) for agent in self.agents]
        self._loop = _shared_loop()
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def obstacles(self) -> list[Obstacle]:
        return self.conditions.obstacles

    @property
    def paces(self) -> list[Pace]:
        return self.conditions.paces

    def start(self) -> None:
        self.run(self._start())

    async def _start(self) -> None:
        for server in self._servers:
            await server.start()
        if self.speed:
            self._spawn(self._tick_for_ever())

    def stop(self) -> None:
        self.run(self._stop())
        self._directory.cleanup()

    async def _stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self._servers:
            await server.stop()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine in the simulator's loop, from any other thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(1 / self.speed)
            self.tick()

    def tick(self, times: int = 1) -> None:
        """Let every agent's scheduler pass, the master's first."""
        with self.lock:
            for _tick in range(times):
                for agent in self.agents:
                    if not agent.down:
                        agent.engine.tick()

    def changed(self) -> None:
        """Something a request can change has changed."""
        self.revision += 1

    def at(self, address: Address) -> Agent | None:
        return next((agent for agent in self.agents if agent.location == address), None)

    def call(self, agent: Agent, method: str, uri: str, body: Json | None = None) -> tuple[int, Json]:
        encoded = b"" if body is None else json.dumps(body).encode()
        with self.lock:
            reply = serve(agent, Request(method, uri, body=encoded, local=True))
        return reply.status, reply.envelope or {}

    def restart(self, agent: Agent, *, seconds: float) -> None:
        server = self._servers[agent.index]

        async def restart() -> None:
            await asyncio.sleep(seconds)
            await server.start()

        self.run(server.stop(keep_port=True))
        self._loop.call_soon_threadsafe(self._spawn, restart())
