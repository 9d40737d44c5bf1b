# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No example is in the documentation that no test runs."""

from __future__ import annotations

import pytest

from ..conftest import ROOT
from . import (
    test_cluster_guides,
    test_guides,
    test_pipelines,
    test_readme,
    test_recovering_dags,
    test_simulator_page,
)
from .guides import NOT_RUN, PAGES, all_blocks, blocks, files

# What only shows output, or is no command. No nginx is where these tests run: with 1.22 it was tried by hand.
SHOWN = {"console", "json", "nginx", "text", "{toctree}"}
# What tests/external runs, in an environment of its own.
WAYS = "docs/ways.md"
SELF_HEALING = "docs/self_healing.md"
# Who runs all blocks of a language of a page.
RUN = {
    "shell": {
        *test_guides.PAGES,
        *test_cluster_guides.PAGES,
        *test_simulator_page.PAGES,
        WAYS,
        SELF_HEALING,
        "CONTRIBUTING.md",
        *test_recovering_dags.PAGES,
    },
    "yaml": {
        *(*test_guides.PAGES, *test_readme.PAGES, *test_cluster_guides.PAGES, *test_pipelines.PAGES),
        *test_recovering_dags.PAGES,
        *(*test_simulator_page.PAGES, WAYS, SELF_HEALING),
    },
    "groovy": {*test_pipelines.PAGES},
    "python": {*test_simulator_page.PAGES, WAYS},
}
# Files that no command of their page names, and who looks at them instead.
LOOKED_AT = {*test_pipelines.LOOKED_AT, "awx.yml"}
# Its blocks are those of the English one: test_readme compares them.
TRANSLATED = "README.zh-CN.md"


@pytest.mark.parametrize("page", [page for page in PAGES if page != TRANSLATED])
def test_every_block_of_a_page(page: str) -> None:
    languages = {language for language, _block in all_blocks(page)} - SHOWN
    assert [language for language in languages if blocks(page, language) and page not in RUN.get(language, ())] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != TRANSLATED])
def test_every_file_of_a_page_is_used_on_it(page: str) -> None:
    for name in files(page):
        others = "".join(text for language, text in all_blocks(page) if not text.startswith(f"# {name}\n"))
        assert name in others or name in LOOKED_AT, f"nothing on {page} uses {name}"


def test_every_exception_is_there_still() -> None:
    lines = {block.partition("\n")[0] for page in PAGES for _language, block in all_blocks(page)}
    assert set(NOT_RUN) <= lines


def test_every_module() -> None:
    modules = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
    assert modules == {*test_guides.MODULES, *test_cluster_guides.MODULES}
