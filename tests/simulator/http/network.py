# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of agents that are served over HTTP, and whose time passes by itself."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.network import Network
from ..core.spec import AgentSpec
from .agent import Agent
from .event_loop import event_loop, run_in_loop
from .journal import Journal

if TYPE_CHECKING:
    from typing import Self


class ServedNetwork(Network):
    """Use it as a context. A tick lasts 1/speed seconds; with speed 0, only a call of `tick` lets time pass."""

    agents: list[Agent]

    def __init__(self, specs: Sequence[AgentSpec] = (AgentSpec(),), *, speed: float = 50) -> None:
        super().__init__()
        self.speed = speed
        self.journal = Journal()
        self.agents = [Agent(spec, self, index=index) for index, spec in enumerate(specs)]
        self._folder = tempfile.TemporaryDirectory(prefix="obshell-")
        for agent in self.agents:
            agent.socket = agent.socket or str(Path(self._folder.name, f"agent{agent.index}.sock"))
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        run_in_loop(self._start())

    async def _start(self) -> None:
        for agent in self.agents:
            await agent.server.start()
        if self.speed:
            self._begin(self._tick_until_cancelled())

    def stop(self) -> None:
        run_in_loop(self._stop())
        self._folder.cleanup()

    async def _stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for agent in self.agents:
            await agent.server.stop()
            agent.server.close()

    def start_later(self, agent: Agent, seconds: float) -> None:
        """Start a stopped agent after some seconds, without waiting for it."""

        async def start() -> None:
            await asyncio.sleep(seconds)
            await agent.server.start()

        event_loop().call_soon_threadsafe(self._begin, start())

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = event_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tick_until_cancelled(self) -> None:
        while True:
            await asyncio.sleep(1 / self.speed)
            self.tick()
