# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page is complete in itself, runs no script, and shows what it is given as text."""

from __future__ import annotations

import base64
import hashlib
import re

import jinja2
import pytest
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._report import TEMPLATES, render

ATTACK = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>"


def test_a_page_escapes_what_it_is_given() -> None:
    page = render("page.html.j2", title=ATTACK)
    assert "<script" not in page and "<img" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_the_policy_allows_the_style_of_the_page_and_nothing_else() -> None:
    page = render("page.html.j2", title="DAGs")
    (policy,) = re.findall('<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page.index("Content-Security-Policy") < page.index("<style>")


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: str(path.name))
def test_no_template_has_what_the_policy_forbids(path: object) -> None:
    text = TEMPLATES.joinpath(str(path)).read_text(encoding="utf-8")
    assert not re.findall(r"<script|\bstyle=|\bon\w+=|\bsrc=|href=\"(?!#)|url\(|@import", text)


def test_a_page_that_lacks_a_value_is_not_written() -> None:
    with pytest.raises(jinja2.UndefinedError, match="title"):
        render("page.html.j2")
