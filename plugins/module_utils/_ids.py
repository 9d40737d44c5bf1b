# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of agents and generic IDs, taken apart. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ._errors import InvalidInput

CLUSTER = "1"
IPV4 = {"2": "agent", "4": "obproxy"}
IPV6 = {"3": "agent", "5": "obproxy"}
IPV4_DIGITS, IPV6_DIGITS, PORT_DIGITS = 10, 39, 5
MAX_NUMBER = 2**63 - 1
MAX_PORT = 65535
UNKNOWN_AGENT = "an unknown agent"
OF_ADDRESS = re.compile(r"[\w.:/\[\]-]*")


def quote(text: str) -> str:
    """Quote a text that should be an address, unless it may be more: a dictionary as text can hold a password."""
    return repr(text) if OF_ADDRESS.fullmatch(text) else f"({len(text)} characters, not shown)"


class Address(t.NamedTuple):
    """Where an agent listens. An API without a port gives 0.

    Two spellings of one IPv6 address are equal. Each keeps its own text, since an agent compares texts.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """Write it as host:port, IPv6 in brackets."""
        if not self.host:
            return UNKNOWN_AGENT
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def from_api(cls, raw: dict[str, t.Any]) -> Address:
        """Read `ip` and `port` of the API's dict of an agent."""
        host, port = raw.get("ip"), raw.get("port")
        is_port = isinstance(port, int) and 0 <= port <= MAX_PORT
        return cls(host if isinstance(host, str) else "", t.cast("int", port) if is_port else 0)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address such as `192.0.2.1:2886` or `[2001:db8::1]:2886`.

        :raises ValueError: the text is not an IP address with a port.
        """
        match = re.fullmatch(r"\[?([0-9A-Fa-f.:]+?)\]?:([0-9]{1,5})", text)
        if not match or not 0 < int(match[2]) <= MAX_PORT:
            raise ValueError(f"{quote(text)} is not an IP address with a port")
        return cls(str(ipaddress.ip_address(match[1])), int(match[2]))

    def __eq__(self, other: object) -> bool:
        """Compare the IP addresses in one form, names as they are."""
        return isinstance(other, tuple) and self._normalised == (
            other._normalised if isinstance(other, Address) else other
        )

    def __ne__(self, other: object) -> bool:
        """See :meth:`__eq__`; a tuple has a method of its own for this."""
        return not self == other

    def __hash__(self) -> int:
        """See :meth:`__eq__`."""
        return hash(self._normalised)

    @property
    def _normalised(self) -> tuple[str, int]:
        try:
            return str(ipaddress.ip_address(self.host)), self.port
        except ValueError:
            return self.host, self.port


class GenericId(t.NamedTuple):
    """A generic ID taken apart.

    `kind` is "cluster" (kept in OceanBase), "agent" (local to one agent) or "obproxy". The agent that is asked forwards
    the request to `agent`, which is None for a cluster task. `number` counts in the series of that agent or cluster.
    """

    text: str
    kind: str
    agent: Address | None
    number: int

    @property
    def is_obproxy(self) -> bool:
        """Whether it is an OBProxy task, whose routes accept only the agent password."""
        return self.kind == "obproxy"

    @classmethod
    def parse(cls, text: str) -> GenericId:
        """Take a generic ID apart, as the agent's `ConvertGenericID` does, but refuse what no agent gives out.

        :param text: decimal digits: `1<n>`, or `2` or `4`, an IPv4 address in 10 digits, its port in 5, `<n>`, or `3`
            or `5` with an IPv6 address in 39.
        :raises InvalidInput: the text is not a generic ID.
        """
        if not (text.isascii() and text.isdigit()):
            raise InvalidInput(f"invalid DAG ID {text!r}: {_why_invalid(text)}")
        prefix, rest = text[0], text[1:]
        if prefix == CLUSTER:
            return cls(text, "cluster", None, _number(text, rest))
        if prefix not in IPV4 and prefix not in IPV6:
            raise InvalidInput(f"invalid DAG ID {text!r}: a DAG ID begins with 1, 2, 3, 4 or 5")
        digits = IPV4_DIGITS if prefix in IPV4 else IPV6_DIGITS
        number = _number(text, rest[digits + PORT_DIGITS :])
        port = int(rest[digits : digits + PORT_DIGITS])
        if not 0 < port <= MAX_PORT:
            raise InvalidInput(f"invalid DAG ID {text!r}: {port} is not a valid port")
        agent = Address(_host(text, rest[:digits], v4=prefix in IPV4), port)
        return cls(text, (IPV4 | IPV6)[prefix], agent, number)


def unused_obproxy_id(agent: Address) -> str:
    """Format the ID of an OBProxy task that no agent has: agents count from 1."""
    host = ipaddress.ip_address(agent.host)
    prefix, digits = ("4", IPV4_DIGITS) if host.version == 4 else ("5", IPV6_DIGITS)
    return f"{prefix}{int(host):0{digits}d}{agent.port:0{PORT_DIGITS}d}0"


def _why_invalid(text: str) -> str:
    if re.fullmatch(r"\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+", text):
        return "a decimal number has lost digits of the DAG ID; give it as text, in quotes"
    return "a DAG ID consists of decimal digits only"


def _number(text: str, digits: str) -> int:
    if not digits:
        raise InvalidInput(f"invalid DAG ID {text!r}: it is too short")
    if digits[0] == "0" or len(digits) > len(str(MAX_NUMBER)) or int(digits) > MAX_NUMBER:
        raise InvalidInput(f"invalid DAG ID {text!r}: {digits} is not a task number")
    return int(digits)


def _host(text: str, digits: str, *, v4: bool) -> str:
    try:
        address = ipaddress.IPv4Address(int(digits)) if v4 else ipaddress.IPv6Address(int(digits))
    except ipaddress.AddressValueError as error:
        raise InvalidInput(f"invalid DAG ID {text!r}: {error}") from error
    if address.packed[0] == 0:
        raise InvalidInput(f"invalid DAG ID {text!r}: {address} is not the address of an agent")
    return str(address)
