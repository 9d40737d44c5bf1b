# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A version has the features of all versions up to it."""

from __future__ import annotations

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Simulator
from ansible_collections.oceanbase.obshell.tests.simulator.core.version import Version


@pytest.mark.parametrize(
    ("name", "body_encryption", "agent_password", "error_codes", "key_bits"),
    [
        ("4.2.2.0", False, False, False, 512),
        ("4.2.5.0", True, False, False, 512),
        ("4.2.6.0", True, True, False, 512),
        ("4.2.10.0", True, True, False, 512),
        ("4.3.2.0", True, True, True, 512),
        ("4.4.2.0", True, True, True, 1024),
        ("4.5.0.0", True, True, True, 1024),
    ],
)
def test_features(name: str, body_encryption: bool, agent_password: bool, error_codes: bool, key_bits: int) -> None:
    version = Version(name)
    assert (version.body_encryption, version.agent_password) == (body_encryption, agent_password)
    assert (version.error_codes, version.key_bits) == (error_codes, key_bits)
    assert Version.agent_password.is_in(version) == agent_password


@pytest.mark.parametrize("name", ["4.2.1.9", "4.5.0.1", "4.10.0.0", "4.5", "latest", ""])
def test_what_cannot_be_simulated(name: str) -> None:
    with pytest.raises(ValueError, match="agent version"):
        Version(name)


@pytest.mark.parametrize(("name", "supported"), [("4.2.2.9", "v1"), ("4.2.3.0", "v2"), ("4.5.0.0", "v2")])
def test_a_version_says_which_authentication_it_supports(name: str, supported: str) -> None:
    with Simulator([AgentSpec(version=name)], speed=0) as simulator:
        assert simulator.agents[0].call("GET", "/api/v1/info")[1]["data"]["supportedAuth"] == [supported]
