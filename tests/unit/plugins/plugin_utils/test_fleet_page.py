# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of clusters as a page: one part for each cluster, every text escaped."""

from __future__ import annotations

import copy

from ansible_collections.oceanbase.obshell.plugins.plugin_utils._fleet_page import fleet_page

from .fleet_result import FLEET, REFUSED


def test_a_part_for_each_cluster_with_its_dags_and_problems() -> None:
    page = fleet_page(FLEET)
    assert page.count("<tbody>") == len(FLEET["clusters"])
    for text in ("a_name_of_more_than_twenty_characters", "FAILED/RUN", "23221225985028864", "2 h 5 min", REFUSED):
        assert page.count(text) == 1
    assert "ROLLBACK (accept data_removal), RETRY" in page
    assert "1 failed, 1 running?" in page


def test_every_text_is_escaped() -> None:
    fleet = copy.deepcopy(FLEET)
    fleet["clusters"][1]["name"] = fleet["clusters"][1]["dags"][0]["name"] = fleet["agents"][3]["msg"] = (
        "<script>x</script>"
    )
    page = fleet_page(fleet)
    assert "<script" not in page
    assert page.count("&lt;script&gt;x&lt;/script&gt;") == 3
