# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git knows all that users run: other checks read the checkout, and pass with a file that nobody else will get.

And what the tools leave in the checkout lies where `make clean` finds it.
"""

from __future__ import annotations

import subprocess

from environment import BUILD, ROOT, VENV_BIN, tool_environment


def test_no_plugin_or_role_waits_for_git_add() -> None:
    command = ["git", "ls-files", "--others", "--exclude-standard", "plugins", "roles", "playbooks", "meta"]
    done = subprocess.run(command, cwd=ROOT, env=tool_environment(), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == []


def test_ruff_keeps_what_it_knows_where_make_clean_finds_it() -> None:
    """Also for those who run it by make format, by a hook of git, or by hand."""
    command = [str(VENV_BIN / "ruff"), "check", "--show-settings", str(ROOT / "noxfile.py")]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert f'cache_dir = "{BUILD / "cache/ruff"}"' in done.stdout
