# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request as it comes in, and the reply as it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs

from ..core.dag import Json

Auth = Literal["none", "oceanbase", "agent", "v1", "socket"]
"""How a request is authenticated: by the root password, the agent password, version 1, or the socket."""


@dataclass(frozen=True)
class Request:
    """`uri` is as it stands in the request line. `local` means that the request came over the unix socket."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    local: bool = False

    @property
    def path(self) -> str:
        return self.uri.split("?", 1)[0]

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.uri.partition("?")[2])


@dataclass
class Reply:
    """The status and the envelope of an answer, and what the journal stores about the request."""

    status: int = 200
    envelope: Json | None = None
    auth: Auth = "none"
    body: Any = None
    """The decrypted body of the request."""
    error: str = ""
    forwarded_to: str = ""
