# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where secrets are removed from everything that leaves: results, messages, logs, diffs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t
import urllib.parse

MASK = "********"
MIN_LENGTH_ANYWHERE = 4
SECRET = r"pass(?:word|wd|phrase)|_pass|pwd|secret|token|credentials?|(?:private|access|api)_?key"  # nosec B105
# Bounded, so that the time for a long line without blanks stays proportional to its length.
NAME = rf"[\w.$-]{{0,64}}(?:{SECRET})[\w.$-]{{0,64}}"
# The first alternative is JSON inside a JSON string.
QUOTED = r"\\+\"[^\"]*\"|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
BARE = r"[^\s,;&'\")\]}]+"
AFTER_NAME = re.compile(rf"(?i)((?:{NAME}\\*[\"']?(?:\s*(?::=|=>|=|:)|\()\s*)+)({QUOTED}|{BARE})")
AFTER_OPTION = re.compile(rf"(?i)(--?{NAME}\s+)({QUOTED}|{BARE})")
AFTER_SQL = re.compile(rf"(?i)(\bidentified\s+by\s+(?:password\s+)?)({QUOTED}|{BARE})")
IN_URL = re.compile(r"(\w{1,20}://[^/\s:@]*:)([^@\s]+)(?=@)")
IN_DSN = re.compile(r"(\b[\w.#$-]{1,64}:)([^@\s]{1,256})(?=@(?:tcp|unix)\()")
SECRET_NAME = re.compile(rf"(?i){SECRET}")
HINT = re.compile(rf"(?i){SECRET}|identified|://|@tcp|@unix")
DIGESTS = ("md5", "sha1", "sha256", "sha512")


class Masker:
    """Removes given secrets and their hashes from a value, and whatever follows a password-like name."""

    def __init__(self, secrets: t.Iterable[str | None]) -> None:
        """Prepare for the secrets of one task; empty ones are ignored."""
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        patterns = [
            re.escape(form) if len(form) >= MIN_LENGTH_ANYWHERE else rf"(?<!\w){re.escape(form)}(?!\w)"
            for form in sorted(forms, key=len, reverse=True)
        ]
        self._known = re.compile("|".join(patterns)) if patterns else None

    def mask(self, value: t.Any) -> t.Any:
        """Copy a JSON-serialisable value without its secrets."""
        if isinstance(value, dict):
            return {self._mask_key(key): self._mask_item(key, item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.mask(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Copy a text without its secrets."""
        if self._known:
            text = self._known.sub(MASK, text)
        if not HINT.search(text):
            return text
        for pattern in (AFTER_NAME, AFTER_OPTION, AFTER_SQL, IN_URL, IN_DSN):
            text = pattern.sub(rf"\g<1>{MASK}", text)
        return text

    def _mask_key(self, key: t.Any) -> t.Any:
        return self._known.sub(MASK, key) if self._known and isinstance(key, str) else key

    def _mask_item(self, key: t.Any, item: t.Any) -> t.Any:
        if isinstance(key, str) and SECRET_NAME.search(key):
            return self._hide(item)
        return self.mask(item)

    def _hide(self, item: t.Any) -> t.Any:
        """Replace everything below a password-like name, except whether there is something."""
        if isinstance(item, dict):
            return {self._mask_key(key): self._hide(value) for key, value in item.items()}
        if isinstance(item, (list, tuple)):
            return [self._hide(value) for value in item]
        return item if item in ("", None) or isinstance(item, bool) else MASK


def _forms(secret: str) -> list[str]:
    """List the forms of a secret: as it is, quoted, encoded and hashed; OceanBase and MySQL apply SHA-1 twice."""
    data = secret.encode()
    quoted = [json.dumps(secret)[1:-1], repr(secret)[1:-1], urllib.parse.quote(secret, safe=""), _base64(data)]
    digests = [hashlib.new(name, data, usedforsecurity=False).digest() for name in DIGESTS]
    digests.append(hashlib.sha1(digests[DIGESTS.index("sha1")], usedforsecurity=False).digest())
    hexes = [digest.hex() for digest in digests]
    return [secret, *quoted, *hexes, *(text.upper() for text in hexes), *(_base64(digest) for digest in digests)]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
