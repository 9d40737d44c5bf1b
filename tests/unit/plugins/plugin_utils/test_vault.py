# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that a vault encrypted become text."""

from __future__ import annotations

import typing as t

from ansible_collections.oceanbase.obshell.plugins.plugin_utils._vault import unwrap_vault


class Encrypted(str):
    """A value that a vault encrypted, as ansible-core before 2.19 has it."""

    __ENCRYPTED__ = True


def test_encrypted_values_become_plain_strings_at_any_depth_in_place() -> None:
    server = {"host": "db1", "agent_password": Encrypted("a")}
    servers = [server, [Encrypted("b"), 1]]
    values = {"password": Encrypted("c"), "servers": servers, "wait": True}
    unwrap_vault(values)
    assert values == {"password": "c", "servers": [{"host": "db1", "agent_password": "a"}, ["b", 1]], "wait": True}
    found = [values["password"], server["agent_password"], t.cast("t.Any", servers[1])[0]]
    assert {type(value) for value in found} == {str}
    assert values["servers"] is servers and servers[0] is server
