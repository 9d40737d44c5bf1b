# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator: what tests and the command line use."""

from __future__ import annotations

from collections.abc import Sequence

from .core.spec import AgentSpec
from .http.network import ServedNetwork
from .replay import presets


class StormError(AssertionError):
    """A client sent a read that makes real agents ask each other until they are out of file descriptors."""


class Simulator(ServedNetwork):
    """Agents of one network, and the presets that prepare them. The first agent becomes the master of the others.

    If a request started a storm of requests, :meth:`stop` raises StormError, unless `allow_storms` is true.
    """

    form_cluster = presets.form_cluster
    start_init = presets.start_init
    fail_init = presets.fail_init
    complete_init = presets.complete_init
    add_obproxy = presets.add_obproxy
    operate_seekdb = presets.operate_seekdb
    create_dag = presets.create_dag

    def __init__(
        self, specs: Sequence[AgentSpec] = (AgentSpec(),), *, speed: float = 50, allow_storms: bool = False
    ) -> None:
        super().__init__(specs, speed=speed)
        self.allow_storms = allow_storms

    def stop(self) -> None:
        super().stop()
        if self.storms and not self.allow_storms:
            raise StormError("; ".join(self.storms))
