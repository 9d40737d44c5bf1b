# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of an agent of seekdb; it upgrades itself by the same kinds as an agent of OceanBase."""

from __future__ import annotations

from ..model import Dag
from .definition import (
    ALWAYS,
    CANCEL,
    GLOBAL,
    HALF_DONE,
    MAY_BE_IN_USE,
    PASS,
    PASS_NODE,
    RETRY,
    ROLLBACK,
    Context,
    Kind,
    allow,
    ask,
    matches,
    refuse,
)

# Source: the agent's `StartObserverTask.Rollback`, which a RETRY runs first; only a node that stops seekdb sets the ID.
_NEVER_WORKS = (
    "it fails each time: the agent does not have the process ID that it needs. Correct the cause, clear this DAG with "
    "PASS, and start seekdb again with `obshell seekdb start`"
)
_AS_IT_IS = "ends the DAG; seekdb stays up or down, as it is"

START = Kind(
    names=("Start seekdb", "Start local seekdb"),
    nodes={"Start seekdb": "TBPC"},
    rules=(
        refuse(ROLLBACK, _NEVER_WORKS),
        refuse(RETRY, _NEVER_WORKS),
        *(ask(operator, HALF_DONE, _AS_IT_IS) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, _AS_IT_IS),
    ),
    lock=GLOBAL,
    released=ALWAYS,
)


def had_nothing_to_stop(dag: Dag, _context: Context) -> bool:
    """A restart of a seekdb that is down only has the node that starts it."""
    return not any(matches(node.name, ("Stop seekdb",)) for node in dag.nodes)


STOP = Kind(
    names=("Stop seekdb", "Stop local seekdb", "Restart seekdb"),
    nodes={"Minor freeze before stop server": "TBPC", "Stop seekdb": "TPC", "Start seekdb": "TBPC"},
    rules=(
        refuse(ROLLBACK, "a stopped seekdb is not put back; start it"),
        refuse(RETRY, _NEVER_WORKS, at=("Start seekdb",), when=had_nothing_to_stop),
        allow(RETRY, "repeats the failed step and continues"),
        ask(PASS, HALF_DONE, _AS_IT_IS),
        ask(PASS_NODE, HALF_DONE, "skips the failed step and continues"),
        ask(CANCEL, HALF_DONE, "seekdb may be stopped and not started again", at=("Start seekdb",)),
        allow(CANCEL, _AS_IT_IS),
    ),
    lock=GLOBAL,
    released=ALWAYS,
)
SWITCHOVER = Kind(
    names=("Switchover",),
    nodes={
        "SwitchoverPreCheck": "TPC",
        "SwitchoverSetLogRestoreSource": "TPC",
        "SwitchoverPrimaryToStandby": "TPC",
        "SwitchoverStandbyToPrimary": "TPC",
        "SwitchoverPostCheck": "TPC",
    },
    rules=(
        refuse(ROLLBACK, "roles are not switched back; RETRY it"),
        allow(RETRY, "repeats the failed step; until it succeeds both sides may be standby"),
        ask(PASS, HALF_DONE, "the DAG shows success, but both sides may stay standby"),
        ask(PASS_NODE, HALF_DONE, "the roles are switched, but not checked", at=("SwitchoverPostCheck",)),
        refuse(PASS_NODE, "the DAG would continue with a role that is not switched; RETRY it"),
        ask(CANCEL, HALF_DONE, "both sides may stay standby until RETRY"),
    ),
    lock=GLOBAL,
    released=ALWAYS,
)
_TWO_PRIMARIES = "if the old primary is up, there are two primaries"
ACTIVATE = Kind(
    names=("Activate",),
    nodes={"ActivatePreCheck": "TPC", "Activate": "TPC", "ActivateCleanupMeta": "TPC"},
    rules=(
        refuse(ROLLBACK, "an activated standby does not become a standby again"),
        ask(RETRY, MAY_BE_IN_USE, _TWO_PRIMARIES),
        ask(PASS, MAY_BE_IN_USE, _TWO_PRIMARIES),
        refuse(PASS_NODE, "the DAG would clean up after a standby that is not activated; RETRY it", at=("Activate",)),
        ask(PASS_NODE, (HALF_DONE, MAY_BE_IN_USE), _TWO_PRIMARIES),
        ask(CANCEL, HALF_DONE, "the standby may be activated already"),
    ),
    lock=GLOBAL,
    released=ALWAYS,
)

KINDS = (START, STOP, SWITCHOVER, ACTIVATE)
