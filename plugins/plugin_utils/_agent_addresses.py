# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the asked addresses lead to the same agent, and the address that names each agent. Pure."""

from __future__ import annotations

import typing as t

from ..module_utils._ids import Address
from ..module_utils._operation.survey import Survey, leads_to_same_host

Surveys = t.Mapping[Address, Survey]


class Claim(t.NamedTuple):
    """An address by which agents know themselves, where they were asked, and whether they can be one agent.

    In two private networks two agents can have the same address.
    """

    own: Address
    asked: list[Address]
    one_agent: bool


def own_address(asked: Address, found: Survey) -> Address:
    """Return the address by which its cluster knows the agent, or else the one that was asked."""
    said = found.info or found.status
    return said.address if said and leads_to_same_host(said.address, asked) else asked


def find_claims(surveys: Surveys) -> list[Claim]:
    """Find where each agent was asked, in the order of the surveys."""
    asked_at: dict[Address, list[Address]] = {}
    for asked, found in surveys.items():
        asked_at.setdefault(own_address(asked, found), []).append(asked)
    return [Claim(own, asked, _can_be_one(surveys[one] for one in asked)) for own, asked in asked_at.items()]


def _can_be_one(surveys: t.Iterable[Survey]) -> bool:
    """Whether all that name their cluster name the same one."""
    clusters = (found.cluster for found in surveys if found.cluster)
    return len({(one.name, one.cluster_id, frozenset(peer.address for peer in one.peers)) for one in clusters}) <= 1


def name_agents(surveys: Surveys) -> dict[Address, Address]:
    """Choose the address that names each agent, by the one where it was asked, or answered if asked at several.

    Agents that cannot be one, but know themselves by the same address, are named by those where they were asked.
    """
    names: dict[Address, Address] = {}
    for claim in find_claims(surveys):
        if claim.one_agent:
            names[min(claim.asked, key=lambda asked: not surveys[asked].reachable)] = claim.own
        else:
            names.update((asked, asked) for asked in claim.asked)
    return names


def describe_shared(surveys: Surveys) -> list[str]:
    """Say which agents that answered know themselves by the same address, and what becomes of them."""
    texts = []
    for own, asked, one_agent in find_claims(surveys):
        answering = [str(address) for address in asked if surveys[address].reachable]
        if len(answering) > 1 and one_agent:
            texts.append(
                f"The agents at {' and '.join(answering)} all have the address {own}. They count as one agent; if "
                "they are not, the inventory has only the first one"
            )
        elif len(answering) > 1:
            texts.append(
                f"The agents at {' and '.join(answering)} all have the address {own}, but different clusters. Each "
                "host is named by the address where its agent was asked"
            )
    return texts
