# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts are found whether few or many are searched for, and many cost hardly more than one."""

from __future__ import annotations

import time

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.masking import Masker
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.text_index import TextIndex
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.undeclared_secrets import MASK

OTHERS = [f"{number:04d} is not in it" for number in range(1000)]


@pytest.mark.parametrize("others", [[], OTHERS], ids=["few", "many"])
@pytest.mark.parametrize(
    ("texts", "text", "present"),
    [
        (["word"], "word", ["word"]),
        (["word"], "a word.", ["word"]),
        (["word"], "wor d", []),
        (["words", "word"], "a word", ["word"]),
        (["word", "words"], "words", ["words", "word"]),
        (["ab", "b", "word"], "ab", ["ab", "b"]),
        (["word"], "", []),
        (["word"], "wo", []),
        (["two\nlines", "line"], "one\ntwo\nlines", ["two\nlines", "line"]),
    ],
)
def test_what_is_present_is_found_the_longest_first(
    others: list[str], texts: list[str], text: str, present: list[str]
) -> None:
    assert TextIndex([*others, *texts]).present_in(text) == present


def test_the_secrets_of_a_thousand_clusters_are_masked_about_as_fast_as_one() -> None:
    secrets = [f"{number * 7919 % 1000003:06d}#secret" for number in range(1000)]
    texts = [f"GET http://192.0.2.1:2886/api/v1/info failed with {secret} in it" for secret in secrets[:300]]

    def mask(given: list[str]) -> tuple[float, list[str]]:
        masker, begin = Masker(given), time.process_time()
        masked = [masker.text(text) for text in texts]
        return time.process_time() - begin, masked

    alone, _masked = mask(secrets[:1])
    together, masked = mask(secrets)
    assert set(masked) == {f"GET http://192.0.2.1:2886/api/v1/info failed with {MASK} in it"}
    assert together < 20 * alone
