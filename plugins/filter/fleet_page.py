# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the clusters of a fleet as an HTML page."""

from __future__ import annotations

import typing as t

from ..plugin_utils._fleet_page import fleet_page

DOCUMENTATION = r"""
name: fleet_page
short_description: Write the clusters of a fleet as an HTML page
version_added: 1.0.0
author:
  - OceanBase obshell collection contributors (@oceanbase)
description:
  - Writes the result of M(oceanbase.obshell.obshell_fleet_info) as one HTML page, which contains its style, has no
    script and loads nothing.
  - Each cluster has one row. Below it are its unfinished and failed DAGs with their age and the operators that they
    allow, and the agents that did not answer. The playbook C(oceanbase.obshell.survey) uses the filter.
options:
  _input:
    description: The registered result of M(oceanbase.obshell.obshell_fleet_info).
    type: dict
    required: true
seealso:
  - module: oceanbase.obshell.obshell_fleet_info
"""

EXAMPLES = r"""
- name: Read the agents
  oceanbase.obshell.obshell_fleet_info:
    agents: [192.0.2.1, 192.0.2.2]
  register: fleet

- name: Write the page
  ansible.builtin.copy:
    content: "{{ fleet | oceanbase.obshell.fleet_page }}"
    dest: fleet.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"fleet_page": fleet_page}
