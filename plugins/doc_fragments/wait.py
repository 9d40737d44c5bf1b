# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options of waiting that modules share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait for the end. If not, a task is done as soon as the agent has accepted its request, which says
        nothing about the end.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait for the end. Then the task fails with what was last seen, and the agent goes on; the same task
        run again goes on waiting without a second request.
    type: float
    default: 1800
  wait_interval:
    description:
      - The longest pause between two looks at the agent, in seconds. After each change it looks sooner.
    type: float
    default: 10
  progress:
    description:
      - Whether to print a line for each change while the task waits, and the new lines of the task's log with C(-v).
      - With V(auto) each host of a play with more than ten prints one line, at its end, if it changed something.
      - Where the module is sent to a host, it returns a second after a change, or after 30 seconds, and is sent again
        to go on; the lines come that much later.
    type: str
    choices: [auto, lines, none]
    default: auto
  _slice:
    description:
      - Private, do not set. The action plugin has a task done in parts by it, to tell what happens meanwhile.
    type: dict
"""
