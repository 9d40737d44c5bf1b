# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports between the packages of module_utils go one way, and only the last one knows Ansible."""

from __future__ import annotations

import ast
import pathlib
import typing as t

import pytest

MODULE_UTILS = pathlib.Path(__file__).parents[4] / "plugins/module_utils"
ORDER = ("_errors", "_ids", "_polling", "_dag", "_agent", "_operation", "_cluster", "_watch", "_module")
HTTP = {"http", "requests", "socket", "ssl", "urllib", "urllib3"}
FILES = sorted(MODULE_UTILS.rglob("*.py"))


def package_of(path: pathlib.Path) -> str:
    return path.relative_to(MODULE_UTILS).parts[0].removesuffix(".py")


def imports_of(path: pathlib.Path) -> t.Iterator[tuple[int, str]]:
    """Yield (level, name) for each import, also of those inside of functions; a level above 0 is a relative import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.level, node.module or alias.name) for alias in node.names)


def imported_packages(path: pathlib.Path) -> set[str]:
    """The packages and base files of module_utils that a file imports, other than its own."""
    outside = len(path.relative_to(MODULE_UTILS).parts)
    return {name.partition(".")[0] for level, name in imports_of(path) if level == outside} - {package_of(path)}


def test_each_file_is_in_a_package_of_the_order() -> None:
    assert {package_of(path) for path in FILES} == set(ORDER)
    assert not list(MODULE_UTILS.rglob("__init__.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(MODULE_UTILS)))
def test_a_file_imports_only_packages_to_its_left(path: pathlib.Path) -> None:
    allowed = ORDER[: ORDER.index(package_of(path))]
    assert imported_packages(path) <= set(allowed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(MODULE_UTILS)))
def test_only_the_last_package_knows_ansible_and_only_some_know_http(path: pathlib.Path) -> None:
    outside = {name.partition(".")[0] for level, name in imports_of(path) if level == 0}
    if package_of(path) != "_module":
        assert "ansible" not in outside
    if package_of(path) in ("_errors", "_polling", "_dag"):
        assert not outside & HTTP
