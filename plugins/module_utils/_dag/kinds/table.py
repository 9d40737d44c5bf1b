# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of kinds, and which kind a DAG is. Pure.

Sources: recordings of agents 4.2.5 to 4.5.0, and the agent's source of 4.5.0.
"""

from __future__ import annotations

from ..model import Dag
from . import backups, clusters, obproxies, processes, seekdb, servers, tenants, upgrades
from .definition import Kind, matches

KINDS: tuple[Kind, ...] = (
    *clusters.KINDS,
    *processes.KINDS,
    *servers.KINDS,
    *upgrades.KINDS,
    *tenants.KINDS,
    *backups.KINDS,
    *obproxies.KINDS,
    *seekdb.KINDS,
)


def find_kind(dag: Dag) -> Kind | None:
    """Find the kind of a DAG by its name, and by whether another DAG started it as a part of itself."""
    named = [kind for kind in KINDS if matches(dag.name, kind.names)]
    if len(named) > 1:
        named = [kind for kind in named if kind.is_part == bool(main_dag_id(dag))]
    return named[0] if named else None


def main_dag_id(dag: Dag) -> str:
    """The ID of the DAG that started this one as a part of itself, or ""."""
    additional = dag.raw.get("additional_data")
    return str((isinstance(additional, dict) and additional.get("main_dag_id")) or "")
