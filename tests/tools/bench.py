# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the benchmark, with the official SDK installed into an environment of its own in `.build/bench`."""

from __future__ import annotations

import os
import subprocess
import sys
import venv

from environment import BUILD, ROOT, tool_environment

SDK = BUILD / "bench"
REQUIREMENTS = ROOT / "tests/requirements/bench.txt"


def main() -> int:
    stamp = SDK / "installed"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(SDK, clear=True, symlinks=True, with_pip=True)
        pip = [str(SDK / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], env=dict(os.environ), check=True)
        stamp.write_text(wanted, encoding="utf-8")
    module = "ansible_collections.oceanbase.obshell.tests.benchmark"
    return subprocess.run(
        [sys.executable, "-m", module, *sys.argv[1:]], cwd=ROOT, env=tool_environment(), check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
