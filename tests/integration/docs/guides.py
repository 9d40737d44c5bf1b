# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages for people, and the blocks of code on them.

A block whose first line is `# <name>.yml` is a file that the page's commands find in their folder.
"""

from __future__ import annotations

import pathlib
import re
import textwrap

from ..conftest import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "roles/*/*.md")
    for path in ROOT.glob(pattern)
)
# Shell that no test runs, by its first line, and why.
NOT_RUN = {
    "git clone https://github.com/oceanbase/ansible-collection-obshell.git": "`make test` runs the tests themselves",
    "make unit                                   # unit tests, and those of the simulator": "the tests themselves",
    ".venv/bin/python -m pytest -n 2 tests/faults/test_dag_faults.py  # the table": "the tests themselves",
    "make bench": "it takes many minutes",
    "make setup": "it may set up anew what the tests run in",
    "make clean": "it removes what the tests run in",
    "python3 -m venv .build/pre-commit": "it downloads, and changes what git does on a commit",
    ".venv/bin/ansible-galaxy collection build --force --output-path .build": "tests/package does it",
}


def all_blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of each fenced block of a page, also of those within lists."""
    text = (ROOT / page).read_text(encoding="utf-8")
    fences = re.findall(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", text, re.DOTALL | re.MULTILINE)
    return [(language, textwrap.dedent(block)) for _indent, language, block in fences]


def blocks(page: str, language: str) -> list[str]:
    """The blocks in one language, without those that cannot be run."""
    return [block for found, block in all_blocks(page) if found == language and block.partition("\n")[0] not in NOT_RUN]


def files(page: str) -> dict[str, str]:
    """The files of a page by name."""
    named = (re.match(r"# (\S+\.yml)\n", block) for block in blocks(page, "yaml"))
    return {match[1]: match.string for match in named if match}


def write_files(folder: pathlib.Path, found: dict[str, str]) -> None:
    for name, text in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
