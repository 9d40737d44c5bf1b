# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wished of a DAG."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Request:
    """A wish: which DAG, by `id` or `name`, shall come to which operator's end, and how long to wait for it.

    `wait_timeout` and `wait_interval` are seconds. With `check` nothing is posted and nothing is waited for. `slice` is
    for a caller who has it done in parts, to tell what happens meanwhile: {} for the first, then what the last returned
    as `resume`. A part ends with the next change, or after some seconds.
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
    slice: dict[str, t.Any] | None = None

    @classmethod
    def from_params(cls, params: dict[str, t.Any]) -> Request:
        """Read a wish from the options of `obshell_dag`, with `check_mode` beside them."""
        names = [field.name for field in dataclasses.fields(cls) if field.name not in ("check", "slice")]
        return cls(**{name: params[name] for name in names}, check=params["check_mode"], slice=params["_slice"])

    @property
    def in_parts(self) -> bool:
        """Whether it is done in parts."""
        return self.slice is not None
