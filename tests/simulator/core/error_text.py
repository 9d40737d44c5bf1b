# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the agent answers one error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorText:
    """How the agent answers one error. `message` is a format string for the values of the error."""

    status: int
    message: str
    err_code: str = ""
    code: int = 0
    chinese: str = ""
    """The message for `Accept-Language: zh-CN`, if that was recorded."""


ErrorTable = Mapping[str, ErrorText]
"""The errors by reason."""
