# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a cluster to what is declared, in the controller's own process where nothing forbids it."""

from __future__ import annotations

import typing as t

from ..module_utils._cluster.observe import Members
from ..module_utils._dag.model import OnChange
from ..module_utils._module.cluster import CLUSTER, CLUSTER_KIND, cluster
from ..plugin_utils._action import ObshellAction, Result


class ActionModule(ObshellAction):
    """The action of the module of the same name."""

    spec = CLUSTER
    kind = CLUSTER_KIND

    def function(self, client: Members, params: dict[str, t.Any], on_change: OnChange | None) -> Result:
        """See :class:`ObshellAction`."""
        return cluster(client, params, on_change)
