# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of an inventory that hold what agents say: never a template, and otherwise plain text.

ansible-inventory writes a text that is not trusted as `{"__ansible_unsafe": ...}`, which AWX and other readers take for
a dictionary. Up to ansible-core 2.18 those are the wrapped ones, from 2.19 on all that nobody marked as trusted. A text
that cannot be a template is harmless, so it is not one of them.
"""

from __future__ import annotations

import typing as t

try:
    from ansible.template import trust_as_template
except ImportError:
    trust_as_template = None


def as_data(value: t.Any) -> t.Any:
    """Copy a JSON-serialisable value; no text in it is a template for Ansible."""
    if isinstance(value, dict):
        return {key: as_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_data(item) for item in value]
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    may_be_template = "{" in text or text.startswith("#jinja2")
    if trust_as_template is None:
        return _wrap(text) if may_be_template else text
    return text if may_be_template else t.cast("str", trust_as_template(text))


def _wrap(text: str) -> str:
    from ansible.utils.unsafe_proxy import wrap_var

    return t.cast("str", wrap_var(text))
