# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator: what tests and the command line use."""

from __future__ import annotations

from .http.network import ServedNetwork
from .replay import presets


class Simulator(ServedNetwork):
    """Agents of one network, and the presets that prepare them. The first agent becomes the master of the others."""

    form_cluster = presets.form_cluster
    start_init = presets.start_init
    fail_init = presets.fail_init
    complete_init = presets.complete_init
    add_obproxy = presets.add_obproxy
