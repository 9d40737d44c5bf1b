# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address is written as host:port everywhere, an IPv6 one in brackets."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import show_address
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.dag_info import agent_info
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.foreign import refuse_stranger


@pytest.mark.parametrize(
    ("host", "shown"),
    [("192.0.2.1", "192.0.2.1:2886"), ("db1.example", "db1.example:2886"), ("2001:db8::1", "[2001:db8::1]:2886")],
)
def test_show_address(host: str, shown: str) -> None:
    assert show_address(host, 2886) == shown
    client: t.Any = mock.Mock(**{"info.return_value": {"ip": host, "port": 2886}, "status.return_value": {}})
    assert agent_info(client, {})["agent"]["address"] == shown


def test_a_stranger_and_the_members_known() -> None:
    client: t.Any = mock.Mock(**{"own_address.return_value": ("2001:db8::1", 2886)})
    stranger = f"3{int('20010db8000000000000000000000009', 16):039}028861"
    with pytest.raises(Refused) as caught:
        refuse_stranger(client, stranger, members=["[2001:db8::2]:2886"], allow_foreign_agent=False)
    assert "the agent [2001:db8::9]:2886" in caught.value.message
    assert "the members known are [2001:db8::2]:2886" in caught.value.message
