# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the handler of a route is given, and what it can return other than plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from ..core.dag import Json
from ..core.errors import ApiError
from ..core.generic_id import Address, GenericId, MalformedId

if TYPE_CHECKING:
    from ..core.agent import AgentModel


@dataclass
class Call:
    """An authenticated request, on the agent that handles it."""

    agent: AgentModel
    method: str
    uri: str
    query: dict[str, list[str]] = field(default_factory=dict)
    id: str = ""
    """The ID in the path."""
    body: Json = field(default_factory=dict)
    local: bool = False
    forwarded_by: AgentModel | None = None
    """The follower that received the request and forwarded it to its master."""
    forwarded_to: str = ""

    @property
    def details(self) -> bool:
        return self.query.get("show_details", ["true"])[0].lower() not in ("false", "0", "f")

    def required(self, name: str, *, structure: str) -> Any:
        """A field of the body. `structure` is the name that the error gives to the body."""
        if not self.body.get(name):
            raise ApiError("missing_field", structure, name[0].upper() + name[1:])
        return self.body[name]

    def parse_id(self) -> GenericId:
        try:
            parsed = GenericId.parse(self.id)
        except MalformedId as error:
            raise ApiError("invalid_id", self.id, f": {error}" if str(error) else "") from error
        if parsed.kind == "obproxy" and not self.agent.knows_obproxy:
            raise ApiError("invalid_id", self.id, ": invalid generic id" if self.agent.spec.seekdb else "")
        if parsed.kind == "cluster" and self.agent.spec.seekdb:
            # It keeps both sorts of DAGs in one table.
            return GenericId("ob", self.agent.location, parsed.number)
        return parsed

    def owner_of(self, parsed: GenericId) -> AgentModel:
        """The agent that stores what the ID names. The agent forwards the request to any address in an ID."""
        agent = self.agent
        if parsed.address is None or parsed.address == agent.location:
            return agent
        if agent.spec.seekdb:
            raise ApiError("not_found_elsewhere")
        if parsed.kind == "obproxy":
            raise ApiError("not_found", "obproxy task not found")
        if agent.identity == "FOLLOWER" and agent.master:
            return self.forward(agent.master.location)
        return self.forward(parsed.address)

    def forward(self, address: Address) -> AgentModel:
        self.forwarded_to = str(address)
        target = self.agent.network.find_agent(address)
        if target is None or target.down:
            raise ApiError("unreachable", self.method, self.uri, address)
        return target


@dataclass(frozen=True)
class Contents:
    """A list. The API returns it as `data.contents`, which can be null."""

    contents: list[Json] | None


@dataclass(frozen=True)
class DataWithError:
    """An error with data beside it. None stands for `data: null`."""

    data: Json | None
    error: ApiError


class NoContent:
    """A 204, without an envelope."""


Result = Union[Json, Contents, DataWithError, NoContent, None]
"""What a handler returns. None stands for an envelope without data."""
