# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What antsibull-nox checks of the collection: .build/nox/bin/nox --no-venv"""

from __future__ import annotations

import antsibull_nox
import nox

nox.options.envdir = ".build/nox-sessions"
antsibull_nox.load_antsibull_nox_toml()
