# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generic IDs: the number of a DAG, node or sub-task, with the address of the agent that stores it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

IdKind = Literal["ob", "obproxy", "cluster"]
"""ob: stored by an agent. obproxy: stored by an agent, about its OBProxy. cluster: stored in OceanBase."""

IPV4_DIGITS, IPV6_DIGITS, PORT_DIGITS = 10, 39, 5
PREFIXES: dict[tuple[IdKind, int], str] = {("ob", 4): "2", ("ob", 6): "3", ("obproxy", 4): "4", ("obproxy", 6): "5"}


@dataclass(frozen=True, order=True)
class Address:
    """The address of an agent, as it appears in IDs and answers."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"

    def as_dict(self) -> dict[str, object]:
        return {"ip": self.ip, "port": self.port}


class MalformedId(Exception):
    """The text is not a generic ID. The message is the detail that the agent gives; it can be empty."""


@dataclass(frozen=True)
class GenericId:
    """A parsed ID. An ID of the kind "cluster" has no address."""

    kind: IdKind
    address: Address | None
    number: int

    def __str__(self) -> str:
        if self.kind == "cluster" or self.address is None:
            return f"1{self.number}"
        ip = ipaddress.ip_address(self.address.ip)
        digits = IPV4_DIGITS if ip.version == 4 else IPV6_DIGITS
        prefix = PREFIXES[self.kind, ip.version]
        return f"{prefix}{int(ip):0{digits}d}{self.address.port:0{PORT_DIGITS}d}{self.number}"

    @classmethod
    def parse(cls, text: str) -> GenericId:
        if text[:1] == "1":
            return cls("cluster", None, _parse_number(text[1:]))
        found = next((key for key, prefix in PREFIXES.items() if prefix == text[:1]), None)
        if found is None:
            raise MalformedId("invalid generic id")
        kind, ip_version = found
        port_at = 1 + (IPV4_DIGITS if ip_version == 4 else IPV6_DIGITS)
        number_at = port_at + PORT_DIGITS
        if len(text) <= number_at:
            raise MalformedId
        address = Address(_parse_ip(text[1:port_at], ip_version), _parse_number(text[port_at:number_at]))
        return cls(kind, address, _parse_number(text[number_at:]))


def names_obproxy(text: str) -> bool:
    """Whether a text begins as the ID of an OBProxy DAG does. The rest of it may be malformed."""
    return text[:1] in ("4", "5")


def _parse_ip(digits: str, version: int) -> str:
    value = _parse_number(digits)
    # The agent drops leading zero bytes. It then rejects an address whose first byte is 0, because it is too short.
    size = 4 if version == 4 else 16
    if not 1 << (8 * (size - 1)) <= value < 1 << (8 * size):
        raise MalformedId("convert id to ip failed")
    return str(ipaddress.IPv4Address(value) if version == 4 else ipaddress.IPv6Address(value))


def _parse_number(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise MalformedId
    return int(digits)
