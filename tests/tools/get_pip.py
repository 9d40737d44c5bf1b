# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the pip installer that ansible-test would download: the same result from the Python that runs it.

ansible-test runs it in a new virtual environment, with packages to install and options that only the original knows.
"""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess
import sys

packages = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
pip = [sys.executable, "-m", "pip"]
if importlib.util.find_spec("ensurepip"):
    # A process of its own: ensurepip turns off all settings of pip for the process that it runs in.
    subprocess.run([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL, check=True)
else:
    # The pip of the checkout, working for the Python that runs this. What ansible-test runs is a link to this file.
    own = pathlib.Path(__file__).resolve().parents[2] / ".venv/bin/python"
    pip = [str(own), "-m", "pip", "--python", sys.executable]
if packages:
    subprocess.run([*pip, "--disable-pip-version-check", "install", "--quiet", *packages], check=True)
