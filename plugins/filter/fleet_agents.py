# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the agents of an inventory's hosts."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import InvalidInput
from ..module_utils._module.host_variables import agent_of

DOCUMENTATION = r"""
name: fleet_agents
short_description: Find the agents of an inventory's hosts
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Returns where the agent of each host is, for the option O(oceanbase.obshell.obshell_fleet_info#module:connections).
  - The host of an agent is the variable C(obshell_host), or else C(ansible_host), or else the name of the host. The
    port is the variable C(obshell_port). So the hosts of the inventory plugin P(oceanbase.obshell.agents#inventory) are
    asked where the plugin asked them.
  - The playbook C(oceanbase.obshell.survey) uses the filter.
positional: hostvars
options:
  _input:
    description: Names of hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of each host. Give the variable C(hostvars) of Ansible.
    type: dict
    required: true
seealso:
  - module: oceanbase.obshell.obshell_fleet_info
  - plugin: oceanbase.obshell.agents
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Read the agents of all hosts
  oceanbase.obshell.obshell_fleet_info:
    connections: "{{ groups['all'] | oceanbase.obshell.fleet_agents(hostvars) }}"
"""

RETURN = r"""
_value:
  description:
    - The agents, each once, with C(host) and C(port). The port is null if the host has no variable for it. The module
      then uses its option O(oceanbase.obshell.obshell_fleet_info#module:port).
  type: list
  elements: dict
  sample:
    - {host: 192.0.2.1, port: 2900}
"""


def fleet_agents(hosts: t.Iterable[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the host and the port of the agent of each host, each agent once."""
    try:
        agents = [agent_of(str(host), hostvars[host]) for host in hosts]
    except InvalidInput as error:
        raise AnsibleFilterError(f"fleet_agents: {error.message}") from None
    return list({(agent["host"], agent["port"]): agent for agent in agents}.values())


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"fleet_agents": fleet_agents}
