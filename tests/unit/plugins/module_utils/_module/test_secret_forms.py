# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One table: each way in which an agent, a shell, a database or an encoder may write a password that is given."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
import typing as t
import urllib.parse

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.masking import Masker
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.secret_forms import to_bytes
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.undeclared_secrets import MASK

SECRETS = (
    "s3cr3t#Root",
    """pw "\u00e4' #<&>$/+\\x@""",
    "O'Brien & Co?",
    "100%\u2713~",
    "tab\t and \x01",
    "two  blanks",
)


def go(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def lower_escapes(text: str) -> str:
    parts = text.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def urlsafe(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def hashed(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()


FORMS: dict[str, t.Callable[[str], str]] = {
    "as it is": str,
    "on one line, as in a reason": lambda secret: " ".join(secret.split()),
    "SQL on one line": lambda secret: " ".join(secret.replace("'", "''").split()),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON, not only ASCII": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON as Go writes it": lambda secret: go(secret)[1:-1],
    "JSON in JSON": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "Go's JSON in Go's JSON": lambda secret: go(go(secret)[1:-1])[1:-1],
    "Python": lambda secret: repr(secret)[1:-1],
    "URL": lambda secret: urllib.parse.quote(secret, safe=""),
    "URL, lower case": lambda secret: lower_escapes(urllib.parse.quote(secret, safe="")),
    "URL, slash kept": urllib.parse.quote,
    "form": urllib.parse.quote_plus,
    "form, lower case": lambda secret: lower_escapes(urllib.parse.quote_plus(secret)),
    "path, as Go writes it": lambda secret: urllib.parse.quote(secret, safe="$&+=:@"),
    "encodeURIComponent": lambda secret: urllib.parse.quote(secret, safe="!'()*~"),
    "shell, backslashes": lambda secret: re.sub(r"([^\w@%+=:,./-])", r"\\\1", secret),
    "shell, double quotes": lambda secret: re.sub(r'(["\\$`])', r"\\\1", secret),
    "shell": lambda secret: secret.replace("'", "'\"'\"'"),
    "shell, escaped quotes": lambda secret: secret.replace("'", r"'\''"),
    "shell in JSON": lambda secret: json.dumps(secret.replace("'", r"'\''"))[1:-1],
    "SQL, doubled quotes": lambda secret: secret.replace("'", "''"),
    "SQL, doubled double quotes": lambda secret: secret.replace('"', '""'),
    "SQL, backslashes": lambda secret: secret.replace("\\", r"\\").replace("'", r"\'"),
    "SQL in Go's JSON": lambda secret: go(secret.replace("'", "''"))[1:-1],
    "base64": encoded,
    "base64, unpadded": lambda secret: encoded(secret).rstrip("="),
    "base64, urlsafe": urlsafe,
    "base64, urlsafe and unpadded": lambda secret: urlsafe(secret).rstrip("="),
    "basic authentication": lambda secret: encoded(f"root:{secret}"),
    "basic authentication of a tenant": lambda secret: encoded(f"root@sys:{secret}").rstrip("="),
    "hex": lambda secret: secret.encode().hex(),
    "hex, upper case": lambda secret: secret.encode().hex().upper(),
    "MySQL": lambda secret: hashlib.sha1(hashlib.sha1(secret.encode()).digest()).hexdigest().upper(),
    **{name: functools.partial(hashed, name) for name in ("md5", "sha1", "sha256", "sha512")},
    "base64 of a hash": lambda secret: base64.b64encode(hashlib.sha256(secret.encode()).digest()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_each_form(form: str, secret: str) -> None:
    written = FORMS[form](secret)
    assert Masker(["another one", secret]).text(f"tried |{written}| twice: |{written}|") == (
        f"tried |{MASK}| twice: |{MASK}|"
    )


def test_a_short_secret_is_masked_as_a_word_only() -> None:
    assert Masker(["ab"]).text("ab abc 'ab'") == f"{MASK} abc '{MASK}'"


@pytest.mark.parametrize("secret", ["caf\udce9-pw", "caf\udce9'\"\\&-pw", "\ud800lone", "\udc80\ud800"])
def test_a_secret_that_is_not_utf_8(secret: str) -> None:
    hashed = hashlib.sha256(to_bytes(secret)).hexdigest()
    assert Masker([secret]).text(f"{secret} {hashed} {json.dumps(secret)}") == f'{MASK} {MASK} "{MASK}"'
    decoded_by_go = re.sub("[\ud800-\udfff]", "\ufffd", secret)
    assert Masker([secret]).text(decoded_by_go) == MASK


def test_the_bytes_of_the_environment() -> None:
    assert to_bytes("caf\udce9") == b"caf\xe9"
    assert to_bytes("\ud800lone") == b"\xed\xa0\x80lone"
