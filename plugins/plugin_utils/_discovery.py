# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From some agents of each cluster to all of its members."""

from __future__ import annotations

from ..module_utils._ids import Address
from ..module_utils._module.options import Params
from ..module_utils._module.surveys import Surveys, survey_agents
from ..module_utils._operation.survey import Survey

WORKERS = 32


def discover(seeds: dict[Address, Params]) -> Surveys:
    """Survey the seeds, and then the members of their clusters that are not seeds.

    :param seeds: complete connection options. A member is asked with those of the first seed that named it.
    :returns: the surveys by the address that was asked, those of the seeds first.
    """
    return survey_agents(seeds, members=True, workers=WORKERS)


def names_members(found: Survey) -> bool:
    """Whether a survey shows which agents belong to the cluster; an agent of seekdb has no others."""
    return found.cluster is not None or bool(found.info and found.info.is_seekdb)
