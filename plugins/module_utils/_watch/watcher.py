# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at many agents again and again: one task of asyncio for each, requests in a bounded number of threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import random
import time
import typing as t

from .._agent.client import ObshellClient
from .._errors import MissingLibrary, ObshellError, wrap_unexpected
from .._ids import Address
from .._operation.survey import Survey
from .events import Event
from .look import Look, look_at
from .observer import Observer

JITTER = 0.1
# Seconds between two looks at an agent that does not answer.
MAX_PAUSE = 300.0


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How often to look, and at how many agents at a time."""

    interval: float
    workers: int


def next_pause(interval: float, failed_looks: int, retry_after: float, chance: t.Callable[[], float]) -> float:
    """Decide how long to pause before the next look at an agent: twice as long after each failed one, with jitter.

    :param failed_looks: how many looks in a row failed.
    :param retry_after: the seconds for which the agent asked not to be called.
    :param chance: returns a number from 0 to 1.
    """
    if failed_looks:
        # After the first failure a full pause, then up to the longest one.
        longest = min(interval * 2.0 ** min(failed_looks - 1, 20), max(MAX_PAUSE, interval))
        pause = longest * (0.5 + chance() / 2)
    else:
        pause = interval * (1 - JITTER + 2 * JITTER * chance())
    return max(pause, retry_after)


class Watcher:
    """Looks at agents until it is cancelled."""

    def __init__(
        self,
        connects: t.Mapping[Address, t.Callable[[], ObshellClient]],
        observer: Observer,
        emit: t.Callable[[list[Event]], t.Awaitable[None]],
        schedule: Schedule,
    ) -> None:
        """Prepare; nothing is sent.

        :param connects: makes the client of each agent, in the thread that then uses and closes it.
        :param emit: called with the events of one look, if there are any.
        """
        self._connects = connects
        self._observer = observer
        self._emit = emit
        self._schedule = schedule

    async def run(self) -> None:
        """Look until cancelled, or until an error that no look can survive."""
        executor = concurrent.futures.ThreadPoolExecutor(self._schedule.workers, thread_name_prefix="obshell")
        tasks = [asyncio.ensure_future(self._watch(agent, executor)) for agent in self._connects]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            executor.shutdown(wait=False, cancel_futures=True)

    async def _watch(self, agent: Address, executor: concurrent.futures.Executor) -> None:
        loop, name = asyncio.get_running_loop(), str(agent)
        # Not all agents in the same moment.
        await asyncio.sleep(random.random() * min(1.0, self._schedule.interval))  # nosec B311
        while True:
            look = await loop.run_in_executor(executor, self._look, agent, self._observer.watched(name))
            events = self._observer.observe(look, time.time())
            if events:
                await self._emit(events)
            retry_after = look.survey.error.retry_after if look.survey.error else 0.0
            failed_looks = self._observer.failed_looks[name]
            await asyncio.sleep(
                next_pause(self._schedule.interval, failed_looks, retry_after, random.random)  # nosec B311
            )

    def _look(self, agent: Address, watched: list[str]) -> Look:
        """Look at one agent. If no client can be made now, because of a certificate for example, the look failed.

        :raises MissingLibrary: no look can do without it.
        """
        try:
            with wrap_unexpected(), contextlib.closing(self._connects[agent]()) as client:
                look = look_at(client, agent, watched)
        except ObshellError as error:
            look = Look(agent, Survey(str(agent), error=error))
        if isinstance(look.survey.error, MissingLibrary):
            raise look.survey.error
        return look
