# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded requests sent to a simulator, its schedulers ticking as the recorded seconds went by."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from . import AgentSpec, Obstacle, Pace, Simulator
from ._comparable import comparable, differences, shape
from ._crypto import RsaKey
from ._raw_client import Header, PublicKey, fetch_key, send

TRANSCRIPTS = Path(__file__).parent.parent / "recordings"
ROOT_PASSWORD = "a root password, longer than one block of a small key"
AGENT_PASSWORD = "Agent#pw1"
WORKDIR = "Create observer workdir"

Hook = Callable[[Simulator], object]


@dataclass(frozen=True)
class Recording:
    """A transcript, the agents it was taken from, and what happened beside the requests."""

    file: str
    specs: tuple[AgentSpec, ...]
    before: Hook
    hooks: dict[int, Hook] = field(default_factory=dict)

    def load(self) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = json.loads((TRANSCRIPTS / self.file).read_text(encoding="utf-8"))["steps"]
        return steps


def _spec(version: str, port: int, *, home: str = "/home/admin/oceanbase", observer: str = "") -> AgentSpec:
    return AgentSpec(version=version, advertised_port=port, home=home, observer_version=observer)


def _nonempty_directory(simulator: Simulator) -> None:
    simulator.obstacles.append(Obstacle(node=WORKDIR))


def _empty_directory(simulator: Simulator) -> None:
    simulator.obstacles.clear()


def _one_agent(version: str, port: int, *, hooks: dict[int, Hook] | None = None) -> Recording:
    spec = _spec(version, port)
    hooks = {59: _empty_directory, **(hooks or {})}
    return Recording(f"one-agent-{version}.json", (spec,), _nonempty_directory, hooks)


def _failed_init(simulator: Simulator) -> None:
    simulator.fail_init(obstacle=Obstacle(node=WORKDIR, times=1), root_password=ROOT_PASSWORD)


def _obproxy(simulator: Simulator) -> None:
    simulator.agents[0].agent_password = AGENT_PASSWORD
    simulator.obstacles.append(Obstacle(node="Start obproxy"))


def _at_work(node: str, *, lines: int | None = None, operator: str = "RUN") -> Hook:
    """The poll came in the milliseconds in which the master's own sub-task was at work."""

    def pace(simulator: Simulator) -> None:
        simulator.paces[:] = [Pace(node=node, operator=operator, agent=0, ticks=0.5, lines=lines, times=1)]

    return pace


OBSERVER = "4.3.5.2-102020032025070817"
RECORDINGS = {
    recording.file: recording
    for recording in (
        _one_agent("4.2.5.0", 2986, hooks={18: _at_work("Integrate config", lines=5)}),
        _one_agent("4.5.0.0", 2976),
        Recording(
            "two-agents-4.5.0.0.json",
            tuple(
                _spec("4.5.0.0", port, home=f"/home/admin/oceanbase{port}", observer=OBSERVER) for port in (2950, 2951)
            ),
            lambda simulator: simulator.obstacles.append(Obstacle(node="Start observer")),
            {38: _at_work(WORKDIR, operator="ROLLBACK")},
        ),
        Recording(
            "init-recovers-4.5.0.0.json",
            (_spec("4.5.0.0", 2731, observer="4.3.5.2"),),
            _failed_init,
            {9: _at_work("Migrate table", lines=1), 19: _at_work("Convert master to cluster agent", lines=2)},
        ),
        Recording("obproxy-4.5.0.0.json", (_spec("4.5.0.0", 2962),), _obproxy),
    )
}


class Replay:
    """One pass over a recording: for each step the differences found."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.steps = recording.load()
        self.found: list[list[str]] = []

    def run(self) -> list[list[str]]:
        with Simulator(self.recording.specs, speed=0) as self.simulator:
            self.recording.before(self.simulator)
            for index in range(len(self.steps)):
                if index in self.recording.hooks:
                    self.recording.hooks[index](self.simulator)
                polled = "polled" in (self.steps[index].get("note") or "")
                self.found.append(self._poll(index) if polled else self._ask(index))
        return self.found

    def _elapsed(self, index: int) -> float:
        """Seconds between the answer before and this one."""
        now, before = (_time(self.steps[at]["response"]["body"]) for at in (index, max(index - 1, 0)))
        return now - before

    def _ask(self, index: int) -> list[str]:
        self.simulator.tick(round(self._elapsed(index)))
        return self._compare(index, self._send(index))

    def _poll(self, index: int) -> list[str]:
        """Tick until the recorded states appear: no other ones than the last before, and not later than recorded."""
        recorded = self.steps[index]["response"]["body"]
        before = shape(self.steps[index - 1]["response"]["body"])
        ticks = int(self._elapsed(index)) + 1
        answer = self._send(index)
        for tick in range(ticks + 1):
            if shape(answer[1]) == shape(recorded):
                return self._compare(index, answer)
            if before[0] and index and shape(answer[1]) != before:
                return [f"after {tick} ticks: {shape(answer[1])}, recorded {before} and then {shape(recorded)}"]
            self.simulator.tick()
            answer = self._send(index)
        return [f"still not {shape(recorded)} after {ticks} ticks but {shape(answer[1])}"]

    def _compare(self, index: int, answer: tuple[int, Any]) -> list[str]:
        response = self.steps[index]["response"]
        found = [] if response["status"] == answer[0] else [f"status {answer[0]}, recorded {response['status']}"]
        return found + differences(comparable(response["body"]), comparable(answer[1]))

    def _send(self, index: int) -> tuple[int, Any]:
        step, request = self.steps[index]["step"], self.steps[index]["request"]
        address = request.get("agent", "")
        agent = next(agent for agent in self.simulator.agents if address in ("", agent.address))
        key = fetch_key(agent.host, agent.port)
        body = request["body"]
        if body and "rootPwd" in body:
            body = {**body, "rootPwd": key.encrypt(ROOT_PASSWORD)}
        return send(
            agent.host,
            agent.port,
            request["method"],
            request["uri"],
            body=body,
            header=self._header(step, request["auth"]),
            key=key,
            language="zh-CN" if re.search(r"\bzh\b", step) else "",
        )

    def _header(self, step: str, auth: str) -> Header | None:
        """As the recording's client had it, whose mistakes the step's name tells."""
        if auth == "none":
            return None
        # Only a configured cluster wants its password; until then the recording's client sent an empty one.
        password = AGENT_PASSWORD if auth == "agent" else self.simulator.agents[0].root_password
        return Header(
            "X-OCS-Agent-Header" if auth == "agent" else "X-OCS-Header",
            "not the password" if "wrong password" in step else password,
            expires=1 if step == "expired timestamp" else 0,
            uri="/api/v1/info" if step == "header uri mismatch" else "",
            key=PublicKey.parse(RsaKey.generate(1024).public_key) if step == "header for another key" else None,
        )


def _time(body: Any) -> float:
    seconds, _point, fraction = body["timestamp"].rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}+00:00").timestamp() + float(f"0.{fraction}")
