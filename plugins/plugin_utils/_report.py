# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render self-contained HTML pages: one style sheet inside, no script, and a policy that forbids any."""

from __future__ import annotations

import base64
import functools
import hashlib
import pathlib
import typing as t

import jinja2

from ..module_utils._dag.moments import clock, duration

TEMPLATES = pathlib.Path(__file__).parent / "templates"
STYLE = "page.css"


def render(template: str, **values: t.Any) -> str:
    """Render a template that extends `page.html.j2`, which needs `title`. Each value is escaped.

    Each text must be printable: a file in UTF-8 cannot hold a lone surrogate.
    """
    return _environment().get_template(template).render(**values)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    style = (TEMPLATES / STYLE).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    environment.globals.update(style=style, style_hash=f"sha256-{digest}")
    environment.filters.update(clock=clock, duration=duration)
    return environment
