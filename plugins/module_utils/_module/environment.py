# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options that a task does not give: from the environment, unless they contradict what the task gives."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int

from .._errors import InvalidInput
from .options import CONNECTION, Params

DEFAULTS = {
    "host": "127.0.0.1",
    "port": 2886,
    "use_tls": False,
    "use_proxy": True,
    "validate_certs": True,
    "timeout": 30.0,
}
CONVERSIONS: dict[str, t.Callable[[str], t.Any]] = {
    "bool": check_type_bool,
    "float": check_type_float,
    "int": check_type_int,
    "path": os.path.expanduser,
    "str": str,
}
TLS = ("validate_certs", "ca_path", "client_cert", "client_key")
# If the task gives one of these options, the environment's values of the others are another connection's.
EXCLUDED_BY: dict[str, tuple[str, ...]] = {
    "socket": ("host", "port", "use_tls", "use_proxy", *TLS),
    "host": ("socket",),
    "port": ("socket",),
    "use_tls": ("socket",),
    "password": ("agent_password",),
    "agent_password": ("password",),
    "client_cert": ("client_key",),
    "client_key": ("client_cert",),
}
CONFLICTS = (("socket", "host"), ("socket", "port"), ("socket", "use_tls"))


def with_environment(params: Params) -> Params:
    """Complete connection options: what the task gives, then the environment, then the defaults.

    :param params: a task's options, validated by their spec; an option that was not given is None.
    :raises InvalidInput: the task, or the environment, contradicts itself, or a variable has an invalid value.
    """
    given = {name for name in CONNECTION if params.get(name) is not None}
    _refuse_conflicts(params, given, str)
    excluded = {other for name in given for other in EXCLUDED_BY.get(name, ())}
    if params.get("use_tls") is False:
        excluded.update(TLS)
    environment = {name: _convert(name, text) for name, text in _variables().items() if name not in given | excluded}
    _refuse_conflicts(environment, set(environment), variable_of)
    values = {**DEFAULTS, **environment, **{name: params[name] for name in given}}
    return {**params, **{name: values.get(name) for name in CONNECTION}}


def with_overrides(params: Params, given: Params) -> Params:
    """Replace connection options of a task by those of one agent, which take the place of others as a task's do.

    :param params: the options of the task, as :func:`with_environment` completes them.
    :param given: options of the agent; one that was not given is None or absent.
    """
    own = {name: given[name] for name in CONNECTION if given.get(name) is not None}
    excluded = {other for name in own for other in EXCLUDED_BY.get(name, ())}
    if own.get("use_tls") is False:
        excluded.update(TLS)
    return {**params, **{name: DEFAULTS.get(name) for name in excluded}, **own}


def variable_of(name: str) -> str:
    """The environment variable of an option."""
    return f"OBSHELL_{name.upper()}"


def environment_secrets() -> list[str]:
    """The passwords in the environment, also those that no task uses."""
    secrets = [name for name, option in CONNECTION.items() if option.get("no_log")]
    return [text for name, text in _variables().items() if name in secrets]


def _variables() -> dict[str, str]:
    """The variables that are set and not empty, by the option."""
    texts = {name: os.environ.get(variable_of(name), "") for name in CONNECTION}
    return {name: text for name, text in texts.items() if text}


def _convert(name: str, text: str) -> t.Any:
    try:
        return CONVERSIONS[CONNECTION[name]["type"]](text)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{variable_of(name)}: {error}") from error


def _refuse_conflicts(values: Params, given: set[str], display: t.Callable[[str], str]) -> None:
    for one, other in CONFLICTS:
        if {one, other} <= given and values[one] and values[other]:
            raise InvalidInput(f"{display(one)} and {display(other)} are two ways to the agent: give one of them")
