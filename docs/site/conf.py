# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the docs site, in the folder where tests/tools/docs.py puts its pages together."""

from __future__ import annotations

project = "oceanbase.obshell"
copyright = "2026, the oceanbase.obshell authors"
title = html_short_title = "OceanBase obshell Collection"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
myst_heading_anchors = 3
default_role = "any"
nitpicky = True
# The generated reference links into Ansible's own documentation, which is not there to be asked.
suppress_warnings = ["ref.ref"]

html_theme = "sphinx_ansible_theme"
html_static_path = html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
