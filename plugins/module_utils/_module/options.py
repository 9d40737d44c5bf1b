# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that several modules share, and the argument specs that they make."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import env_fallback

Spec = dict[str, t.Any]
Params = dict[str, t.Any]


def _connection_option(name: str, **option: t.Any) -> Spec:
    return {name: {**option, "fallback": (env_fallback, [f"OBSHELL_{name.upper()}"])}}


CONNECTION: Spec = {
    **_connection_option("host", type="str", default="127.0.0.1"),
    **_connection_option("port", type="int", default=2886),
    **_connection_option("socket", type="path"),
    **_connection_option("password", type="str", no_log=True),
    **_connection_option("agent_password", type="str", no_log=True),
    **_connection_option("use_tls", type="bool", default=False),
    **_connection_option("validate_certs", type="bool", default=True),
    **_connection_option("ca_path", type="path"),
    **_connection_option("client_cert", type="path"),
    **_connection_option("client_key", type="path", no_log=False),
    **_connection_option("timeout", type="float", default=30.0),
}
WAIT: Spec = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 1800.0},
    "wait_interval": {"type": "float", "default": 10.0},
    "progress": {"type": "str", "choices": ["auto", "lines", "none"], "default": "auto"},
    # Arguments of a TimeSlice, set by the action plugin.
    "_slice": {"type": "dict"},
}
FOREIGN_AGENTS: Spec = {
    "members": {"type": "list", "elements": "str"},
    "allow_foreign_agent": {"type": "bool", "default": False},
}


def make_spec(*options: Spec, **constraints: t.Any) -> Spec:
    """Merge options, and add the constraints of :class:`AnsibleModule` to those of a connection."""
    argument_spec = {name: option for group in (CONNECTION, *options) for name, option in group.items()}
    return {"argument_spec": argument_spec, "required_by": {"client_key": "client_cert"}, **constraints}


def connection_secrets(params: Params) -> list[str | None]:
    """List the secret values of the connection options."""
    return [params.get(name) for name, option in CONNECTION.items() if option.get("no_log")]
