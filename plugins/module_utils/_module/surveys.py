# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Survey agents by their connection options, and the other members of their clusters."""

from __future__ import annotations

from .._agent.client import ObshellClient
from .._agent.tls import SharedTrusts
from .._errors import MissingLibrary
from .._ids import Address
from .._operation.survey import Connect, Survey, other_members, survey_all
from .connection import connect
from .options import Params

Agents = dict[Address, Params]
Surveys = dict[Address, Survey]


def survey_agents(agents: Agents, *, members: bool, workers: int) -> Surveys:
    """Survey agents, in their order.

    :param agents: complete connection options, by the address to which they lead.
    :param members: also survey the members of their clusters that are not in `agents`, with the options of the first
        agent that names them.
    :raises MissingLibrary: no agent can be read without it.
    """
    trusts = SharedTrusts()
    surveys = _survey(agents, trusts, workers)
    if not members:
        return surveys
    others = {
        other: {**agents[asked], "host": other.host, "port": other.port}
        for other, asked in other_members(surveys).items()
    }
    return {**surveys, **_survey(others, trusts, workers)}


def _survey(agents: Agents, trusts: SharedTrusts, workers: int) -> Surveys:
    """Survey agents without the nodes of their DAGs, which may be large."""
    connects = {address: connect_to(own, trusts) for address, own in agents.items()}
    surveys: Surveys = {}
    for address, found in survey_all(connects, workers=workers):
        if isinstance(found.error, MissingLibrary):
            raise found.error
        surveys[address] = found.without_nodes()
    return {address: surveys[address] for address in agents}


def connect_to(own: Params, trusts: SharedTrusts | None = None) -> Connect:
    """Make the client of one agent, whose requests take no longer together than one request may."""

    def make() -> ObshellClient:
        return connect({**own, "wait_timeout": 0.0}, trusts)

    return make
