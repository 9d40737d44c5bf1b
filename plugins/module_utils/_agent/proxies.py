# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment's proxy for an address, and the exceptions in NO_PROXY."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import sys


def find_proxy(scheme: str, host: str, port: int) -> str | None:
    """Return the URL of the environment's proxy for http or https to an address; none for loopback.

    :param host: name or address, IPv6 without brackets.
    """
    # Most tasks need no proxy, and loopback none: only the others pay for the import, in each worker of a play.
    if _is_loopback(host) or not _may_have_proxy():
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if not proxy or proxy_bypass(host) or is_exception(host, port, exceptions):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def is_exception(host: str, port: int, no_proxy: str) -> bool:
    """Whether NO_PROXY excludes an address: by `*`, name, domain, IP address or network, each with or without port."""
    return any(_matches(host, port, entry) for entry in no_proxy.replace(",", " ").split())


def _matches(host: str, port: int, entry: str) -> bool:
    bracketed = re.fullmatch(r"\[([^]]+)\](?::(\d+))?", entry)
    named = re.fullmatch(r"([^:]+):(\d+)", entry)
    match = bracketed or named
    name, only_port = (match[1], match[2]) if match else (entry, None)
    if only_port and int(only_port) != port:
        return False
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False)
    domain = name.lower().lstrip("*.")
    return name == "*" or (bool(domain) and f".{host.lower()}".endswith(f".{domain}"))


def _may_have_proxy() -> bool:
    """Whether a variable of the environment sets a proxy, or the settings of macOS may do so."""
    return sys.platform == "darwin" or any(name.lower().endswith("_proxy") for name in os.environ)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
