# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which agents a DAG ID may name."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.foreign import (
    ForeignAgents,
    parse_members,
    refuse_foreign_id,
)

FOREIGN = f"3{int('20010db8000000000000000000000009', 16):039}028861"


def test_a_foreign_agent_is_refused_with_the_known_members() -> None:
    client: t.Any = mock.Mock(**{"own_address.return_value": Address("2001:db8::1", 2886)})
    with pytest.raises(Refused) as caught:
        refuse_foreign_id(client, FOREIGN, ForeignAgents(parse_members(["[2001:db8::2]:2886"])))
    assert "the agent [2001:db8::9]:2886" in caught.value.message
    assert "the known members are: [2001:db8::2]:2886" in caught.value.message


@pytest.mark.parametrize(
    "policy", [ForeignAgents(allowed=True), ForeignAgents(frozenset({Address("2001:db8::9", 2886)}))]
)
def test_an_allowed_or_listed_agent_is_not_asked_about(policy: ForeignAgents) -> None:
    refuse_foreign_id(mock.Mock(spec=[]), FOREIGN, policy)


@pytest.mark.parametrize("member", ["192.0.2.1", "192.0.2:2886", "192.0.2.1:0", "192.0.2.1:65536", "[2001::db8::1]:1"])
def test_a_malformed_member_is_refused(member: str) -> None:
    with pytest.raises(InvalidInput, match=r"members: .*, such as"):
        parse_members([member])
