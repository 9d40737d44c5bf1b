# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run simulated agents until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

from .control import ControlServer, describe_agents
from .core.obstacles import Obstacle
from .core.spec import AgentSpec, Tls
from .core.version import NEWEST, OLDEST, Version
from .simulator import Simulator


def main() -> None:
    options = _read_options()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with (
        Simulator(_specs(options), speed=options.speed, allow_storms=True) as simulator,
        ControlServer(simulator) as control,
    ):
        control.start(options.control_port)
        dag_id = _fail_init(simulator, options) if options.failed_init else ""
        if options.ready_file:
            _write(options.ready_file, json.dumps(_describe(simulator, control, dag_id)))
        stopped.wait()


def _read_options() -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args()
    if bool(options.tls_certificate) != bool(options.tls_key):
        parser.error("--tls-certificate and --tls-key belong together")
    if options.seekdb and options.failed_init:
        parser.error("--failed-init is not for --seekdb, which has no initialisation")
    if options.tls_client_ca and not options.tls_certificate:
        parser.error("--tls-client-ca needs --tls-certificate")
    if options.tls_client_ca and not Version(options.agent_version).client_certificates:
        parser.error("--tls-client-ca needs an agent of 4.4.2.0 or later")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument(
        "--agent-version", type=_version, default=NEWEST, help=f"{OLDEST} to {NEWEST}; the default is {NEWEST}"
    )
    parser.add_argument("--seekdb", action="store_true", help="agents of seekdb, each of which is alone")
    parser.add_argument("--agents", type=int, default=1, help="number of agents; the first one is the master")
    parser.add_argument(
        "--port", type=int, default=2886, help="port of the first agent; the others take the next ones; 0: any free one"
    )
    parser.add_argument("--socket", default="", help="path of the first agent's unix socket")
    parser.add_argument("--tls-certificate", help="file of the certificate with which all agents serve TLS")
    parser.add_argument("--tls-key", help="file of its key")
    parser.add_argument(
        "--tls-client-ca", help="file of the authority whose certificates clients must have; they need none by default"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="ticks per second; 0: only POST /tick lets time pass")
    parser.add_argument("--failed-init", metavar="NODE[:TIMES]", help="let an initialisation fail at this node")
    parser.add_argument(
        "--root-password-env", metavar="NAME", help="environment variable with the root password of --failed-init"
    )
    parser.add_argument("--control-port", type=int, default=0, help="port of the control API; 0: any free one")
    parser.add_argument(
        "--ready-file", type=Path, help="file for addresses and IDs, as JSON, written once all is ready"
    )
    return parser


def _version(name: str) -> str:
    try:
        return Version(name).name
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _specs(options: argparse.Namespace) -> list[AgentSpec]:
    return [
        AgentSpec(
            version=options.agent_version,
            seekdb=options.seekdb,
            port=options.port + index if options.port else 0,
            socket=options.socket if index == 0 else "",
            tls=_tls(options),
        )
        for index in range(options.agents)
    ]


def _tls(options: argparse.Namespace) -> Tls | None:
    if not options.tls_certificate:
        return None
    return Tls(options.tls_certificate, options.tls_key, options.tls_client_ca)


def _fail_init(simulator: Simulator, options: argparse.Namespace) -> str:
    node, _colon, times = options.failed_init.partition(":")
    obstacle = Obstacle(node=node, times=int(times) if times else None)
    password = os.environ.get(options.root_password_env, "") if options.root_password_env else ""
    return simulator.fail_init(obstacle=obstacle, root_password=password)


def _describe(simulator: Simulator, control: ControlServer, dag_id: str) -> dict[str, Any]:
    agents = describe_agents(simulator)
    ids = {"id": dag_id, "ids": [dag_id] if dag_id else []}
    return {**agents[0], "agents": agents, **ids, "control": control.url, "pid": os.getpid()}


def _write(path: Path, text: str) -> None:
    """Write the whole file at once: other processes wait for it to appear."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(f"{text}\n", encoding="utf-8")
    partial.replace(path)


if __name__ == "__main__":
    main()
