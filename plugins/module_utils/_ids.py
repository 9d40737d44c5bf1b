# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generic IDs: what the agent calls a DAG, and whom it would forward a request to. Pure."""

from __future__ import annotations

import ipaddress
import typing as t

from ._errors import InvalidInput

CLUSTER = "1"
IPV4 = {"2": "agent", "4": "obproxy"}
IPV6 = {"3": "agent", "5": "obproxy"}
IPV4_DIGITS, IPV6_DIGITS, PORT_DIGITS = 10, 39, 5
LARGEST_NUMBER = 2**63 - 1
LARGEST_PORT = 65535


class GenericId(t.NamedTuple):
    """A generic ID taken apart.

    `kind` is "cluster" (kept in OceanBase), "agent" (local to one) or "obproxy"; `agent` is the (address, port)
    that the agent forwards requests to, None for a cluster's; `number` counts in a series of that agent or cluster.
    """

    text: str
    kind: str
    agent: tuple[str, int] | None
    number: int

    @property
    def is_obproxy(self) -> bool:
        """Whether it is an OBProxy task, whose routes take the agent's password alone."""
        return self.kind == "obproxy"

    @classmethod
    def parse(cls, text: str) -> GenericId:
        """Take a generic ID apart, as the agent's `ConvertGenericID` does, but refuse what it would not give out.

        :param text: decimal digits: `1<n>`, or `2` or `4`, an IPv4 address in 10 digits, its port in 5, `<n>`, or `3`
            or `5` with an IPv6 address in 39.
        :raises InvalidInput: the text is no generic ID.
        """
        if not (text.isascii() and text.isdigit()):
            raise InvalidInput(f"invalid DAG ID {text!r}: it consists of decimal digits only")
        prefix, rest = text[0], text[1:]
        if prefix == CLUSTER:
            return cls(text, "cluster", None, _number(text, rest))
        if prefix not in IPV4 and prefix not in IPV6:
            raise InvalidInput(f"invalid DAG ID {text!r}: it begins with 1, 2, 3, 4 or 5")
        digits = IPV4_DIGITS if prefix in IPV4 else IPV6_DIGITS
        number = _number(text, rest[digits + PORT_DIGITS :])
        port = int(rest[digits : digits + PORT_DIGITS])
        if not 0 < port <= LARGEST_PORT:
            raise InvalidInput(f"invalid DAG ID {text!r}: {port} is no port")
        return cls(text, (IPV4 | IPV6)[prefix], (_address(text, rest[:digits], v4=prefix in IPV4), port), number)


def show_address(host: str, port: object) -> str:
    """Write an address as host:port, IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _number(text: str, digits: str) -> int:
    if not digits:
        raise InvalidInput(f"invalid DAG ID {text!r}: it is too short")
    if digits[0] == "0" or len(digits) > len(str(LARGEST_NUMBER)) or int(digits) > LARGEST_NUMBER:
        raise InvalidInput(f"invalid DAG ID {text!r}: {digits} is no task number")
    return int(digits)


def _address(text: str, digits: str, *, v4: bool) -> str:
    try:
        address = ipaddress.IPv4Address(int(digits)) if v4 else ipaddress.IPv6Address(int(digits))
    except ipaddress.AddressValueError as error:
        raise InvalidInput(f"invalid DAG ID {text!r}: {error}") from error
    if address.packed[0] == 0:
        raise InvalidInput(f"invalid DAG ID {text!r}: {address} is no agent's address")
    return str(address)
