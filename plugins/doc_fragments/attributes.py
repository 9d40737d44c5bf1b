# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the attributes that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Has an action plugin of the same name, which can run on the controller.
    support: full
    details: With a local connection and without C(become), C(environment) or its own interpreter, a task runs in the
      controller's own process, if the libraries that the task needs are installed there. Otherwise Ansible sends the
      module to the host.
  action_group:
    description: Use C(group/oceanbase.obshell.obshell) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - oceanbase.obshell.obshell
  async:
    description: Supports the C(async) keyword.
    support: none
    details: A task with C(async) fails before it sends anything. If the module has the option O(ignore:wait), use
      O(ignore:wait=false) instead, and run the same task again later.
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no
      change.
  platform:
    description: Platforms that the module runs on.
    support: full
    platforms: posix
"""
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: This module changes nothing.
  diff_mode:
    support: N/A
    details: This module changes nothing.
  idempotent:
    support: full
    details: This module changes nothing.
"""
