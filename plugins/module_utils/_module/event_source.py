# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source `dag` of ansible-rulebook: arguments in, events out that hold no secret and no template."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._dag.kinds.definition import CONSEQUENCES
from .._errors import InvalidInput, ObshellError
from .._watch.events import Event, complete
from .._watch.healing import OPERATORS, HealRule, Window
from .._watch.observer import Observer
from .._watch.state_file import StateFile
from .._watch.watcher import Schedule, Watcher
from .environment import environment_secrets, with_environment
from .fleet_info import AGENTS, MAX_WORKERS, fleet_secrets, make_fleet
from .inert import inert
from .inventory_agents import inventory_agents
from .masking import Masker
from .options import Params, make_spec
from .surveys import connect_to

Put = t.Callable[[Event], t.Awaitable[None]]
# What ansible-rulebook itself adds to the arguments.
NOT_OPTIONS = ("feedback", "eda_feedback_queue")
HEAL: Params = {
    "kinds": {"type": "list", "elements": "str", "required": True},
    "operators": {"type": "list", "elements": "str", "choices": list(OPERATORS), "default": ["RETRY"]},
    "accept": {"type": "list", "elements": "str", "choices": list(CONSEQUENCES), "default": []},
    "attempts_per_hour": {"type": "int", "default": 3},
    "pause": {"type": "float", "default": 300.0},
    "quiet_hours": {"type": "list", "elements": "str", "default": []},
}
SPEC = make_spec(
    AGENTS,
    {
        "inventory": {"type": "path"},
        "hosts": {"type": "str", "default": "all"},
        "interval": {"type": "float", "default": 30.0},
        "workers": {"type": "int", "default": 32},
        "stuck_after": {"type": "float", "default": 3600.0},
        "state_file": {"type": "path"},
        "heal": {"type": "dict", "options": HEAL},
    },
)
for _of_one_agent in ("host", "socket"):
    del SPEC["argument_spec"][_of_one_agent]


async def watch(put: Put, args: Params) -> None:
    """Watch agents until cancelled.

    :param put: takes each event.
    :param args: the options of the source; those that are None are not given.
    :raises ObshellError: an option is wrong. No secret is in its message.
    """
    given = {name: value for name, value in args.items() if value is not None and name not in NOT_OPTIONS}
    masker = Masker([*_unvalidated_secrets(given), *environment_secrets()])
    try:
        params = _validate(given)
        masker = Masker([*fleet_secrets(params), *environment_secrets()])
        await _watch(put, params, masker)
    except ObshellError as error:
        error.args = (masker.text(error.message),)
        raise


async def _watch(put: Put, params: Params, masker: Masker) -> None:
    others = await inventory_agents(params["inventory"], params["hosts"]) if params["inventory"] else []
    agents = make_fleet(params, others).agents
    first = len(params["agents"])
    own = [str(address) for address in agents][first : first + len(params["connections"])]
    state_file = StateFile(params["state_file"] or "")
    with state_file.locked() as memory:

        async def emit(events: list[Event]) -> None:
            # First: a request that was forgotten could be repeated beyond the limits.
            state_file.save(memory)
            for event in events:
                agent = event["agent"]["address"]
                event["agent"]["connection"] = own.index(agent) + 1 if agent in own else 0
                await put(inert(complete(masker.result(event))))

        observer = Observer(memory, stuck_after=params["stuck_after"], rule=heal_rule(params))
        connects = {address: connect_to(options) for address, options in agents.items()}
        try:
            await Watcher(connects, observer, emit, Schedule(params["interval"], params["workers"])).run()
        finally:
            # With what no event was about, such as DAGs that run.
            state_file.save(memory)


def _unvalidated_secrets(given: Params) -> list[str]:
    """List what is given as a password, of whatever type: an error of the validation could show it."""
    connections = given.get("connections")
    own = connections if isinstance(connections, list) else []
    options = [given, *(item for item in own if isinstance(item, dict))]
    return [str(one[name]) for one in options for name in ("password", "agent_password") if one.get(name)]


def _validate(given: Params) -> Params:
    """Validate the options as Ansible does, and complete them.

    :raises InvalidInput: one is wrong.
    """
    validated = ArgumentSpecValidator(**SPEC).validate(given)
    if validated.error_messages:
        raise InvalidInput("; ".join(validated.error_messages))
    # Each agent has a host, so a socket or a host of the environment is another connection's.
    params = with_environment({**validated.validated_parameters, "host": "localhost"})
    for name in ("interval", "stuck_after"):
        if not params[name] > 0:
            raise InvalidInput(f"{name} must be greater than 0, got {params[name]:g}")
    if not 0 < params["workers"] <= MAX_WORKERS:
        raise InvalidInput(f"workers must be between 1 and {MAX_WORKERS}, got {params['workers']}")
    return params


def heal_rule(params: Params) -> HealRule | None:
    """Read the option `heal`.

    :raises InvalidInput: it is wrong, or nothing would remember its limits.
    """
    heal = params["heal"]
    if heal is None:
        return None
    if not params["state_file"]:
        raise InvalidInput("heal needs state_file: without it a restart would forget the limits")
    if heal["attempts_per_hour"] < 1 or heal["pause"] < 0:
        raise InvalidInput("heal: attempts_per_hour must be at least 1, and pause must not be negative")
    return HealRule(
        kinds=tuple(heal["kinds"]),
        operators=tuple(heal["operators"]),
        accept=frozenset(heal["accept"]),
        attempts_per_hour=heal["attempts_per_hour"],
        pause=heal["pause"],
        quiet=tuple(Window.parse(text) for text in heal["quiet_hours"]),
    )
