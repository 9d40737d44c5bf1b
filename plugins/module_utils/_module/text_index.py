# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of many texts occur in another one."""

from __future__ import annotations

import typing as t

BEGIN = 4


class TextIndex:
    """Texts to search for: a task has few secrets, or thousands if each cluster of a fleet has its own."""

    def __init__(self, texts: t.Iterable[str]) -> None:
        """Prepare for a set of texts."""
        self._texts = sorted(set(texts), key=len, reverse=True)
        self._short = [text for text in self._texts if len(text) < BEGIN]
        self._by_begin: dict[str, list[str]] = {}
        for text in self._texts:
            if len(text) >= BEGIN:
                self._by_begin.setdefault(text[:BEGIN], []).append(text)

    def present_in(self, text: str) -> list[str]:
        """List those that occur in a text, the longest first.

        A search for each takes a time that grows with their number, a search by their first characters one that grows
        with the length of the text.
        """
        if len(text) > len(self._texts):
            return [one for one in self._texts if one in text]
        begins = {text[place : place + BEGIN] for place in range(len(text) - BEGIN + 1)} & self._by_begin.keys()
        candidates = (one for begin in begins for one in self._by_begin[begin])
        return sorted((one for one in (*candidates, *self._short) if one in text), key=len, reverse=True)
