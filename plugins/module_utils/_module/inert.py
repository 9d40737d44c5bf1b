# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that Ansible prints as they are: extra vars are templates, and a template runs lookups on the controller."""

from __future__ import annotations

import re
import typing as t

# What begins a template. A brace at the end of a text can begin one once the text is joined with another.
BEGIN = re.compile(r"\{(?=[{%#]|\Z)")
# A text that begins with this can choose other delimiters.
HEADER = re.compile(r"\A#(?=jinja2:)")
Value = t.TypeVar("Value")


def inert(value: Value) -> Value:
    """Copy a JSON-serialisable value, with a blank inside all that would begin a template."""
    return t.cast("Value", _inert(value))


def _inert(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {_inert(key): _inert(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_inert(item) for item in value]
    return HEADER.sub("# ", BEGIN.sub("{ ", value)) if isinstance(value, str) else value
