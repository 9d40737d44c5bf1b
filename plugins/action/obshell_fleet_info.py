# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read many agents, in the controller's own process if possible."""

from __future__ import annotations

from ..module_utils._module.fleet_info import TASK
from ..plugin_utils._action import ObshellAction


class ActionModule(ObshellAction):
    """The action of the module of the same name."""

    definition = TASK
