# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a route's handler gets, and the less usual things it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._errors import ApiError
from ._ids import Address, GenericId, MalformedId, parse
from ._model import Json

if TYPE_CHECKING:
    from ._agent import Agent


@dataclass
class Call:
    """A verified request, at the agent that is to answer it."""

    agent: Agent
    method: str
    uri: str
    query: dict[str, list[str]] = field(default_factory=dict)
    id: str = ""
    body: Json = field(default_factory=dict)
    local: bool = False
    forwarded_by: Agent | None = None
    forwarded_to: str = ""

    @property
    def details(self) -> bool:
        return self.query.get("show_details", ["true"])[0].lower() not in ("false", "0", "f")

    def required(self, name: str, *, structure: str) -> Any:
        if not self.body.get(name):
            raise ApiError("missing_field", structure, name[0].upper() + name[1:])
        return self.body[name]

    def parse_id(self) -> GenericId:
        try:
            found = parse(self.id)
        except MalformedId as error:
            raise ApiError("invalid_id", self.id, f": {error}" if str(error) else "") from error
        if found.kind == "obproxy" and not self.agent.version.coded_errors:
            raise ApiError("invalid_id", self.id, "")
        return found

    def owner(self, found: GenericId) -> Agent:
        """The agent that keeps what this ID names: the request goes there, whoever it is."""
        me = self.agent
        if found.address is None or found.address == me.location:
            return me
        if found.kind == "obproxy":
            raise ApiError("not_found", "obproxy task not found")
        if me.identity == "FOLLOWER" and me.master:
            return self.forward(me.master.location)
        return self.forward(found.address)

    def forward(self, address: Address) -> Agent:
        self.forwarded_to = str(address)
        target = self.agent.simulator.at(address)
        if target is None or target.down:
            raise ApiError("unreachable", self.method, self.uri, address)
        return target


@dataclass(frozen=True)
class Contents:
    """A list is answered as `data.contents`, which can be null."""

    contents: list[Json] | None


@dataclass(frozen=True)
class Partial:
    """An error with data beside it; None is a null."""

    data: Json | None
    error: ApiError


class NoContent:
    """204, without a body."""
