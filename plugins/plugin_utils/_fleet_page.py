# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of `obshell_fleet_info` as one self-contained HTML page."""

from __future__ import annotations

from ._fleet_view import Result, cluster_rows, summary
from ._report import render


def fleet_page(fleet: Result) -> str:
    """Render one table of all clusters, with their DAGs and with what could not be read.

    :param fleet: the result of `obshell_fleet_info`.
    """
    return render("fleet.html.j2", title="OceanBase clusters", summary=summary(fleet), clusters=cluster_rows(fleet))
