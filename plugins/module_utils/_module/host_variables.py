# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the agent of an inventory's host is, from the variables of the host. Pure."""

from __future__ import annotations

import typing as t

from .._errors import InvalidInput
from .options import Params


def agent_of(name: str, variables: t.Mapping[str, t.Any]) -> Params:
    """Return the host and the port of the agent of a host; the port is None if no variable gives it.

    :raises InvalidInput: the address is a template that was not evaluated, or the port is not a number.
    """
    host = str(variables.get("obshell_host") or variables.get("ansible_host") or name)
    port = variables.get("obshell_port")
    for text in (host, str(port)):
        if "{{" in text:
            raise InvalidInput(f"inventory: {name} has the address {text!r}; give it as a plain value")
    if port and not str(port).isdecimal():
        raise InvalidInput(f"inventory: obshell_port of {name} is not a number")
    return {"host": host, "port": int(port) if port else None}
