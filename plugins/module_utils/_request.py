# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wished of a DAG."""

from __future__ import annotations

import dataclasses
import typing as t

from ._part import Part


@dataclasses.dataclass(frozen=True)
class Request:
    """A wish: which DAG, by `id` or `name`, shall come to which operator's end, and how long to wait for it.

    `wait_timeout` and `wait_interval` are seconds. With `check` nothing is posted and nothing is waited for. `part` is
    there where it is done in parts, and `state` what the last part handed over, if it is not the first.
    """

    operator: str
    id: str | None = None
    name: str | None = None
    settle: bool = False
    accept_data_removal: bool = False
    members: list[str] | None = None
    allow_foreign_agent: bool = False
    wait: bool = True
    wait_timeout: float = 1800
    wait_interval: float = 10
    check: bool = False
    part: Part | None = None
    state: dict[str, t.Any] | None = None

    @classmethod
    def from_params(cls, params: dict[str, t.Any]) -> Request:
        """Read a wish from the options of `obshell_dag`, with `check_mode` and `part` beside them."""
        names = [field.name for field in dataclasses.fields(cls) if field.name not in ("check", "state")]
        part = params["part"]
        return cls(
            **{name: params[name] for name in names},
            check=params["check_mode"],
            state=part.state if part else None,
        )
