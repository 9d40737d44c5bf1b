# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specs that modules and action plugins share."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import env_fallback

from .._dag.model import OPERATORS

Spec = dict[str, t.Any]


def _option(name: str, **option: t.Any) -> dict[str, t.Any]:
    return {name: {**option, "fallback": (env_fallback, [f"OBSHELL_{name.upper()}"])}}


CONNECTION: Spec = {
    **_option("host", type="str", default="127.0.0.1"),
    **_option("port", type="int", default=2886),
    **_option("socket", type="path"),
    **_option("password", type="str", no_log=True),
    **_option("agent_password", type="str", no_log=True),
    **_option("use_tls", type="bool", default=False),
    **_option("validate_certs", type="bool", default=True),
    **_option("ca_path", type="path"),
    **_option("client_cert", type="path"),
    **_option("client_key", type="path", no_log=False),
    **_option("timeout", type="float", default=30.0),
}
WAIT: Spec = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 1800.0},
    "wait_interval": {"type": "float", "default": 10.0},
    "progress": {"type": "str", "choices": ["auto", "lines", "none"], "default": "auto"},
    "_slice": {"type": "dict"},
}
STRANGERS: Spec = {
    "members": {"type": "list", "elements": "str"},
    "allow_foreign_agent": {"type": "bool", "default": False},
}
DAG: Spec = {
    "argument_spec": {
        **CONNECTION,
        **WAIT,
        **STRANGERS,
        "id": {"type": "str"},
        "name": {"type": "str"},
        "operator": {"type": "str", "choices": list(OPERATORS), "required": True},
        "settle": {"type": "bool", "default": False},
        "accept_data_removal": {"type": "bool", "default": False},
    },
    "mutually_exclusive": [("id", "name")],
    "required_one_of": [("id", "name")],
    "required_by": {"client_key": "client_cert"},
}
DAG_INFO: Spec = {
    "argument_spec": {
        **CONNECTION,
        **STRANGERS,
        "id": {"type": "str"},
        "scope": {
            "type": "str",
            "choices": ["unfinished", "agent", "agents", "cluster", "all"],
            "default": "unfinished",
        },
        "name": {"type": "str"},
        "state": {"type": "str", "choices": ["PENDING", "READY", "RUNNING", "SUCCEED", "FAILED"]},
        "operator": {"type": "str", "choices": ["RUN", *OPERATORS]},
        "details": {"type": "str", "choices": ["none", "failed", "all"], "default": "failed"},
    },
    "mutually_exclusive": [("id", "name"), ("id", "state"), ("id", "operator")],
    "required_by": {"client_key": "client_cert"},
}
AGENT_INFO: Spec = {"argument_spec": CONNECTION, "required_by": {"client_key": "client_cert"}}

SECRETS = tuple(name for name, option in CONNECTION.items() if option.get("no_log"))
