# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the docs site: the guides as they are, and the reference that antsibull-docs has put beside them."""

from __future__ import annotations

import pathlib
import re
import shutil

from sphinx.application import Sphinx

project = "oceanbase.obshell"
copyright = "2026, the oceanbase.obshell authors"
title = html_short_title = "OceanBase obshell Collection"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
myst_heading_anchors = 3
default_role = "any"
nitpicky = True
# Variables of Ansible itself are documented by Ansible.
nitpick_ignore_regex = [("envvar", "ANSIBLE_.*")]
# The generated reference links into Ansible's own documentation, which is not there to be asked.
suppress_warnings = ["ref.ref"]

html_theme = "sphinx_ansible_theme"
html_static_path = html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/oceanbase/ansible-collection-obshell"
TOP = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/site/index.md")
# The name on the site of each file that is a page of it. The page of a role has the role's name.
NAMES = {
    **{path: pathlib.PurePath(path).name for path in TOP},
    **{f"docs/{path.name}": path.name for path in ROOT.glob("docs/*.md")},
    **{f"roles/{path.name}/README.md": f"{path.name}.md" for path in ROOT.glob("roles/*")},
}


def setup(app: Sphinx) -> None:
    """Copy the pages into the folder that Sphinx reads, and keep the links between them on the site."""
    for path, name in NAMES.items():
        shutil.copyfile(ROOT / path, pathlib.Path(app.srcdir) / name)
    shutil.copytree(ROOT / "docs/images", pathlib.Path(app.srcdir) / "images", dirs_exist_ok=True)
    app.connect("source-read", keep_links_on_site)


def keep_links_on_site(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = re.sub(rf"{re.escape(REPOSITORY)}/blob/main/([\w./-]+)", on_site, source[0])


def on_site(link: re.Match[str]) -> str:
    """The page for a link into the repository, or the link itself if the site has no such page."""
    path = pathlib.PurePath(link[1])
    if path.parent == pathlib.PurePath("plugins/modules"):
        return f"collection/{path.stem}_module.rst"
    return NAMES.get(link[1], link[0])
