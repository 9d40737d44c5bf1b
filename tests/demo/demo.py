# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show a failed initialisation explained, recovered, and left alone by a second run.

The agent is a simulated one that lives as long as the demo, or with OBSHELL_HOST or OBSHELL_SOCKET set that real one.
Writes into the checkout's `.build` and a temporary folder only.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import re
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import typing as t

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))

import yaml
from environment import ROOT, VENV_BIN, tool_environment

INIT = "Initialize cluster"
EXPLAIN = ["ansible", "localhost", "-m", "oceanbase.obshell.obshell_dag_info", "-a", f'name="{INIT}" scope=last']
AGENT = ["ansible", "localhost", "-m", "oceanbase.obshell.obshell_agent_info"]
RECOVER = ["ansible-playbook", "oceanbase.obshell.recover_init", "-e", "recover_init_hosts=localhost"]
SIMULATOR = "ansible_collections.oceanbase.obshell.tests.simulator"
# The first initialisation and the first retry fail, the second retry succeeds.
FAILED_INIT = "Start observer:2"
SECONDS_TO_START = 120
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
ESCAPES = re.compile(r"\x1b\[[\d;]*m")
# What is shown of the result of an ad hoc command, and what is left out of a playbook's output.
SHOWN = re.compile(
    r"^localhost \||^ {8}(name|state|operator|allowed_operators|failures|identity|version):"
    r"|^ {8}- [A-Z]+$|^ {8}-   agent:|^ {12}node:|ERROR:"
)
SKIPPED = re.compile(
    r"^\s*$|^(ok|skipping): \[localhost\]( => \(item=\d+\) ?)?$|^TASK \[.* : (Initialise|Keep|Record|Write) the "
)
# Results as YAML, and no warning that there is no inventory.
OUTPUT = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_LOCALHOST_WARNING": "false",
}


