# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of `obshell_fleet_info` as a table of text. Pure."""

from __future__ import annotations

import textwrap
import typing as t

from ..module_utils._module.printable import one_line
from ._fleet_view import ClusterRow, DagRow, Result, cluster_rows, summary

WIDTH = 100
# The largest width of each column. The first one has what the others leave of WIDTH, which is at least 18.
COLUMNS = {"CLUSTER": WIDTH, "AGENTS": 12, "IDENTITY": 16, "VERSION": 12, "DATABASE": 8, "DAGS": 24}
GAP = "  "
CUT = "..."


def fleet_table(fleet: Result) -> str:
    """Write one row for each cluster, and below it its DAGs and what could not be read.

    :param fleet: the result of `obshell_fleet_info`.
    """
    clusters = cluster_rows(fleet)
    cells = [list(COLUMNS), *([*_cells(cluster)] for cluster in clusters)]
    first, *others = (max(map(len, column)) for column in zip(*cells))
    widths = [min(first, WIDTH - sum(others) - len(others) * len(GAP)), *others]
    lines = [summary(fleet), "", _join(cells[0], widths)]
    for row, cluster in zip(cells[1:], clusters):
        lines += [_join(row, widths), *_details(cluster)]
    return "\n".join(lines)


def _cells(cluster: ClusterRow) -> t.Iterator[str]:
    for cell, width in zip(cluster, COLUMNS.values()):
        yield _cut(one_line(str(cell)), width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - len(CUT)] + CUT


def _details(cluster: ClusterRow) -> t.Iterator[str]:
    for text in (*map(_dag_text, cluster.dags), *cluster.problems):
        yield from textwrap.wrap(text, WIDTH, initial_indent=GAP, subsequent_indent=GAP * 2)


def _dag_text(dag: DagRow) -> str:
    return (
        f"{dag.name} ({dag.id}): {dag.state}/{dag.operator} at stage {dag.stage}, age {dag.age}, allowed operators: "
        f"{dag.operators}"
    )


def _join(cells: t.Sequence[str], widths: t.Sequence[int]) -> str:
    return GAP.join(_cut(cell, width).ljust(width) for cell, width in zip(cells, widths)).rstrip()
