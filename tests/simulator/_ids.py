# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generic IDs: a task's number, and where it is kept."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

Kind = Literal["ob", "obproxy", "cluster"]


@dataclass(frozen=True, order=True)
class Address:
    """Where an agent is, as it appears in IDs and answers."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"

    def as_dict(self) -> dict[str, object]:
        return {"ip": self.ip, "port": self.port}


@dataclass(frozen=True)
class GenericId:
    """A generic ID taken apart; `address` is None for what is kept in OceanBase."""

    kind: Kind
    address: Address | None
    number: int


class MalformedId(Exception):
    """Not a generic ID; the message is the agent's detail, which may be empty."""


def encode(*, kind: Kind, address: Address, number: int) -> str:
    if kind == "cluster":
        return f"1{number}"
    ip = ipaddress.ip_address(address.ip)
    prefix = {("ob", 4): "2", ("ob", 6): "3", ("obproxy", 4): "4", ("obproxy", 6): "5"}[kind, ip.version]
    width = 10 if ip.version == 4 else 39
    return f"{prefix}{int(ip):0{width}d}{address.port:05d}{number}"


def parse(text: str) -> GenericId:
    prefix = text[:1]
    if prefix == "1":
        return GenericId("cluster", None, _number(text[1:]))
    if prefix not in ("2", "3", "4", "5"):
        raise MalformedId("invalid generic id")
    kind: Kind = "ob" if prefix in ("2", "3") else "obproxy"
    width = 10 if prefix in ("2", "4") else 39
    if len(text) <= width + 6:
        raise MalformedId
    ip, port, number = text[1 : width + 1], text[width + 1 : width + 6], text[width + 6 :]
    return GenericId(kind, Address(_ip(ip, six=width == 39), _number(port)), _number(number))


def is_obproxy(text: str) -> bool:
    return text[:1] in ("4", "5")


def _ip(digits: str, *, six: bool) -> str:
    value = _number(digits)
    # The agent drops leading zero bytes, so an address that begins with one is no address to it.
    size = 16 if six else 4
    if not 1 << (8 * (size - 1)) <= value < 1 << (8 * size):
        raise MalformedId("convert id to ip failed")
    return str(ipaddress.IPv6Address(value) if six else ipaddress.IPv4Address(value))


def _number(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise MalformedId
    return int(digits)
