# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that show a fleet; what they show is tested beside plugin_utils."""

from __future__ import annotations

from ansible_collections.oceanbase.obshell.plugins.filter import fleet_page, fleet_table

from ..plugin_utils.fleet_result import FLEET

FILTERS = {**fleet_table.FilterModule().filters(), **fleet_page.FilterModule().filters()}


def test_each_filter_shows_the_clusters_in_its_own_form() -> None:
    assert FILTERS["fleet_table"](FLEET).startswith("Clusters: 3, ")
    page = FILTERS["fleet_page"](FLEET)
    assert page.lower().startswith("<!doctype html>") and "Initialize cluster" in page