class Unexpected(Exception):
    """Something did not go as it should."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--speed", type=float, default=2, help="ticks of the simulated agent in a second; a real one has 1"
    )
    parser.add_argument("--think", type=float, default=10, help="seconds in which a real agent can still be spared")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    given = {name: value for name, value in os.environ.items() if name.startswith("OBSHELL_")}
    environment = {**tool_environment(), **OUTPUT, "ANSIBLE_FORCE_COLOR": str(COLOUR)}
    try:
        if given.keys() & {"OBSHELL_HOST", "OBSHELL_SOCKET"}:
            show_real({**environment, **given}, options.think)
        else:
            with tempfile.TemporaryDirectory(prefix="obshell-demo-") as folder:
                show_simulated(environment, pathlib.Path(folder), options.speed)
    except Unexpected as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


def show_simulated(environment: dict[str, str], folder: pathlib.Path, speed: float) -> None:
    environment = {**environment, "OBSHELL_HOST": "127.0.0.1", "OBSHELL_PASSWORD": secrets.token_urlsafe(9)}
    with simulator(environment, folder, speed) as port:
        environment["OBSHELL_PORT"] = str(port)
        say(
            "A simulated agent",
            f"It listens on 127.0.0.1:{port}, and an initialisation has failed on it. OBSHELL_HOST, OBSHELL_PORT and "
            "OBSHELL_PASSWORD are set. The output is shortened.",
        )
        say("Why did it fail?")
        dags = result(run(EXPLAIN, environment))["dags"]
        expect(len(dags) == 1 and dags[0]["state"] == "FAILED" and dags[0]["failures"], "no failed DAG was found")

        say("Recover it: retry up to three times, then roll back. Here the second retry succeeds.")
        recovered = report(run([*RECOVER, "-e", "recover_init_pause=1"], environment, changed=True))

        say("How is it now?")
        agent = result(run(AGENT, environment))["agent"]
        expect(agent["identity"] == "CLUSTER AGENT" and not agent["under_maintenance"], "there is no cluster")

        say("Run it again")
        run(RECOVER, environment, changed=False, only_recap=True)
    say(f"{recovered}. The second run changed nothing.")


def show_real(environment: dict[str, str], think: float) -> None:
    agent = environment.get("OBSHELL_SOCKET") or (
        f"{environment['OBSHELL_HOST']}, port {environment.get('OBSHELL_PORT', '2886')}"
    )
    say(
        "A real agent",
        f"OBSHELL_HOST or OBSHELL_SOCKET is set, so this works on the agent at {agent}, and is no simulation. It "
        f'checks whether "{INIT}" has failed there. If so, the role recover_init with its defaults retries it up to '
        "three times, and rolls it back if no retry succeeds. It refuses if the agent would delete directories that "
        "may hold data of others. If nothing has failed, nothing changes.",
    )
    print(f"\nIt begins in {think:g} seconds; Ctrl-C stops it.", flush=True)
    time.sleep(think)

    say("What has failed, and why?")
    run(EXPLAIN, environment)
    say("Recover it")
    recovered = report(run(RECOVER, environment))
    say("How is it now?")
    run(AGENT, environment)
    say("Run it again")
    run(RECOVER, environment, changed=False, only_recap=True)
    say(f"{recovered}. The second run changed nothing.")


@contextlib.contextmanager
def simulator(environment: dict[str, str], folder: pathlib.Path, speed: float) -> t.Iterator[int]:
    """Run a simulated agent, yield the port it listens at, and end it."""
    ready = folder / "ready.json"
    options = {
        "--port": "0",
        "--speed": str(speed),
        "--failed-init": FAILED_INIT,
        "--root-password-env": "OBSHELL_PASSWORD",
        "--ready-file": str(ready),
    }
    command = [str(VENV_BIN / "python"), "-m", SIMULATOR, *(part for option in options.items() for part in option)]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while not ready.exists():
                expect(process.poll() is None and time.monotonic() < deadline, "the simulator did not start")
                time.sleep(0.05)
            yield int(json.loads(ready.read_text(encoding="utf-8"))["port"])
        finally:
            process.terminate()


def run(
    command: list[str], environment: dict[str, str], *, changed: bool | None = None, only_recap: bool = False
) -> str:
    """Print a command as it would be typed, run it, and print the lines of its output that matter.

    :param changed: what a playbook's recap must say, if anything.
    :returns: its output, without colours.
    """
    print(paint("1", f"$ {shlex.join(command)}"), flush=True)
    output: list[str] = []
    with subprocess.Popen(
        [str(VENV_BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            output.append(ESCAPES.sub("", line))
            if is_shown(output[-1], ad_hoc=command[0] == "ansible", only_recap=only_recap):
                print(line.replace(" ***", " ").rstrip("* \n"), flush=True)
    text = "".join(output)
    if process.returncode:
        print(text)
    expect(process.returncode == 0, f"{command[0]} ended with status {process.returncode}")
    if changed is not None:
        expect(bool(re.search(r" changed=[1-9]", text)) == changed, f"changed={not changed}, not {changed}")
    return text


def is_shown(line: str, *, ad_hoc: bool, only_recap: bool) -> bool:
    if ad_hoc:
        return bool(SHOWN.search(line))
    return " : ok=" in line if only_recap else not SKIPPED.search(line)


def report(text: str) -> str:
    """The first line of what the role reports: which initialisation, and what became of it."""
    match = re.search(r"- '?((?:Initialisation \d+: |No initialisation)[^'\n]*)", text)
    expect(match, "the role reported nothing")
    return t.cast("re.Match[str]", match)[1].rstrip(".")


def result(text: str) -> dict[str, t.Any]:
    """Read the result of an ad hoc command, printed as YAML."""
    value = yaml.safe_load(textwrap.dedent(text.partition("=>")[2]))
    expect(isinstance(value, dict), "the command printed no result")
    return t.cast("dict[str, t.Any]", value)


def say(title: str, text: str = "") -> None:
    print(paint("1;36", f"\n== {title} =="), flush=True)
    if text:
        print(textwrap.fill(text, width=100), flush=True)


def paint(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if COLOUR else text


def expect(condition: t.Any, otherwise: str) -> None:
    if not condition:
        raise Unexpected(otherwise)


if __name__ == "__main__":
    sys.exit(main())
