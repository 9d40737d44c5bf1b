# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other DAGs, and time, mean for an operator: locks that another DAG holds, tenants that are in use. Pure.

The agent frees a lock without looking whose it is, so an operator on an old DAG can unlock what another DAG works on.
"""

from __future__ import annotations

from ..._ids import GenericId
from ..model import Dag, parse_time
from .definition import ALWAYS, CANCEL, GLOBAL, NEVER, NO_LOCK, OBPROXY, PASS, TENANT, Context, Kind, parameter
from .table import find_kind, main_dag_id

# `maintenance_type` of the API, from 4.3.2 on.
LOCKS = {1: NO_LOCK, 2: GLOBAL, 3: TENANT, 4: OBPROXY}
# After this time somebody may have completed by hand what a failed DAG left, and use it.
MAX_AGE = 3600


def part_refusal(dag: Dag, kind: Kind, context: Context) -> str:
    """Refuse every operator on a part of another DAG, unless that one is known to have ended."""
    if not kind.is_part:
        return ""
    main = main_dag_id(dag) or "(unknown)"
    if context.main is None or context.main.id != main:
        return f"it is a part of DAG {main}, which cannot be read, and may be waiting for it"
    return (
        "" if context.main.finished else f"it is a part of {context.main.label}, which is unfinished: operate that one"
    )


def lock_refusal(dag: Dag, kind: Kind | None, operator: str, context: Context) -> str:
    """Refuse an operator that would free, take or ignore the lock of another DAG."""
    if not needs_others(dag, kind, operator):
        return ""
    if context.others is None:
        unlocks = operator == PASS and _gives_back(dag, kind)
        return "it would free a lock, and it is not known whether another DAG holds it" if unlocks else ""
    blocker = next((other for other in context.others if _blocks(dag, kind, other)), None)
    if blocker is None:
        return ""
    return f"another DAG has the same lock, or had it since: {blocker}. Operate that one, or start a new DAG afterwards"


def others_unknown(dag: Dag, kind: Kind | None, operator: str, context: Context) -> bool:
    """Whether it must be known, and is not, which other DAGs there are."""
    return context.others is None and needs_others(dag, kind, operator)


def may_be_in_use(dag: Dag, kind: Kind | None, context: Context) -> bool:
    """Whether a DAG of a tenant failed so long ago, or at an unknown time, that the tenant may be in use."""
    if lock_of(dag, kind) != TENANT:
        return False
    ended = parse_time(str(dag.raw.get("end_time")))
    return context.now is None or ended is None or context.now - ended > MAX_AGE


def lock_of(dag: Dag, kind: Kind | None) -> str:
    """What a DAG locks, by the API or by its kind; what is unknown may lock everything."""
    by_kind = kind.lock if kind else GLOBAL
    by_api = dag.raw.get("maintenance_type")
    return LOCKS.get(by_api, by_kind) if isinstance(by_api, int) else by_kind


def tenant_of(dag: Dag, kind: Kind | None) -> str:
    """The tenant that a DAG is about, or "" if that is unknown."""
    return str(dag.raw.get("maintenance_key") or "") or parameter(dag.name, kind.names if kind else ())


def needs_others(dag: Dag, kind: Kind | None, operator: str) -> bool:
    """Whether other DAGs matter. OBProxy DAGs are in no list; only one that failed in its first stage has no lock."""
    lock = lock_of(dag, kind)
    if operator == CANCEL or lock == NO_LOCK or (kind and kind.checks_successors):
        return False
    return lock != OBPROXY or _gives_back(dag, kind)


def _gives_back(dag: Dag, kind: Kind | None) -> bool:
    """Whether a DAG, once it failed, has no lock any more."""
    released = kind.released if kind else ALWAYS
    return released == ALWAYS or (released != NEVER and dag.stage <= 1)


def _blocks(dag: Dag, kind: Kind | None, other: Dag) -> bool:
    other_kind = find_kind(other)
    other_lock = lock_of(other, other_kind)
    mine, others = GenericId.parse(dag.id), GenericId.parse(other.id)
    same_series = (mine.kind, mine.agent) == (others.kind, others.agent)
    if other.id == dag.id or other_lock == NO_LOCK or not same_series:
        return False
    holds = not other.finished or (other.state == "FAILED" and not _gives_back(other, other_kind))
    if lock_of(dag, kind) == TENANT:
        if other_lock == GLOBAL:
            return holds
        tenants = {tenant_of(dag, kind), tenant_of(other, other_kind)}
        if len(tenants) == 2 and "" not in tenants:
            return False
    return others.number > mine.number or not other.finished or (holds and _gives_back(dag, kind))
