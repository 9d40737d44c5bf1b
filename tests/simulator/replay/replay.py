# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the recorded requests to simulated agents, and lets as many ticks pass as seconds passed in the recording."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..core.generic_id import Address
from ..core.rsa_key import RsaKey
from ..http.authentication import AGENT_HEADER, ROOT_HEADER
from ..http.network import ServedNetwork
from .comparison import compare, progress_of
from .presets import PRESETS
from .raw_client import Header, PublicKey, fetch_key, send
from .recordings import AGENT_PASSWORD, ROOT_PASSWORD, Json, Recording


class Replay:
    """One pass over a recording."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.steps = recording.steps
        self.network = ServedNetwork(recording.agents, speed=0)

    def run(self) -> list[list[str]]:
        """Replay all steps. Return the differences for each step."""
        with self.network:
            self._prepare()
            return [self._replay_unless_left_out(index) for index in range(len(self.steps))]

    def _prepare(self) -> None:
        obstacle = replace(self.recording.obstacle) if self.recording.obstacle else None
        if self.recording.preset:
            failing = {"obstacle": obstacle} if obstacle else {}
            job = {"job": self.recording.job} if self.recording.job else {}
            PRESETS[self.recording.preset](self.network, root_password=ROOT_PASSWORD, **failing, **job)
        elif obstacle:
            self.network.obstacles.append(obstacle)
        lost = (address.rpartition(":") for address in self.recording.lost_servers)
        self.network.agents[0].cluster.lost_servers.update(Address(ip, int(port)) for ip, _colon, port in lost)

    def _replay_unless_left_out(self, index: int) -> list[str]:
        differences = self._replay_step(index)
        if index not in self.recording.left_out:
            return differences
        return [] if differences else ["left out, and yet answered alike"]

    def _replay_step(self, index: int) -> list[str]:
        if index == self.recording.obstacle_until:
            self.network.obstacles.clear()
        if index in self.recording.obstacles:
            self.network.obstacles[:] = [replace(obstacle) for obstacle in self.recording.obstacles[index]]
        if index in self.recording.delays:
            self.network.delays[:] = [replace(self.recording.delays[index])]
        if "polled" in (self.steps[index].get("note") or ""):
            return self._replay_poll(index)
        self.network.tick(round(self._seconds_before(index)))
        return self._compare(index, self._send(self.steps[index]))

    def _replay_poll(self, index: int) -> list[str]:
        """Tick until the recorded progress appears: directly after the one before, and not later than recorded."""
        expected = progress_of(self.steps[index]["response"]["body"])
        before = progress_of(self.steps[index - 1]["response"]["body"]) if index else None
        ticks = int(self._seconds_before(index)) + 1
        for tick in range(ticks + 1):
            answer = self._send(self.steps[index])
            progress = progress_of(answer[1])
            if progress == expected:
                return self._compare(index, answer)
            if before and before[0] and progress != before:
                return [f"after {tick} ticks: {progress}, recorded {before} and then {expected}"]
            self.network.tick()
        return [f"still not {expected} after {ticks} ticks"]

    def _seconds_before(self, index: int) -> float:
        """The seconds between the last answer and this one."""
        now, before = (_timestamp(self.steps[at]) for at in (index, max(index - 1, 0)))
        return now - before

    def _compare(self, index: int, answer: tuple[int, Any]) -> list[str]:
        response = self.steps[index]["response"]
        wrong_status = [f"status {answer[0]}, recorded {response['status']}"]
        return (wrong_status if answer[0] != response["status"] else []) + compare(response["body"], answer[1])

    def _send(self, step: Json) -> tuple[int, Any]:
        request = step["request"]
        address = request.get("agent", "")
        agent = next((agent for agent in self.network.agents if address in ("", agent.address)), None)
        if agent is None:
            raise ValueError(f"the settings of the recording have no agent {address}")
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
            header=self._header(step["step"], request["auth"]),
            key=key,
            language="zh-CN" if re.search(r"\bzh\b", step["step"]) else "",
        )

    def _header(self, step: str, auth: str) -> Header | None:
        """The header of the recorded request. The name of the step says what was wrong with it."""
        if auth == "none":
            return None
        # Until the cluster was configured, the recorded client sent an empty root password.
        password = AGENT_PASSWORD if auth == "agent" else self.network.agents[0].root_password
        return Header(
            AGENT_HEADER if auth == "agent" else ROOT_HEADER,
            "not the password" if "wrong password" in step else password,
            expires=1 if step == "expired timestamp" else 0,
            uri="/api/v1/info" if step == "header uri mismatch" else "",
            key=PublicKey.parse(RsaKey.generate(1024).public_key) if step == "header for another key" else None,
        )


def _timestamp(step: Json) -> float:
    seconds, _point, fraction = step["response"]["body"]["timestamp"].rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}+00:00").timestamp() + float(f"0.{fraction}")
