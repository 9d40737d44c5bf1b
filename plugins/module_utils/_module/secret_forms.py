# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a known secret can appear: quoted and escaped, encoded, and hashed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
import typing as t
import urllib.parse

# Users in whose name a password is encoded for HTTP's basic authentication.
USERS = ("root", "root@sys", "proxyro", "admin")
DIGESTS = ("md5", "sha1", "sha256", "sha512")
# Characters that Go, and browsers, leave as they are in a URL, beside those that are safe everywhere.
SAFE_IN_URL = ("", "/", "$&+=:@", "$&+=:@/", "!'()*")
MIN_ON_ONE_LINE = 4
Form = t.Callable[[str], str]
# Compiled once, not in each worker of a play.
SURROGATE = re.compile("[\ud800-\udfff]")
UNSAFE_IN_SHELL, SPECIAL_IN_DOUBLE_QUOTES = re.compile(r"([^\w@%+=:,./-])"), re.compile(r'(["\\$`])')
SPECIAL_IN_SQL = re.compile(r"([\\'])")
SPECIAL_IN_HTML = re.compile("[&<>\u2028\u2029]")
PERCENT_ENCODED = re.compile("%[0-9A-F]{2}")

ESCAPES: dict[str, Form] = {
    "as it is": lambda secret: secret,
    "invalid UTF-8 as Go decodes it": lambda secret: SURROGATE.sub("\ufffd", secret),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON, not only ASCII": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON as Go writes it": lambda secret: _escape_as_go(json.dumps(secret, ensure_ascii=False)[1:-1]),
    "Python": lambda secret: repr(secret)[1:-1],
    "shell": lambda secret: shlex.quote(secret).removeprefix("'").removesuffix("'"),
    "shell, escaped quotes": lambda secret: secret.replace("'", r"'\''"),
    "shell, backslashes": lambda secret: UNSAFE_IN_SHELL.sub(r"\\\1", secret),
    "shell, double quotes": lambda secret: SPECIAL_IN_DOUBLE_QUOTES.sub(r"\\\1", secret),
    "SQL, doubled quotes": lambda secret: secret.replace("'", "''"),
    "SQL, doubled double quotes": lambda secret: secret.replace('"', '""'),
    "SQL, backslashes": lambda secret: SPECIAL_IN_SQL.sub(r"\\\1", secret),
}


def forms(secret: str) -> set[str]:
    """List the forms of a secret that is not empty."""
    escaped = {escape(secret) for escape in ESCAPES.values()}
    # Logs hold JSON, and JSON holds commands, statements and other JSON.
    escaped |= {escape(form) for form in escaped for escape in (ESCAPES["JSON"], ESCAPES["JSON as Go writes it"])}
    # Reasons are written on one line. A short rest would be a part of many words.
    escaped |= {one_line for form in escaped if len(one_line := " ".join(form.split())) >= MIN_ON_ONE_LINE}
    return {form for form in {*escaped, *_in_url(secret), *_encoded(secret), *_hashed(secret)} if form}


def to_bytes(secret: str) -> bytes:
    """Encode a secret, also one that is not valid UTF-8: it has bytes of the environment, or any lone surrogate."""
    try:
        return secret.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return secret.encode(errors="surrogatepass")


def _escape_as_go(text: str) -> str:
    """Escape what Go's encoder escapes, so that JSON can be put into HTML and JavaScript."""
    return SPECIAL_IN_HTML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _in_url(secret: str) -> t.Iterator[str]:
    data = to_bytes(secret)
    quoted = {urllib.parse.quote(data, safe=safe) for safe in SAFE_IN_URL}
    quoted |= {text.replace("%20", "+") for text in quoted}
    for text in quoted:
        yield text
        yield PERCENT_ENCODED.sub(lambda match: match[0].lower(), text)


def _encoded(secret: str) -> t.Iterator[str]:
    data = to_bytes(secret)
    for plain in (data, *(user.encode() + b":" + data for user in USERS)):
        yield from _base64(plain)
    yield from (data.hex(), data.hex().upper())


def _hashed(secret: str) -> t.Iterator[str]:
    """OceanBase and MySQL apply SHA-1 twice."""
    data = to_bytes(secret)
    digests = [hashlib.new(name, data, usedforsecurity=False).digest() for name in DIGESTS]
    digests.append(hashlib.sha1(digests[DIGESTS.index("sha1")], usedforsecurity=False).digest())
    for digest in digests:
        yield from (digest.hex(), digest.hex().upper(), *_base64(digest))


def _base64(data: bytes) -> t.Iterator[str]:
    for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
        text = encode(data).decode("ascii")
        yield from (text, text.rstrip("="))
