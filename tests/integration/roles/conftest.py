# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles only chain modules, so tests of them that suit each version of the agent run at the older one only if slow."""

from __future__ import annotations

import pytest


@pytest.fixture(name="version", params=[pytest.param("4.2.5.0", marks=pytest.mark.slow), "4.5.0.0"])
def fixture_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)
