# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that a vault encrypted, as text."""

from __future__ import annotations

import typing as t


def unwrap_vault(values: t.Any) -> None:
    """Replace values that a vault encrypted by strings, which the argument validation before 2.19 requires.

    In place, since later versions of ansible-core remember for these very objects where in a file they come from.
    """
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, (dict, list)):
            unwrap_vault(value)
        elif getattr(value, "__ENCRYPTED__", False):
            values[key] = str(value)
