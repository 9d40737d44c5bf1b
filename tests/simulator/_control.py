# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steering a simulator from other processes: a plain JSON API on a loopback port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ._faults import Fault
from ._obstacles import Obstacle, Pace

if TYPE_CHECKING:
    from ._simulator import Simulator


class Control:
    """GET and DELETE /journal; GET, POST and DELETE /obstacles, /paces; POST /faults, /preset, /tick, /restart,
    /rotate_key and /clock; GET /agents. What a POST is given are the arguments of the thing of that name.
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.address = ""
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> None:
        application = web.Application()
        application.add_routes(
            [
                web.get("/agents", self._agents),
                web.get("/journal", self._journal),
                web.delete("/journal", self._clear_journal),
                web.get("/obstacles", self._obstacles),
                web.post("/obstacles", self._add_obstacle),
                web.delete("/obstacles", self._clear_obstacles),
                web.post("/paces", self._add_pace),
                web.delete("/paces", self._clear_paces),
                web.post("/faults", self._add_fault),
                web.post("/preset", self._preset),
                web.post("/tick", self._tick),
                web.post("/restart", self._restart),
                web.post("/rotate_key", self._rotate_key),
                web.post("/clock", self._clock),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _agents(self, request: web.Request) -> web.Response:
        return web.json_response(describe(self.simulator))

    async def _journal(self, request: web.Request) -> web.Response:
        return web.json_response([entry.as_dict() for entry in self.simulator.journal.entries])

    async def _clear_journal(self, request: web.Request) -> web.Response:
        self.simulator.journal.clear()
        return web.json_response({})

    async def _obstacles(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(obstacle) for obstacle in self.simulator.obstacles])

    async def _add_obstacle(self, request: web.Request) -> web.Response:
        self.simulator.obstacles.append(Obstacle(**await _asked(request)))
        return web.json_response({})

    async def _clear_obstacles(self, request: web.Request) -> web.Response:
        self.simulator.obstacles.clear()
        return web.json_response({})

    async def _add_pace(self, request: web.Request) -> web.Response:
        self.simulator.paces.append(Pace(**await _asked(request)))
        return web.json_response({})

    async def _clear_paces(self, request: web.Request) -> web.Response:
        self.simulator.paces.clear()
        return web.json_response({})

    async def _add_fault(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        agent = self.simulator.agents[asked.pop("agent", 0)]
        agent.faults.append(Fault(**asked))
        return web.json_response({})

    async def _preset(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        return web.json_response({"id": run_preset(self.simulator, asked.pop("name"), asked)})

    async def _tick(self, request: web.Request) -> web.Response:
        self.simulator.tick((await _asked(request)).get("times", 1))
        return web.json_response({})

    async def _restart(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        agent = self.simulator.agents[asked.get("agent", 0)]
        # From another thread, since a restart waits for this loop.
        await asyncio.to_thread(agent.restart, asked.get("seconds", 0.5))
        return web.json_response({})

    async def _rotate_key(self, request: web.Request) -> web.Response:
        self.simulator.agents[(await _asked(request)).get("agent", 0)].rotate_key()
        return web.json_response({})

    async def _clock(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        self.simulator.agents[asked.get("agent", 0)].clock.offset = asked["offset"]
        return web.json_response({})


def run_preset(simulator: Simulator, name: str, arguments: dict[str, Any]) -> str:
    """A preset by its name, with what JSON can say."""
    presets: dict[str, Callable[..., str | None]] = {
        "form_cluster": simulator.form_cluster,
        "start_init": simulator.start_init,
        "failed_init": simulator.fail_init,
        "completed_init": simulator.complete_init,
        "add_obproxy": simulator.add_obproxy,
    }
    if "obstacle" in arguments:
        arguments["obstacle"] = Obstacle(**arguments["obstacle"])
    return presets[name](**arguments) or ""


def describe(simulator: Simulator) -> list[dict[str, Any]]:
    return [
        {"host": agent.host, "port": agent.port, "socket": agent.socket, "identity": agent.identity}
        for agent in simulator.agents
    ]


async def _asked(request: web.Request) -> dict[str, Any]:
    asked: dict[str, Any] = await request.json() if request.can_read_body else {}
    if isinstance(asked.get("logs"), list):
        asked["logs"] = tuple(asked["logs"])
    return asked
