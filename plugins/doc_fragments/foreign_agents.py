# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that say which agents an ID may name."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  members:
    description:
      - Agents that O(id) may name besides the connected one, each as C(192.0.2.1:2886) or C([2001:db8::1]:2886).
      - If not given, and O(id) names another agent, the module asks the connected agent for the members of its cluster.
        This costs one request. You need O(members) only if the agent cannot answer it.
    type: list
    elements: str
  allow_foreign_agent:
    description:
      - Whether O(id) may name any agent. The connected agent forwards the request there, with the password of
        C(root@sys) encrypted for the server at that address.
    type: bool
    default: false
"""
