# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the agents of an inventory's hosts are."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.oceanbase.obshell.plugins.filter.fleet_agents import FilterModule

fleet_agents = FilterModule().filters()["fleet_agents"]
HOSTVARS: dict[str, dict[str, t.Any]] = {
    "10.0.0.1": {},
    "orders": {"ansible_host": "10.0.0.2"},
    "billing": {"ansible_host": "10.0.0.9", "obshell_host": "10.0.0.3", "obshell_port": "2900"},
    "again": {"ansible_host": "10.0.0.2"},
    "other-port": {"ansible_host": "10.0.0.2", "obshell_port": 2887},
    "unused": {"ansible_host": "10.0.0.8"},
}


def test_the_variables_of_a_host_say_where_its_agent_is_and_each_agent_is_read_once() -> None:
    assert fleet_agents(["10.0.0.1", "orders", "billing", "again", "other-port"], HOSTVARS) == [
        {"host": "10.0.0.1", "port": None},
        {"host": "10.0.0.2", "port": None},
        {"host": "10.0.0.3", "port": 2900},
        {"host": "10.0.0.2", "port": 2887},
    ]


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"obshell_port": "x"}, "obshell_port of a is not a number"),
        ({"obshell_port": [2886]}, "obshell_port of a is not a number"),
        ({"ansible_host": "{{ x }}"}, "give it as a plain value"),
    ],
)
def test_a_wrong_address_is_refused_with_the_host_that_has_it(variables: dict[str, t.Any], why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why):
        fleet_agents(["a"], {"a": variables})
