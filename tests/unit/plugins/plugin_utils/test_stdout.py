# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which callbacks write for people, and which for programs."""

from __future__ import annotations

import typing as t

import pytest
from ansible import constants, context
from ansible.plugins.callback import CallbackBase
from ansible.plugins.callback.default import CallbackModule as DefaultCallback
from ansible.plugins.loader import callback_loader
from ansible_collections.oceanbase.obshell.plugins.plugin_utils import _stdout

PLAYBOOK = {"start_at_task": None}
AD_HOC = {"one_line": False}


class Derived(DefaultCallback):  # type: ignore[misc]
    """As those of `ansible.posix.debug`, `community.general.yaml` and ansible-runner."""


class OfItsOwn(CallbackBase):  # type: ignore[misc]
    """As that of `ansible.posix.json`."""


@pytest.mark.parametrize(
    ("arguments", "callback", "enabled", "expected"),
    [
        (PLAYBOOK, "default", False, True),
        (PLAYBOOK, "derived", False, True),
        (PLAYBOOK, "minimal", False, False),
        (PLAYBOOK, "oneline", False, False),
        (PLAYBOOK, "its own", False, False),
        (PLAYBOOK, "missing", False, False),
        # `ansible` and `ansible-console` use the callback that is set only if callbacks are enabled for them.
        (AD_HOC, "default", False, False),
        (AD_HOC, "default", True, False),
        (AD_HOC, "derived", False, False),
        (AD_HOC, "derived", True, True),
        ({"one_line": True}, "derived", True, False),
        ({}, "default", False, False),
    ],
)
def test_stdout_is_for_people(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, t.Any], callback: str, enabled: bool, expected: bool
) -> None:
    own = {"derived": Derived, "its own": OfItsOwn, "missing": None}
    get = callback_loader.get

    def get_class(name: str, class_only: bool) -> t.Any:
        return own[name] if name in own else get(name, class_only=class_only)

    monkeypatch.setattr(callback_loader, "get", get_class)
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback)
    monkeypatch.setattr(constants, "DEFAULT_LOAD_CALLBACK_PLUGINS", enabled)
    monkeypatch.setattr(context, "CLIARGS", arguments)
    assert _stdout.stdout_is_for_people() is expected
