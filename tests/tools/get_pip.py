# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the pip installer that ansible-test would download: the same result from the Python that runs it.

ansible-test runs it in a new virtual environment, with packages to install and options that only the original knows.
"""

from __future__ import annotations

import subprocess
import sys

# A process of its own: ensurepip turns off all settings of pip for the process that it runs in.
subprocess.run([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL, check=True)
packages = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
if packages:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *packages], check=True)
