# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports go one way: core, http, replay, then the files that use all of them."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

import pytest

SIMULATOR = pathlib.Path(__file__).parents[1]
ORDER = ("core", "http", "replay", "simulator", "control", "__main__")
FILES = sorted({*SIMULATOR.rglob("*.py")} - {*SIMULATOR.glob("tests/**/*.py"), SIMULATOR / "__init__.py"})
HTTP = {"aiohttp", "asyncio", "http", "socket", "ssl", "urllib"}


def place_of(path: pathlib.Path) -> str:
    return path.relative_to(SIMULATOR).parts[0].removesuffix(".py")


def imports_of(path: pathlib.Path) -> Iterator[tuple[int, str]]:
    """Yield (level, name) for each import. A level above 0 is a relative import."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.level, f"{node.module or ''}.{alias.name}".strip(".")) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SIMULATOR)))
def test_a_file_imports_only_from_places_to_the_left(path: pathlib.Path) -> None:
    outside = len(path.relative_to(SIMULATOR).parts)
    imported = {name.partition(".")[0] for level, name in imports_of(path) if level == outside}
    assert imported - {place_of(path)} <= set(ORDER[: ORDER.index(place_of(path))])
    assert not any("tests.simulator" in name for level, name in imports_of(path) if level == 0)


@pytest.mark.parametrize("path", sorted(SIMULATOR.glob("core/**/*.py")), ids=lambda path: path.name)
def test_core_knows_no_http(path: pathlib.Path) -> None:
    assert not {name.partition(".")[0] for level, name in imports_of(path) if level == 0} & HTTP
