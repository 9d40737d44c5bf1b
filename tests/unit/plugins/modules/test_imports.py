# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules import: programs such as mitogen recognise a new-style module by its absolute imports."""

from __future__ import annotations

import ast
import pathlib

import pytest

# Its action plugin does the work: it has no code.
ONLY_DOCUMENTED = "obshell_dag_report"
FOLDER = pathlib.Path(__file__).parents[4] / "plugins/modules"
MODULES = sorted(path for path in FOLDER.glob("*.py") if path.stem != ONLY_DOCUMENTED)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_has_only_absolute_imports(path: pathlib.Path) -> None:
    imports = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)
    ]
    assert [node.module for node in imports if node.level] == []
    prefix = "ansible_collections.oceanbase.obshell.plugins.module_utils."
    assert any((node.module or "").startswith(prefix) for node in imports)
