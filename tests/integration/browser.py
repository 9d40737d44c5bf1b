# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, by its DevTools protocol: what of a page can be seen, what it complains of, what it costs."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import pathlib
import shutil
import subprocess
import time
import typing as t

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)
# Seconds until a browser counts as hanging.
LONGEST = 120
# What a page reports of itself: errors of its policy come as log entries.
COMPLAINTS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


@dataclasses.dataclass(frozen=True)
class Visit:
    """What was seen of a page: the value of an expression, complaints, and seconds of the processor for showing it."""

    value: t.Any
    complaints: list[dict[str, t.Any]]
    seconds: float


class Browser:
    """One browser, which visits pages."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Start it, with a folder of its own."""
        assert CHROMIUM
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        options += [f"--user-data-dir={folder}", "--no-first-run", "about:blank"]
        self._process = subprocess.Popen(
            [CHROMIUM, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"HOME": str(folder)}
        )
        self._port_file = folder / "DevToolsActivePort"

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(LONGEST)

    def visit(self, path: pathlib.Path, expression: str, *, width: int = 1280, height: int = 800) -> Visit:
        """Show a page in a window of that size, and evaluate an expression of JavaScript in it."""
        return asyncio.run(asyncio.wait_for(self._visit(path, expression, width, height), LONGEST))

    async def _visit(self, path: pathlib.Path, expression: str, width: int, height: int) -> Visit:
        address = f"http://127.0.0.1:{await self._port()}"
        async with aiohttp.ClientSession() as session:
            async with session.put(f"{address}/json/new?about:blank") as response:
                tab = await response.json()
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                protocol = Protocol(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await protocol.call(f"{domain}.enable")
                await protocol.call("Performance.enable", timeDomain="threadTicks")
                size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
                await protocol.call("Emulation.setDeviceMetricsOverride", **size)
                await protocol.call("Page.navigate", url=path.as_uri())
                await protocol.wait_for("Page.loadEventFired")
                # Layout is done once it is asked for.
                evaluated = await protocol.call("Runtime.evaluate", expression=expression, returnByValue=True)
                assert "exceptionDetails" not in evaluated, evaluated
                metrics = (await protocol.call("Performance.getMetrics"))["metrics"]
        seconds = next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
        complaints = [event["params"] for event in protocol.events if event["method"] in COMPLAINTS]
        return Visit(evaluated["result"].get("value"), complaints, seconds)

    async def _port(self) -> str:
        until = time.monotonic() + LONGEST
        while not (self._port_file.exists() and self._port_file.read_text(encoding="ascii").count("\n")):
            assert time.monotonic() < until and self._process.poll() is None
            await asyncio.sleep(0.05)
        return self._port_file.read_text(encoding="ascii").splitlines()[0]


class Protocol:
    """Calls over one connection, and the events that arrive meanwhile."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, t.Any]] = []

    async def call(self, method: str, **params: t.Any) -> dict[str, t.Any]:
        """Call a method, and return its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json()
            if message.get("id") == number:
                assert "error" not in message, message
                return t.cast("dict[str, t.Any]", message["result"])
            self.events.append(message)

    async def wait_for(self, method: str) -> None:
        """Wait for an event, unless it has arrived."""
        while not any(event["method"] == method for event in self.events):
            self.events.append(await self._socket.receive_json())
