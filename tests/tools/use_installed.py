# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use an installed collection by an Ansible beside which there is only what the README asks for.

A simulated agent, which the checkout's own Python runs, has a failed initialisation that is found and rolled back: once
in the controller's process and once by modules that are sent.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import sys
import time
import typing as t
from collections.abc import Iterator

from environment import BUILD, ROOT, tool_environment

# ansible-core, requests and cryptography, by cores.py.
USER_BIN = BUILD / "user/bin"
SIMULATOR = [str(ROOT / ".venv/bin/python"), "-m", "ansible_collections.oceanbase.obshell.tests.simulator"]
PASSWORD = {"OBSHELL_PASSWORD": "R00t#Secret+pw"}
# A task with an environment of its own is sent.
WAYS: dict[str, dict[str, t.Any]] = {"here": {}, "sent": {"environment": {"SENT": "1"}}}
NAME = "Initialize cluster"
TASKS: list[dict[str, t.Any]] = [
    {"oceanbase.obshell.obshell_dag_info": {"name": NAME}, "register": "found"},
    {"oceanbase.obshell.obshell_dag": {"name": NAME, "operator": "ROLLBACK"}, "register": "done"},
    # The agent speaks no TLS: that is found out by requests.
    {
        "oceanbase.obshell.obshell_agent_info": {"use_tls": True},
        "register": "https",
        "failed_when": "https.msg is not search('https://.* failed: .*SSL')",
    },
    {
        "ansible.builtin.assert": {
            "that": [
                "found.dags[0].failures[0].node == 'Start observer'",
                "done.applied and done.dag.id == found.dags[0].id",
                "(done.dag.state, done.dag.operator) == ('SUCCEED', 'ROLLBACK')",
            ]
        }
    },
]


def use(collections: pathlib.Path, work: pathlib.Path) -> None:
    """Do it, with collections of that path alone; what is written goes to `work`."""
    environment = {**tool_environment(), **PASSWORD, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    del environment["PYTHONPATH"]
    for way, keywords in WAYS.items():
        play = {
            "hosts": "all",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": str(USER_BIN / "python")},
            **keywords,
            "tasks": TASKS,
        }
        file = work / f"{way}.json"
        file.write_text(json.dumps([play]), encoding="utf-8")
        command = [str(USER_BIN / "ansible-playbook"), "-i", "localhost,", "-c", "local", "-vvv", str(file)]
        with agent(work / f"{way}-agent.json") as port:
            done = subprocess.run(
                command,
                cwd=work,
                env={**environment, "OBSHELL_PORT": str(port)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        was_sent = "AnsiballZ_obshell_dag.py" in done.stdout
        if done.returncode or was_sent != (way == "sent"):
            sys.exit(f"{done.stdout}\nThe installed collection does not work ({way})")
        print(f"The installed collection works ({way})", flush=True)


@contextlib.contextmanager
def agent(ready: pathlib.Path) -> Iterator[int]:
    """Run an agent whose initialisation has failed, and give its port."""
    options = ["--port", "0", "--speed", "50", "--failed-init", "Start observer", "--ready-file", str(ready)]
    command = [*SIMULATOR, *options, "--root-password-env", *PASSWORD]
    with subprocess.Popen(command, cwd=ROOT, env={**tool_environment(), **PASSWORD}) as process:
        try:
            while not ready.is_file():
                if process.poll() is not None:
                    sys.exit("The simulated agent did not start")
                time.sleep(0.05)
            yield json.loads(ready.read_text(encoding="utf-8"))["port"]
        finally:
            process.terminate()
