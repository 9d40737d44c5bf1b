# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that a terminal acts on, and nothing that cannot be encoded, is shown as it is."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b[1;31mok", r"\x1b[2J\x1b[1;31mok"),
        ("\x9b2J \x00 \x7f \r", r"\x9b2J \x00 \x7f \x0d"),
        ("\u202egnp.exe \u2066 \u200f \u2028", r"\u202egnp.exe \u2066 \u200f \u2028"),
        ("a\udcffb\ud800", r"a\udcffb\ud800"),
        ("a\n\tb \u00e4 \u6570 \U0001f600", "a\n\tb \u00e4 \u6570 \U0001f600"),
    ],
)
def test_it_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_no_character_of_such_a_category_is_left() -> None:
    everything = "".join(map(chr, range(0x3000))) + "\ud800\udfff"
    left = {char for char in printable(everything) if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")}
    assert left == {"\n", "\t"}
    assert not any(
        unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for char in printable(everything)
    )


def test_a_line_is_one_line() -> None:
    assert one_line("a\nlocalhost | SUCCEED\tb\x1b") == r"a\nlocalhost | SUCCEED\tb\x1b"
