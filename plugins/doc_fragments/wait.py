# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options of waiting that modules share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait_timeout:
    description:
      - Seconds to wait for the end. Then the task fails with the state that it read last, and the agent continues. Run
        the same task again to resume waiting. Nothing is sent twice.
      - If the task has the keyword C(timeout), the wait ends shortly before that.
    type: float
    default: 1800
  wait_interval:
    description:
      - Longest pause between two polls, in seconds. After each change the task polls sooner.
    type: float
    default: 10
  progress:
    description:
      - Whether to print a line for each change while the task waits. With C(-v) the new lines of the DAG's log follow.
      - The lines are on stderr if the stdout callback is not Ansible's default one nor derived from it. A task with
        C(no_log) prints none.
      - With V(auto), in a play of more than ten hosts, each host that changed something prints one line at its end.
      - A module that is sent to a host returns one second after a change, or after 30 seconds, and is sent again to
        continue. The lines come that much later.
    type: str
    choices: [auto, lines, none]
    default: auto
  _slice:
    description:
      - Private, do not set. The action plugin uses it to run a task in time slices, and shows progress between them.
    type: dict
"""
    OPTIONAL = r"""
options:
  wait:
    description:
      - Whether to wait for the end. If false, the task ends when the agent has accepted the request, which says nothing
        about the end.
    type: bool
    default: true
"""
