# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters that do something to a terminal, or that cannot be encoded, are written as escapes."""

from __future__ import annotations

import re

# Control characters but newline and tab; marks, embeddings, overrides and isolates of the direction of a text; line and
# paragraph separators; lone surrogates.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Write such characters as Python and JSON do: `\x1b`, `\u202e`."""
    return UNPRINTABLE.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Write newlines and tabs so, too."""
    return printable(text).replace("\n", r"\n").replace("\t", r"\t")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
