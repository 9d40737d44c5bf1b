# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git knows all that users run: other checks read the checkout, and pass with a file that nobody else will get."""

from __future__ import annotations

import subprocess

from environment import ROOT, tool_environment


def test_no_plugin_or_role_waits_for_git_add() -> None:
    command = ["git", "ls-files", "--others", "--exclude-standard", "plugins", "roles", "playbooks", "meta"]
    done = subprocess.run(command, cwd=ROOT, env=tool_environment(), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == []
