# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: they know no agent but their own."""

from __future__ import annotations

import os

# What a shell holds for an agent in use would lead the tests' tasks there, with their operators. Under these names
# test_agent.py finds it, which only reads, also in the processes of pytest-xdist.
for _name in [name for name in os.environ if name.startswith("OBSHELL_")]:
    os.environ[f"REAL_{_name}"] = os.environ.pop(_name)
