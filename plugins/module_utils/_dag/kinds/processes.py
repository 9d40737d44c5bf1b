# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that start, stop and kill the observers of a cluster, and inspect it."""

from __future__ import annotations

from .definition import (
    ALWAYS,
    CANCEL,
    GLOBAL,
    HALF_DONE,
    JOB_CONTINUES,
    OBSERVER_KILL,
    PASS,
    PASS_NODE,
    RETRY,
    ROLLBACK,
    Kind,
    allow,
    ask,
    refuse,
)

START_SUB, STOP_SUB = "Start observer", "Stop observer"
_NEW_REQUEST = "start or stop the cluster again with forcePassDag, or PASS each failed part of it"

MAIN = Kind(
    names=("Start OB", "Stop OB"),
    nodes={
        "Inform all agents to start observer": "C",
        "Inform all agents to prepare to stop observer": "C",
        "Make sure all agents are ready": "C",
        "Advance agents to execute the task": "C",
        "Wait for all agents to execute tasks successfully": "C",
        "Execute stop sql": "C",
        "Minor freeze before stop server": "TBPC",
        "Start Zone": "TC",
        "Inform all agents to end the task": "C",
    },
    rules=(
        refuse(ROLLBACK, f"started and stopped observers are not put back; {_NEW_REQUEST}"),
        ask(
            RETRY,
            HALF_DONE,
            "repeats the failed step, and fails later, because its parts have ended",
            at=("Start Zone", "Minor freeze before stop server"),
        ),
        refuse(RETRY, f"a part that has ended is not repeated; {_NEW_REQUEST}"),
        refuse(PASS, f"the agents of its failed parts would stay locked; {_NEW_REQUEST}"),
        refuse(PASS_NODE, f"its parts have ended, so it fails at a later step; {_NEW_REQUEST}"),
        ask(
            CANCEL,
            (HALF_DONE, JOB_CONTINUES),
            "some observers stay up and some down, the parts that already run are not stopped, and their agents stay "
            "locked until the parts are passed",
        ),
    ),
)

_PART_NODES = {
    "Start preparations": "TPC",
    "Check ob process and config": "PC",
    "Execute start observer sql": "PC",
    "Wait for task to end": "PC",
}
_OUTSIDE = "the part would continue outside of the main DAG; PASS the whole DAG, which frees its agent"
_FREES = "frees its agent; the observer stays as it is"

PART_OF_START = Kind(
    names=(START_SUB,),
    nodes={**_PART_NODES, "Start observer": "TBPC"},
    rules=(
        refuse(ROLLBACK, "the observer would be killed"),
        ask(RETRY, HALF_DONE, "starts the observer outside of the main DAG, which does not continue"),
        allow(PASS, _FREES),
        refuse(PASS_NODE, _OUTSIDE),
        allow(CANCEL, "stops this part; its agent stays locked until PASS"),
    ),
    lock=GLOBAL,
    is_part=True,
)
PART_OF_STOP = Kind(
    names=(STOP_SUB,),
    nodes={**_PART_NODES, "Stop observer": "TPC"},
    rules=(
        refuse(ROLLBACK, "a stopped observer is not started again by it"),
        refuse(RETRY, "it kills the observer outside of the main DAG, or waits again for a main DAG that has ended"),
        allow(PASS, _FREES),
        refuse(PASS_NODE, _OUTSIDE),
        allow(CANCEL, "stops this part; its agent stays locked until PASS"),
    ),
    lock=GLOBAL,
    is_part=True,
)

_REMAINS_UNKNOWN = "nothing is done; the observer stays up or down, as it is"
_NOT_UNDONE = "a started, stopped or killed observer is not put back"
KILL_REMOTE = Kind(
    names=("Kill observer",),
    nodes={"Kill observer": "TPC"},
    rules=(
        refuse(ROLLBACK, _NOT_UNDONE),
        ask(RETRY, OBSERVER_KILL, "kills the observer of {agents} with kill -9"),
        *(ask(operator, HALF_DONE, _REMAINS_UNKNOWN) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, _REMAINS_UNKNOWN),
    ),
    lock=GLOBAL,
    released=ALWAYS,
)
START_REMOTE = Kind(
    names=("Start observer for scale in rollback",),
    nodes={"Start observer for scale in rollback": "TPC"},
    rules=(
        refuse(ROLLBACK, _NOT_UNDONE),
        allow(RETRY, "starts the observer of {agents} again"),
        *(ask(operator, HALF_DONE, _REMAINS_UNKNOWN) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, _REMAINS_UNKNOWN),
    ),
    lock=GLOBAL,
    released=ALWAYS,
)
START_LOCAL = Kind(
    names=("Start local observer",),
    nodes={
        "Check ob process and config": "PC",
        "Start observer": "TBPC",
        "Get connection of observer": "P",
    },
    rules=(
        refuse(ROLLBACK, _NOT_UNDONE),
        allow(RETRY, "starts the observer of {agents} again"),
        *(ask(operator, HALF_DONE, _REMAINS_UNKNOWN) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, _REMAINS_UNKNOWN),
    ),
)
STOP_LOCAL = Kind(
    names=("Stop local observer",),
    nodes={"Stop observer": "TPC"},
    rules=(
        refuse(ROLLBACK, _NOT_UNDONE),
        ask(RETRY, OBSERVER_KILL, "kills the observer of {agents} with kill -9"),
        *(ask(operator, HALF_DONE, _REMAINS_UNKNOWN) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, _REMAINS_UNKNOWN),
    ),
)

INSPECTION = Kind(
    names=("Cluster inspection",),
    nodes={
        "Install Obdiag": "TPC",
        "Generate Inspection Config": "TPC",
        "Inspection Task": "TPC",
        "Generate Inspection Report": "TPC",
    },
    rules=(
        refuse(ROLLBACK, "an inspection changes nothing that could be undone"),
        allow(RETRY, "repeats the failed step of the inspection"),
        allow(PASS, "ends the inspection without its report"),
        ask(PASS_NODE, HALF_DONE, "the inspection shows success without the failed step"),
        allow(CANCEL, "stops the inspection"),
    ),
)

KINDS = (MAIN, PART_OF_START, PART_OF_STOP, KILL_REMOTE, START_REMOTE, START_LOCAL, STOP_LOCAL, INSPECTION)
