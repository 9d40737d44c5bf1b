# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run simulated agents as a process of their own, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from ._control import Control, describe
from ._obstacles import Obstacle
from ._simulator import Simulator
from ._spec import AgentSpec
from ._versions import VERSIONS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--agent-version", default="4.5.0.0", choices=sorted(VERSIONS))
    parser.add_argument("--agents", type=int, default=1, help="how many; the first one is the master")
    parser.add_argument(
        "--port", type=int, default=2886, help="of the first agent, the others follow; 0 is any free one"
    )
    parser.add_argument("--socket", default="", help="path of the first agent's unix socket")
    parser.add_argument("--speed", type=float, default=1.0, help="ticks in a second; 0 is only when told to")
    parser.add_argument("--failed-init", metavar="NODE[:TIMES]", help="begin with an initialisation that failed there")
    parser.add_argument("--root-password-env", metavar="NAME", help="the variable that holds the root password")
    parser.add_argument("--control-port", type=int, default=0, help="of the API to steer the simulator")
    parser.add_argument("--ready-file", type=Path, help="written once all serve: addresses and IDs as JSON")
    return parser


def _obstacle(text: str) -> Obstacle:
    node, _colon, times = text.partition(":")
    return Obstacle(node=node, times=int(times) if times else None)


def main() -> None:
    options = _parser().parse_args()
    specs = [
        AgentSpec(
            version=options.agent_version,
            port=options.port + index if options.port else 0,
            socket=options.socket if index == 0 else "",
        )
        for index in range(options.agents)
    ]
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Simulator(specs, speed=options.speed) as simulator:
        control = Control(simulator)
        simulator.run(control.start(options.control_port))
        password = os.environ.get(options.root_password_env, "") if options.root_password_env else ""
        dag_id = ""
        if options.failed_init:
            dag_id = simulator.fail_init(obstacle=_obstacle(options.failed_init), root_password=password)
        agents = describe(simulator)
        ready = {
            **agents[0],
            "agents": agents,
            "id": dag_id,
            "ids": [dag_id] if dag_id else [],
            "control": control.address,
            "pid": os.getpid(),
        }
        if options.ready_file:
            _write(options.ready_file, json.dumps(ready))
        ended.wait()
        simulator.run(control.stop())


def _write(path: Path, text: str) -> None:
    """In one piece, for whoever waits for the file to appear."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(f"{text}\n", encoding="utf-8")
    partial.replace(path)


if __name__ == "__main__":
    main()
