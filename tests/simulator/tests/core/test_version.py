# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A version has the features of all versions up to it."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator.core.version import Version


@pytest.mark.parametrize(
    ("name", "agent_password", "error_codes", "key_bits"),
    [
        ("4.2.5.0", False, False, 512),
        ("4.2.6.0", True, False, 512),
        ("4.3.2.0", True, True, 512),
        ("4.4.2.0", True, True, 1024),
        ("4.10.0.0", True, True, 1024),
    ],
)
def test_features(name: str, agent_password: bool, error_codes: bool, key_bits: int) -> None:
    version = Version(name)
    assert (version.agent_password, version.error_codes, version.key_bits) == (agent_password, error_codes, key_bits)
    assert Version.agent_password.is_in(version) == agent_password
