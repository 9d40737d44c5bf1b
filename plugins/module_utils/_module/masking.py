# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where secrets are removed from everything that leaves: results, checkpoints, progress.

Results are masked by field: what users and roles decide by is kept as it is, all other text is masked.
"""

from __future__ import annotations

import re
import typing as t

from .fields import CHECKPOINT, KEPT, MASKED_IN_CHECKPOINT, STRUCTURES
from .printable import printable
from .secret_forms import forms
from .text_index import TextIndex
from .undeclared_secrets import MASK, SECRET_KEY, mask_private_keys, mask_undeclared

MIN_LENGTH_ANYWHERE = 4
MAX_DEPTH = 40
MAX_TEXT = 1_000_000
TOO_DEEP = "(left out: nested too deeply)"
COLLISION = (
    "A password of this task is also a part of a name, an ID, an address, a state or a time in its result. These are "
    "not masked, because later tasks need them. Choose a longer password"
)
Result = dict[str, t.Any]


class Masker:
    """Removes given secrets in all their forms, and secrets that nobody declared.

    `collides` is True once a field was kept that contains a given secret.
    """

    def __init__(self, secrets: t.Iterable[str | None]) -> None:
        """Prepare for the secrets of one task; empty ones are ignored."""
        given = {secret for secret in secrets if secret}
        self._secrets = TextIndex(given)
        self._forms = TextIndex(form for secret in given for form in forms(secret))
        self.collides = False

    def result(self, result: Result) -> Result:
        """Copy a result, or an event of its progress, without secrets."""
        return {key: self._field(key, item, 1) for key, item in result.items()}

    def mask(self, value: t.Any, depth: int = 0) -> t.Any:
        """Copy a JSON-serialisable value of which no field is known."""
        if depth > MAX_DEPTH:
            return TOO_DEEP
        if isinstance(value, dict):
            return {self._key(key): self._item(key, item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            if all(isinstance(item, str) for item in value):
                return self._lines(value)
            return [self.mask(item, depth + 1) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Copy a text without secrets, and with what a terminal would act on written as escapes."""
        return self._lines([text])[0]

    def _lines(self, lines: t.Sequence[str]) -> list[str]:
        short = [line if len(line) <= MAX_TEXT else f"(left out: {len(line)} characters)" for line in lines]
        return list(map(printable, mask_undeclared(mask_private_keys(self._mask_given(short)))))

    def _mask_given(self, lines: list[str]) -> list[str]:
        """Find the forms that occur in any line first: few do, and a pattern of all forms is slow."""
        present = self._forms.present_in("\n".join(lines))
        if not present:
            return lines
        pattern = re.compile("|".join(map(_pattern, present)))
        return [pattern.sub(MASK, line) for line in lines]

    def _field(self, key: str, item: t.Any, depth: int) -> t.Any:
        if key == CHECKPOINT:
            return self._checkpoint(item)
        if key in STRUCTURES and isinstance(item, (dict, list, tuple)):
            return self._structure(item, depth)
        return self._keep(item, depth) if key in KEPT else self._item(key, item, depth)

    def _structure(self, value: t.Any, depth: int) -> t.Any:
        if isinstance(value, dict) and depth <= MAX_DEPTH:
            return {key: self._field(key, item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and depth <= MAX_DEPTH:
            return [self._structure(item, depth + 1) for item in value]
        return self.mask(value, depth)

    def _keep(self, value: t.Any, depth: int) -> t.Any:
        if depth > MAX_DEPTH:
            return TOO_DEEP
        if isinstance(value, dict):
            return {key: self._keep(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._keep(item, depth + 1) for item in value]
        if not isinstance(value, str):
            return value
        self.collides = self.collides or any(
            re.search(_pattern(secret), value) for secret in self._secrets.present_in(value)
        )
        return printable(value)

    def _checkpoint(self, value: t.Any) -> t.Any:
        """Keep the state between two time slices: the next one decides by it."""
        if isinstance(value, dict):
            return {
                key: self._field(key, item, 1) if key in MASKED_IN_CHECKPOINT else self._checkpoint(item)
                for key, item in value.items()
            }
        return [self._checkpoint(item) for item in value] if isinstance(value, (list, tuple)) else value

    def _key(self, key: t.Any) -> t.Any:
        return printable(self._mask_given([key])[0]) if isinstance(key, str) else key

    def _item(self, key: t.Any, item: t.Any, depth: int) -> t.Any:
        if isinstance(key, str) and SECRET_KEY.search(key):
            return self._hide(item, depth)
        return self.mask(item, depth)

    def _hide(self, item: t.Any, depth: int) -> t.Any:
        """Replace everything below a password-like name, except whether there is something."""
        if isinstance(item, dict) and depth <= MAX_DEPTH:
            return {self._key(key): self._hide(value, depth + 1) for key, value in item.items()}
        if isinstance(item, (list, tuple)) and depth <= MAX_DEPTH:
            return [self._hide(value, depth + 1) for value in item]
        return item if item in ("", None) or isinstance(item, bool) else MASK


def _pattern(form: str) -> str:
    """Match a form; a short one only as a word, since it is a part of many others."""
    return re.escape(form) if len(form) >= MIN_LENGTH_ANYWHERE else rf"(?<!\w){re.escape(form)}(?!\w)"
