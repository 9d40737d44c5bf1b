# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options of observers the agent refuses, and which have two spellings.

Not recorded. This follows the `DeniedConfig` and `OB_CONFIG_COMPATIBLE_MAP` of the agent, the same in all versions.
"""

from __future__ import annotations

from .errors import ApiError

DENIED = ("cluster_id", "cluster", "rootPwd", "rootservice_list", "zone", "local_ip", "devname")
SPELLINGS = {"rpc_port": "rpcPort", "mysql_port": "mysqlPort"}


def check_options(options: dict[str, str]) -> None:
    """Raise ApiError if one of the options has a parameter or a route of its own."""
    for name in DENIED:
        if name in options:
            raise ApiError("denied_option", name)


def with_one_spelling(options: dict[str, str]) -> dict[str, str]:
    """The options by their usual names. Raise ApiError if two spellings of one have different values."""
    unified = dict(options)
    for name, other in SPELLINGS.items():
        if other in unified:
            value = unified.pop(other)
            if unified.setdefault(name, value) != value:
                raise ApiError("two_spellings", name, other)
    return unified
