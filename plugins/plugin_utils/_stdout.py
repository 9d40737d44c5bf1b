# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a person reads what Ansible prints, or a program that lines of progress would confuse."""

from __future__ import annotations

from ansible import constants, context
from ansible.plugins.loader import callback_loader

FOR_PEOPLE = "ansible.plugins.callback.default"


def stdout_is_for_people() -> bool:
    """Whether the callback that writes to stdout is Ansible's default one, or is derived from it.

    Others write JSON, or results that programs cut at their first line. Commands other than ansible-playbook take
    `minimal` or `oneline`, unless another callback is set and enabled for them.
    """
    name = constants.DEFAULT_STDOUT_CALLBACK
    if "start_at_task" not in context.CLIARGS:
        enabled = constants.DEFAULT_LOAD_CALLBACK_PLUGINS and name != "default"
        if not enabled or context.CLIARGS.get("one_line"):
            return False
    plugin = callback_loader.get(name, class_only=True)
    return plugin is not None and any(base.__module__ == FOR_PEOPLE for base in plugin.__mro__)
