# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API: other processes steer a simulator over JSON, on a second loopback port."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from aiohttp import web

from .core.obstacles import Delay, Obstacle
from .http.agent import Agent
from .http.event_loop import run_in_loop
from .http.faults import Fault
from .replay.presets import PRESETS
from .simulator import Simulator

Body = dict[str, Any]


class ControlServer:
    """Use it as a context. The fields of a POST are those of what it adds, or the arguments of what it calls."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.url = ""
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> ControlServer:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._runner:
            run_in_loop(self._runner.cleanup())

    def start(self, port: int) -> None:
        run_in_loop(self._start(port))

    async def _start(self, port: int) -> None:
        application = web.Application()
        application.add_routes(
            [
                web.get("/agents", self._get_agents),
                web.get("/journal", self._get_journal),
                web.delete("/journal", self._clear_journal),
                web.get("/storms", self._get_storms),
                web.get("/obstacles", self._get_obstacles),
                web.post("/obstacles", self._add_obstacle),
                web.delete("/obstacles", self._clear_obstacles),
                web.post("/delays", self._add_delay),
                web.delete("/delays", self._clear_delays),
                web.post("/faults", self._add_fault),
                web.post("/preset", self._run_preset),
                web.post("/tick", self._tick),
                web.post("/restart", self._restart),
                web.post("/rotate_key", self._rotate_key),
                web.post("/clock", self._set_clock),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def _get_agents(self, _request: web.Request) -> web.Response:
        return web.json_response(describe_agents(self.simulator))

    async def _get_journal(self, _request: web.Request) -> web.Response:
        return web.json_response([entry.as_dict() for entry in self.simulator.journal.entries])

    async def _clear_journal(self, _request: web.Request) -> web.Response:
        self.simulator.journal.clear()
        return web.json_response({})

    async def _get_storms(self, _request: web.Request) -> web.Response:
        return web.json_response(self.simulator.storms)

    async def _get_obstacles(self, _request: web.Request) -> web.Response:
        return web.json_response([asdict(obstacle) for obstacle in self.simulator.obstacles])

    async def _add_obstacle(self, request: web.Request) -> web.Response:
        self.simulator.obstacles.append(_obstacle(await _body(request)))
        return web.json_response({})

    async def _clear_obstacles(self, _request: web.Request) -> web.Response:
        self.simulator.obstacles.clear()
        return web.json_response({})

    async def _add_delay(self, request: web.Request) -> web.Response:
        self.simulator.delays.append(Delay(**await _body(request)))
        return web.json_response({})

    async def _clear_delays(self, _request: web.Request) -> web.Response:
        self.simulator.delays.clear()
        return web.json_response({})

    async def _add_fault(self, request: web.Request) -> web.Response:
        body = await _body(request)
        self._agent(body).faults.append(Fault(**body))
        return web.json_response({})

    async def _run_preset(self, request: web.Request) -> web.Response:
        body = await _body(request)
        preset = PRESETS[body.pop("name")]
        if "obstacle" in body:
            body["obstacle"] = _obstacle(body["obstacle"])
        return web.json_response({"id": preset(self.simulator, **body) or ""})

    async def _tick(self, request: web.Request) -> web.Response:
        self.simulator.tick(**await _body(request))
        return web.json_response({})

    async def _restart(self, request: web.Request) -> web.Response:
        body = await _body(request)
        agent = self._agent(body)
        # A restart waits for the event loop, so it cannot run in it.
        await asyncio.to_thread(agent.restart, **body)
        return web.json_response({})

    async def _rotate_key(self, request: web.Request) -> web.Response:
        self._agent(await _body(request)).rotate_key()
        return web.json_response({})

    async def _set_clock(self, request: web.Request) -> web.Response:
        body = await _body(request)
        self._agent(body).clock.offset = body["offset"]
        return web.json_response({})

    def _agent(self, body: Body) -> Agent:
        """The agent whose index the body contains; the first one by default. This removes the index from the body."""
        return self.simulator.agents[body.pop("agent", 0)]


def describe_agents(simulator: Simulator) -> list[Body]:
    return [
        {"host": agent.host, "port": agent.port, "socket": agent.socket, "identity": agent.identity}
        for agent in simulator.agents
    ]


async def _body(request: web.Request) -> Body:
    body: Body = await request.json() if request.can_read_body else {}
    return body


def _obstacle(body: Body) -> Obstacle:
    logs = body.get("logs")
    return Obstacle(**{**body, "logs": None if logs is None else tuple(logs)})
