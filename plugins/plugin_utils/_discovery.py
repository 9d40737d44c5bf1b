# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From some agents of each cluster to all of its members."""

from __future__ import annotations

import functools

from ..module_utils._ids import Address
from ..module_utils._module.connection import connect
from ..module_utils._module.options import Params
from ..module_utils._operation.survey import Survey, other_members, survey_all

WORKERS = 32
Surveys = dict[Address, Survey]


def discover(seeds: dict[Address, Params]) -> Surveys:
    """Survey the seeds, and then the members of their clusters that are not seeds.

    :param seeds: complete connection options. A member is asked with those of the first seed that named it.
    :returns: the surveys by the address that was asked, those of the seeds first.
    """
    surveys = _survey(seeds)
    members = {
        member: {**seeds[seed], "host": member.host, "port": member.port}
        for member, seed in other_members(surveys).items()
    }
    return {**surveys, **_survey(members)}


def names_members(found: Survey) -> bool:
    """Whether a survey shows which agents belong to the cluster; an agent of seekdb has no others."""
    return found.cluster is not None or bool(found.info and found.info.is_seekdb)


def _survey(agents: dict[Address, Params]) -> Surveys:
    """Survey agents, each within the time of one request, without the nodes of their DAGs, which may be large."""
    connects = {
        address: functools.partial(connect, {**params, "wait_timeout": 0.0}) for address, params in agents.items()
    }
    found = {address: survey.without_nodes() for address, survey in survey_all(connects, workers=WORKERS)}
    return {address: found[address] for address in agents}
