# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agents that an inventory begins with, each with its complete connection options."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._errors import InvalidInput
from ..module_utils._ids import Address
from ..module_utils._module.connection import bare_host, check_options, parse_agent
from ..module_utils._module.environment import with_environment, with_overrides
from ..module_utils._module.options import CONNECTION, Params

# A socket leads to one agent of this machine, and the others of its cluster have none here.
SPEC = {name: option for name, option in CONNECTION.items() if name != "socket"}
SPEC["host"] = {"type": "str", "required": True}
OPTIONS = tuple(name for name in SPEC if name != "host")


def read_seeds(seeds: t.Iterable[t.Any], options: Params) -> dict[Address, Params]:
    """Complete the connection options of each seed: its own, then those of the inventory, then the environment.

    :param seeds: `host`, `host:port`, or a dict of connection options with `host`.
    :param options: the connection options of the inventory; None or absent if not given.
    :returns: the options by the address to which they lead.
    :raises InvalidInput: a seed is malformed or given twice, or an option is wrong.
    """
    # Each seed has a host, so a socket or a host of the environment is another connection's.
    # A template may have made a number of a password.
    typed = _validate({name: SPEC[name] for name in OPTIONS}, {name: options.get(name) for name in OPTIONS}, "options")
    common = with_environment({**typed, "host": "localhost"})
    found: dict[Address, Params] = {}
    for seed in seeds:
        params = with_overrides(common, _read(seed))
        check_options(params)
        address = Address(params["host"], params["port"])
        if address in found:
            raise InvalidInput(f"seeds contains {address} a second time")
        found[address] = params
    return found


def _read(seed: t.Any) -> Params:
    if isinstance(seed, str):
        host, port = parse_agent(seed, "seeds")
        return {"host": host, "port": port}
    if not isinstance(seed, dict):
        # Not the value: one dash too many makes a list of a dictionary with a password.
        what = "a list" if isinstance(seed, list) else "a value"
        raise InvalidInput(f"seeds contains {what}, which is neither a text nor a dictionary")
    params = _validate(SPEC, seed, "seeds")
    return {**params, "host": bare_host(params["host"], "seeds")}


def _validate(spec: Params, given: Params, where: str) -> Params:
    validated = ArgumentSpecValidator(spec).validate(given)
    if validated.error_messages:
        raise InvalidInput(f"{where}: {'; '.join(validated.error_messages)}")
    params: Params = validated.validated_parameters
    return params
