# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agents that an inventory names, as `ansible-inventory` reads it: with all plugins, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import typing as t

from .._errors import InvalidInput
from .host_variables import agent_of
from .options import Params

COMMAND = "ansible-inventory"
MAX_SECONDS = 600
# Without this Ansible leaves out what it cannot read, and those agents would not be watched.
STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}


async def inventory_agents(path: str, hosts: str) -> list[Params]:
    """Read the host and port of the agent of each host of an inventory that matches a pattern.

    :raises InvalidInput: it cannot be read.
    """
    command = shutil.which(COMMAND, path=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]))
    if command is None:
        raise InvalidInput(f"inventory needs the command {COMMAND}, which is not installed")
    process = await asyncio.create_subprocess_exec(
        *(command, "--inventory", path, "--limit", hosts, "--list"),
        env={**os.environ, **STRICT},
        start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        printed, errors = await asyncio.wait_for(process.communicate(), MAX_SECONDS)
    except asyncio.TimeoutError:
        raise InvalidInput(f"inventory {path}: {COMMAND} did not end within {MAX_SECONDS} seconds") from None
    finally:
        if process.returncode is None:
            # With the scripts of the inventory that it runs.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        raise InvalidInput(f"inventory {path}: {COMMAND} failed: {errors.decode(errors='replace').strip()}")
    return agents_of(json.loads(printed))


def agents_of(inventory: t.Mapping[str, t.Any]) -> list[Params]:
    """Take the agents from what `ansible-inventory --list` prints: a host without variables is in its groups only.

    :raises InvalidInput: the address of one is a template, which is not evaluated here, or its port is not a number.
    """
    variables = inventory["_meta"]["hostvars"]
    groups = (group.get("hosts", ()) for name, group in inventory.items() if name != "_meta")
    names = dict.fromkeys(host for group in groups for host in group)
    return [agent_of(name, variables.get(name, {})) for name in names]
