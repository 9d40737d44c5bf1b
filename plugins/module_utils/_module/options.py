# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that several modules share, and the argument specs that they make."""

from __future__ import annotations

import typing as t

Spec = dict[str, t.Any]
Params = dict[str, t.Any]


# Without defaults: environment.py completes what the task does not give.
CONNECTION: Spec = {
    "host": {"type": "str"},
    "port": {"type": "int"},
    "socket": {"type": "path"},
    "password": {"type": "str", "no_log": True},
    "agent_password": {"type": "str", "no_log": True},
    "use_tls": {"type": "bool"},
    "use_proxy": {"type": "bool"},
    "validate_certs": {"type": "bool"},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "timeout": {"type": "float"},
}
WAIT_LIMITS: Spec = {
    "wait_timeout": {"type": "float", "default": 1800.0},
    "wait_interval": {"type": "float", "default": 10.0},
    "progress": {"type": "str", "choices": ["auto", "lines", "none"], "default": "auto"},
    # Arguments of a TimeSlice, set by the action plugin.
    "_slice": {"type": "dict"},
}
WAIT: Spec = {"wait": {"type": "bool", "default": True}, **WAIT_LIMITS}
FOREIGN_AGENTS: Spec = {
    "members": {"type": "list", "elements": "str"},
    "allow_foreign_agent": {"type": "bool", "default": False},
}


def make_spec(*options: Spec, **constraints: t.Any) -> Spec:
    """Merge options with those of the connection, and add constraints of :class:`AnsibleModule`."""
    argument_spec = {name: option for group in (CONNECTION, *options) for name, option in group.items()}
    return {"argument_spec": argument_spec, **constraints}


def connection_secrets(params: Params) -> list[str | None]:
    """List the secret values of the connection options."""
    return [params.get(name) for name, option in CONNECTION.items() if option.get("no_log")]
