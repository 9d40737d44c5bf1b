# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of files in docs/design.md names each, and each imports only those above it."""

from __future__ import annotations

import re

from environment import ROOT

FILES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "plugins/module_utils").glob("*.py")}
SECTION = (ROOT / "docs/design.md").read_text(encoding="utf-8").partition("## Where what is\n")[2].partition("\n## ")[0]
CELLS = re.findall(r"^\| (`_.*?) \|", SECTION, re.MULTILINE)
TABLE = re.findall("`(_[a-z_]+)`", " ".join(CELLS))


def test_it_names_each_file_once() -> None:
    assert sorted(TABLE) == sorted(FILES)


def test_each_imports_only_those_above_it() -> None:
    upward = [
        f"{name} imports {imported}"
        for place, name in enumerate(TABLE)
        for imported in re.findall(r"^\s*from \.(?: import )?(_[a-z_]+)", FILES[name], re.MULTILINE)
        if imported not in TABLE[:place]
    ]
    assert upward == []
