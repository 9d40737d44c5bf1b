# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what an agent is, in the controller's own process where nothing forbids it."""

from __future__ import annotations

import typing as t

from ..module_utils._agent.client import ObshellClient
from ..module_utils._dag.model import OnChange
from ..module_utils._module.dag_info import agent_info
from ..module_utils._module.options import AGENT_INFO
from ..plugin_utils._action import ObshellAction


class ActionModule(ObshellAction):
    """The action of the module of the same name."""

    spec = AGENT_INFO

    def function(self, client: ObshellClient, params: dict[str, t.Any], on_change: OnChange | None) -> dict[str, t.Any]:
        """See :class:`ObshellAction`."""
        return agent_info(client, params)
