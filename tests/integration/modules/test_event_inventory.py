# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source reads its agents from an inventory, with Ansible's own command."""

from __future__ import annotations

import asyncio
import pathlib

import pytest
import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.inventory_agents import inventory_agents

from ..conftest import Ansible

INVENTORY = {
    "observers": {"hosts": {"ob1": {"obshell_host": "10.0.0.1", "obshell_port": 2890}, "10.0.0.2": None}},
    "web": {"hosts": {"www": {"ansible_host": "10.0.0.9"}}},
}


@pytest.fixture(name="inventory")
def fixture_inventory(ansible: Ansible, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in ansible.environment.items():
        monkeypatch.setenv(name, value)
    path = ansible.folder / "inventory.yml"
    path.write_text(yaml.safe_dump(INVENTORY, sort_keys=False), encoding="utf-8")
    return str(path)


def test_only_the_hosts_of_the_pattern_are_watched(inventory: str) -> None:
    agents = asyncio.run(inventory_agents(inventory, "observers"))
    assert agents == [{"host": "10.0.0.1", "port": 2890}, {"host": "10.0.0.2", "port": None}]


def test_an_inventory_that_cannot_be_read_is_refused(inventory: str) -> None:
    path = pathlib.Path(inventory)
    path.write_text("all: [", encoding="utf-8")
    with pytest.raises(InvalidInput, match="ansible-inventory failed"):
        asyncio.run(inventory_agents(inventory, "all"))
